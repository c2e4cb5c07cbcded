package plant_test

import (
	"strings"
	"testing"
	"time"

	"andon/plant"
)

func threeShifts() plant.CalendarConfig {
	week := []string{"mon", "tue", "wed", "thu", "fri"}
	return plant.CalendarConfig{Name: "packing", Zone: "Europe/Berlin", Shifts: []plant.ShiftConfig{
		{Name: "Early", Days: week, From: "06:00", To: "14:00", Breaks: []plant.BreakConfig{{Name: "lunch", From: "09:30", To: "09:40"}}},
		{Name: "Late", Days: week, From: "14:00", To: "22:00"},
		{Name: "Night", From: "22:00", To: "06:00", Breaks: []plant.BreakConfig{{Name: "tea", From: "02:30", To: "02:45"}}},
	}}
}

func calendar(t *testing.T, c plant.CalendarConfig) *plant.Calendar {
	t.Helper()
	cal, err := plant.NewCalendar(c, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func utc(s string) plant.Instant {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return plant.At(t)
}

func TestShiftAtAnInstant(t *testing.T) {
	cal := calendar(t, threeShifts())
	for _, c := range []struct{ at, name, from, to string }{
		{"2026-03-02T08:00:00Z", "Early", "2026-03-02T05:00:00Z", "2026-03-02T13:00:00Z"},
		{"2026-03-02T13:00:00Z", "Late", "2026-03-02T13:00:00Z", "2026-03-02T21:00:00Z"},
		{"2026-03-03T04:59:59Z", "Night", "2026-03-02T21:00:00Z", "2026-03-03T05:00:00Z"},
		{"2026-03-07T08:00:00Z", "", "", ""}, // Saturday morning
		{"2026-03-08T02:00:00Z", "Night", "2026-03-07T21:00:00Z", "2026-03-08T05:00:00Z"},
	} {
		s, ok := cal.ShiftAt(utc(c.at))
		if s.Name != c.name || ok != (c.name != "") || ok && (s.From != utc(c.from) || s.To != utc(c.to)) {
			t.Errorf("shift at %s: got %q %v to %v, want %q %s to %s", c.at, s.Name, s.From, s.To, c.name, c.from, c.to)
		}
	}
}

func TestNightsOfBothTimeChanges(t *testing.T) {
	cal := calendar(t, threeShifts())
	for _, c := range []struct {
		at             string
		seconds        float64
		breakFrom      string
		secondsOfBreak float64
	}{
		{at: "2026-03-27T23:00:00Z", seconds: 28800, breakFrom: "2026-03-28T01:30:00Z", secondsOfBreak: 900},
		{at: "2026-03-28T23:00:00Z", seconds: 25200}, // the break from 02:30 to 02:45 is skipped
		{at: "2026-10-24T23:00:00Z", seconds: 32400, breakFrom: "2026-10-25T00:30:00Z", secondsOfBreak: 900},
	} {
		s, _ := cal.ShiftAt(utc(c.at))
		if got := s.Interval().Duration().Seconds(); s.Name != "Night" || got != c.seconds {
			t.Errorf("shift %q at %s lasts %v s, want Night %v s", s.Name, c.at, got, c.seconds)
		}
		breaks := cal.Breaks(s.Interval())
		if c.breakFrom == "" {
			if len(breaks) != 0 {
				t.Errorf("breaks of the night of %s: got %v, want none", c.at, breaks)
			}
			continue
		}
		if len(breaks) != 1 || breaks[0].From != utc(c.breakFrom) || breaks[0].To.Sub(breaks[0].From).Seconds() != c.secondsOfBreak {
			t.Errorf("breaks of the night of %s: got %v, want one from %s", c.at, breaks, c.breakFrom)
		}
	}
}

func TestShiftThatBeginsInTheGapBeginsAtTheNextInstant(t *testing.T) {
	c := threeShifts()
	c.Shifts = []plant.ShiftConfig{{Name: "odd", From: "02:30", To: "10:30"}, {Name: "eve", From: "23:00", To: "02:15"}}
	cal := calendar(t, c)
	day := plant.Interval{From: utc("2026-03-28T20:00:00Z"), To: utc("2026-03-29T12:00:00Z")}
	shifts := cal.Shifts(day)
	if len(shifts) != 2 || shifts[0].To != utc("2026-03-29T01:00:00Z") || shifts[1].From != utc("2026-03-29T01:00:00Z") {
		t.Errorf("got %v, want both to meet at 2026-03-29T01:00:00Z", shifts)
	}
	// In autumn 02:30 comes twice; the first counts.
	autumn, _ := cal.ShiftAt(utc("2026-10-25T05:00:00Z"))
	if want := utc("2026-10-25T00:30:00Z"); autumn.From != want {
		t.Errorf("got start %v, want %v", autumn.From, want)
	}
}

func TestHolidaysAndExtraShifts(t *testing.T) {
	c := threeShifts()
	c.Exceptions = []plant.ExceptionConfig{
		{Name: "Christmas", From: "2026-12-24", To: "2026-12-26"},
		{Name: "rush", From: "2026-12-19", Shifts: []string{"Early"}}, // a Saturday
	}
	cal := calendar(t, c)
	for _, d := range []struct{ at, want string }{
		{"2026-12-23T23:00:00Z", "Night"}, // began on the 23rd
		{"2026-12-24T10:00:00Z", ""}, {"2026-12-26T22:00:00Z", ""},
		{"2026-12-27T22:00:00Z", "Night"},
		{"2026-12-19T10:00:00Z", "Early"}, {"2026-12-19T22:00:00Z", ""},
	} {
		if s, _ := cal.ShiftAt(utc(d.at)); s.Name != d.want {
			t.Errorf("at %s: got shift %q, want %q", d.at, s.Name, d.want)
		}
	}
}

func TestShiftsAndBreaksOverlappingAnInterval(t *testing.T) {
	cal := calendar(t, threeShifts())
	v := plant.Interval{From: utc("2026-03-02T12:59:59Z"), To: utc("2026-03-03T05:00:00Z")}
	var names []string
	for _, s := range cal.Shifts(v) {
		names = append(names, s.Name)
	}
	if got, want := strings.Join(names, " "), "Early Late Night"; got != want {
		t.Errorf("got shifts %s, want %s", got, want)
	}
	if got := cal.Breaks(plant.Interval{From: utc("2026-03-02T08:40:00Z"), To: utc("2026-03-02T13:00:00Z")}); len(got) != 0 {
		t.Errorf("got breaks %v, want none: lunch ends at 08:40Z", got)
	}
	got := cal.Breaks(plant.Interval{From: utc("2026-03-02T08:39:59Z"), To: utc("2026-03-02T08:40:00Z")})
	if len(got) != 1 || got[0].Name != "lunch" || got[0].From != utc("2026-03-02T08:30:00Z") || got[0].Shift != "Early" {
		t.Errorf("got breaks %v, want lunch of Early", got)
	}
	if got := cal.Shifts(plant.Interval{From: v.To, To: v.From}); got != nil {
		t.Errorf("got %v for a reversed interval, want none", got)
	}
}

func TestProductionDayBeginsWithTheFirstShift(t *testing.T) {
	cal := calendar(t, threeShifts())
	for _, c := range []struct{ at, date, from, to string }{
		{"2026-03-02T08:00:00Z", "2026-03-02", "2026-03-02T05:00:00Z", "2026-03-03T05:00:00Z"},
		{"2026-03-03T04:59:59Z", "2026-03-02", "2026-03-02T05:00:00Z", "2026-03-03T05:00:00Z"},
		{"2026-03-28T12:00:00Z", "2026-03-28", "2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z"},
		{"2026-10-24T12:00:00Z", "2026-10-24", "2026-10-24T04:00:00Z", "2026-10-25T05:00:00Z"},
	} {
		d := cal.Day(utc(c.at))
		if d.Date != c.date || d.From != utc(c.from) || d.To != utc(c.to) {
			t.Errorf("day of %s: got %s %v to %v, want %s %s to %s", c.at, d.Date, d.From, d.To, c.date, c.from, c.to)
		}
	}
}

func TestOverlappingShiftsGoToTheOneThatBeganLast(t *testing.T) {
	cal := calendar(t, plant.CalendarConfig{Name: "c", Shifts: []plant.ShiftConfig{
		{Name: "day", From: "00:00", To: "24:00"}, {Name: "core", From: "09:00", To: "12:00"}}})
	for at, want := range map[string]string{"2026-03-02T08:59:59Z": "day", "2026-03-02T09:00:00Z": "core", "2026-03-02T12:00:00Z": "day"} {
		if s, _ := cal.ShiftAt(utc(at)); s.Name != want {
			t.Errorf("at %s: got %q, want %q", at, s.Name, want)
		}
	}
}

func TestCalendarNamesEveryProblem(t *testing.T) {
	c := plant.CalendarConfig{Zone: "Europe/Nowhere", DayStart: "6", Shifts: []plant.ShiftConfig{
		{Days: []string{"mon", "someday"}, From: "06:00", To: "14:60"},
		{Name: "Night", From: "22:00", To: "06:00", Breaks: []plant.BreakConfig{{From: "05:50", To: "06:10"}}}},
		Exceptions: []plant.ExceptionConfig{{From: "24.12.", Shifts: []string{"Noon"}}, {From: "2026-12-26", To: "2026-12-24"}}}
	var got []string
	for _, p := range c.Validate() {
		got = append(got, p.Path)
	}
	want := "name zone day_start shifts[0].name shifts[0].days[1] shifts[0].to shifts[1].breaks[0] " +
		"exceptions[0].from exceptions[0].shifts[0] exceptions[1].to"
	if strings.Join(got, " ") != want {
		t.Errorf("got problems at\n%s, want\n%s", strings.Join(got, " "), want)
	}
	if p := threeShifts().Validate(); len(p) != 0 {
		t.Errorf("got %v for a good calendar", p)
	}
}
