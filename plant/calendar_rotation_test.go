package plant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"pgregory.net/rapid"
)

func TestFourOnFourOff(t *testing.T) {
	cal := calendar(t, plant.CalendarConfig{Name: "c", Zone: "Europe/Berlin", Shifts: []plant.ShiftConfig{
		{Name: "A", From: "06:00", To: "18:00", Rotation: plant.RotationConfig{Cycle: 8, Start: "2026-03-02", On: []int{1, 2, 3, 4}}},
		{Name: "B", From: "06:00", To: "18:00", Rotation: plant.RotationConfig{Cycle: 8, Start: "2026-03-02", On: []int{5, 6, 7, 8}}}}})
	var got strings.Builder
	noon := time.Date(2026, 2, 26, 11, 0, 0, 0, time.UTC) // four days before day 1
	for i := range 60 {                                   // over the change to summer time
		s, ok := cal.ShiftAt(plant.At(noon.AddDate(0, 0, i)))
		if !ok {
			t.Fatalf("day %d: no shift", i)
		}
		got.WriteString(s.Name)
	}
	if want := strings.Repeat("BBBBAAAA", 8)[:60]; got.String() != want {
		t.Errorf("got %s, want %s", got.String(), want)
	}
}

func TestWeeksThatTakeTurns(t *testing.T) {
	cal := calendar(t, plant.CalendarConfig{Name: "c", Zone: "UTC", Shifts: []plant.ShiftConfig{
		{Name: "crew 1", From: "06:00", To: "14:00", Rotation: plant.RotationConfig{Cycle: 14, Start: "2026-03-02", On: []int{1, 2, 3, 4, 5}}},
		{Name: "crew 2", From: "06:00", To: "14:00", Rotation: plant.RotationConfig{Cycle: 14, Start: "2026-03-09", On: []int{1, 2, 3, 4, 5}}}}})
	for at, want := range map[string]string{"2026-03-02T08:00:00Z": "crew 1", "2026-03-07T08:00:00Z": "", "2026-03-09T08:00:00Z": "crew 2",
		"2026-03-20T08:00:00Z": "crew 1", "2026-03-23T08:00:00Z": "crew 2", "2026-02-23T08:00:00Z": "crew 2"} {
		if s, _ := cal.ShiftAt(utc(at)); s.Name != want {
			t.Errorf("at %s: got %q, want %q", at, s.Name, want)
		}
	}
}

func TestANewPatternHoldsFromItsDate(t *testing.T) {
	cal := calendar(t, plant.CalendarConfig{Name: "c", Zone: "UTC", Exceptions: []plant.ExceptionConfig{{From: "2026-06-29", Shifts: []string{"new"}}},
		Shifts: []plant.ShiftConfig{{Name: "old", From: "06:00", To: "14:00", ValidTo: "2026-06-30"},
			{Name: "new", From: "07:00", To: "15:00", ValidFrom: "2026-07-01"}}})
	for at, want := range map[string]string{"2026-06-30T08:00:00Z": "old", "2026-07-01T08:00:00Z": "new", "2026-07-01T06:30:00Z": "",
		"2026-06-29T08:00:00Z": "new"} { // as the exception says
		if s, _ := cal.ShiftAt(utc(at)); s.Name != want {
			t.Errorf("at %s: got %q, want %q", at, s.Name, want)
		}
	}
}

func TestRotationsAndDatesAreChecked(t *testing.T) {
	p := plant.CalendarConfig{Name: "c", Shifts: []plant.ShiftConfig{
		{Name: "a", From: "06:00", To: "14:00", Days: []string{"mon"}, Rotation: plant.RotationConfig{Cycle: 400, Start: "monday", On: []int{0}}},
		{Name: "b", From: "06:00", To: "14:00", ValidFrom: "2026-02-02", ValidTo: "2026-02-01"},
		{Name: "d", From: "06:00", To: "14:00", ValidFrom: "soon", Rotation: plant.RotationConfig{Cycle: 3, Start: "2026-02-01"}}}}.Validate()
	got := p.Err().Error()
	for _, at := range []string{"shifts[0].rotation.cycle", "shifts[0].rotation.start", "shifts[0].rotation.on[0]", "shifts[0].days",
		"shifts[1].valid_to", "shifts[2].valid_from", "shifts[2].rotation.on"} {
		if !strings.Contains(got, at) {
			t.Errorf("got %s, want a problem at %s", got, at)
		}
	}
}

// zones change their clocks in every way there is: by one hour or half of
// one, at midnight, in autumn of the south, or never.
var zones = []string{"Europe/Berlin", "Europe/London", "America/New_York", "America/Santiago", "America/Sao_Paulo", "Australia/Sydney",
	"Australia/Lord_Howe", "Africa/Cairo", "Asia/Tehran", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Chatham"}

func TestShiftsRoundTheClockLeaveNoGapInAnyZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		begin := rapid.SampledFrom([]string{"00:00", "02:00", "02:30", "03:00", "06:00", "22:00"}).Draw(t, "begin")
		middle := rapid.SampledFrom([]string{"01:00", "02:45", "12:00", "14:00", "23:30"}).Draw(t, "middle")
		cal, err := plant.NewCalendar(plant.CalendarConfig{Name: "c", Zone: zone, DayStart: begin, Shifts: []plant.ShiftConfig{
			{Name: "day", From: begin, To: middle}, {Name: "night", From: middle, To: begin}}}, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		from := plant.At(time.Date(rapid.IntRange(2000, 2030).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 1, 0, 0, 0, 0, time.UTC))
		v := plant.Interval{From: from, To: from.Add(40 * 24 * time.Hour)}
		end := plant.Instant(0)
		for _, s := range cal.Shifts(v) {
			if end != 0 && s.From != end {
				t.Fatalf("%s: shift %s begins %s, the one before ended %s", zone, s.Name, s.From, end)
			}
			if end = s.To; s.To < s.From {
				t.Fatalf("%s: shift %s from %s to %s", zone, s.Name, s.From, s.To)
			}
		}
		for day := cal.Day(v.From); day.From < v.To; {
			next := cal.Day(day.To)
			if next.From != day.To || next.Date <= day.Date {
				t.Fatalf("%s: day %+v is followed by %+v", zone, day, next)
			}
			if length := day.To.Sub(day.From); length < 23*time.Hour || length > 25*time.Hour {
				t.Fatalf("%s: day %s lasts %s", zone, day.Date, length)
			}
			day = next
		}
		at := v.From + plant.Instant(rapid.Int64Range(0, int64(v.To-v.From)-1).Draw(t, "at"))
		s, ok := cal.ShiftAt(at)
		if d := cal.Day(at); !ok || at < s.From || at >= s.To || at < d.From || at >= d.To {
			t.Fatalf("%s at %s: got shift %+v of day %+v", zone, at, s, d)
		}
		if !slices.Contains([]string{"day", "night"}, s.Name) {
			t.Fatalf("%s at %s: got %q", zone, at, s.Name)
		}
	})
}
