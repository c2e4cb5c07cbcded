package production_test

import (
	"reflect"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// A night is a shift from 22:00 to 06:00 in which clocks change.
type night struct {
	zone   string
	date   string // local, of its evening
	length time.Duration
}

// nights are both of 2026 in zones of all kinds: those of the southern half,
// with a change of half an hour, with an odd offset from UTC, and those whose
// clocks change at midnight, so that there is none or there are two.
func nights() []night {
	const seven, nine = 7 * time.Hour, 9 * time.Hour
	return []night{
		{"Europe/Berlin", "2026-03-28", seven}, {"Europe/Berlin", "2026-10-24", nine},
		{"Europe/London", "2026-03-28", seven}, {"Europe/London", "2026-10-24", nine},
		{"Atlantic/Azores", "2026-03-28", seven}, {"Atlantic/Azores", "2026-10-24", nine}, // at midnight in spring
		{"America/New_York", "2026-03-07", seven}, {"America/New_York", "2026-10-31", nine},
		{"America/St_Johns", "2026-03-07", seven}, {"America/St_Johns", "2026-10-31", nine}, // UTC-3:30
		{"America/Havana", "2026-03-07", seven}, {"America/Havana", "2026-10-31", nine}, // at midnight
		{"America/Santiago", "2026-09-05", seven}, {"America/Santiago", "2026-04-04", nine}, // at midnight, south
		{"Asia/Beirut", "2026-03-28", seven}, {"Asia/Beirut", "2026-10-24", nine}, // at midnight
		{"Australia/Sydney", "2026-10-03", seven}, {"Australia/Sydney", "2026-04-04", nine},
		{"Australia/Lord_Howe", "2026-10-03", seven + 30*time.Minute}, {"Australia/Lord_Howe", "2026-04-04", nine - 30*time.Minute},
		{"Pacific/Auckland", "2026-09-26", seven}, {"Pacific/Auckland", "2026-04-04", nine},
		{"Pacific/Chatham", "2026-09-26", seven}, {"Pacific/Chatham", "2026-04-04", nine}, // UTC+12:45
	}
}

// nightOf returns the evening of a night at 20:00, and a machine of its zone
// that works in three shifts with a break in the night.
func nightOf(t *testing.T, n night) (evening plant.Instant, a *production.Area, tree *plant.Tree) {
	t.Helper()
	zone, err := time.LoadLocation(n.zone)
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.ParseInLocation(time.DateOnly, n.date, zone)
	if err != nil {
		t.Fatal(err)
	}
	tree, err = plant.NewTree(plant.Config{Site: "s", Zone: n.zone, Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{{Name: "l",
		Equipment: []plant.EquipmentConfig{{Name: "M", Source: "plc", Tags: []plant.TagConfig{{Name: "state", Role: plant.RoleState},
			{Name: "total", Role: plant.RoleTotalCount}, {Name: "reject", Role: plant.RoleRejectCount}}}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := production.DefaultConfig()
	cfg.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{{Name: "Early", From: "06:00", To: "14:00"}, {Name: "Late", From: "14:00", To: "22:00"},
		{Name: "Night", From: "22:00", To: "06:00", Breaks: []plant.BreakConfig{{Name: "tea", From: "04:15", To: "04:30"}}}}}}
	cfg.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "c"}}
	cfg.Products = []production.Product{{Name: "P", Ideal: []production.IdealCycle{{Cycle: 2 * time.Second}}}}
	cfg.Equipment = []production.EquipmentConfig{{Equipment: "s/**", Product: "P"}}
	if a, err = production.New(cfg, tree, tree.Areas[0]); err != nil {
		t.Fatal(err)
	}
	return plant.At(time.Date(day.Year(), day.Month(), day.Day(), 20, 0, 0, 0, zone)), a, tree
}

// work plays fourteen hours: a cycle of 17 minutes with run, a short stop, a
// fault and run again, three seconds a unit, seven minutes without data every
// two hours, and nothing to do while people have tea.
func work(a *production.Area, tree *plant.Tree, from plant.Instant, tea plant.Interval) (end plant.Instant) {
	eq := tree.Equipment()[0]
	end = from + 14*Hour
	told, made := int64(0), int64(0)
	for now := from; now < end; now += second {
		s := int((now - from) / second)
		var batch []plant.Sample
		put := func(tag int, v int64) {
			batch = append(batch, plant.Sample{Tag: eq.Tags[tag], Time: now, Value: plant.Int(v)})
		}
		silent := s%7200 > 900 && s%7200 < 1320
		state := stateAt(s)
		if tea.Contains(now) {
			state = 2
		}
		if state == 6 && s%3 == 0 {
			made++
		}
		if !silent && state != told {
			put(0, state)
			told = state
		}
		if !silent && s%10 == 0 {
			put(1, made)
			put(2, made/50)
		}
		var contacts []plant.Contact
		if !silent && s%5 == 0 {
			contacts = []plant.Contact{{Source: "plc", Time: now}}
		}
		if len(batch)+len(contacts) > 0 || s%30 == 0 {
			a.Apply(now, batch, contacts)
			a.Tick(now)
			a.Drain()
		}
	}
	a.Tick(end)
	return end
}

// stateAt is the PackML state at a second.
func stateAt(s int) int64 {
	switch s %= 1020; {
	case s >= 367 && s < 431:
		return 5
	case s >= 749 && s < 901:
		return 9
	}
	return 6
}

func TestNightsOfChangingClocksAddUpInTwelveZones(t *testing.T) {
	for _, n := range nights() {
		t.Run(n.zone+" "+n.date, func(t *testing.T) {
			evening, a, tree := nightOf(t, n)
			tea := evening.Add(2*time.Hour + n.length - 105*time.Minute) // 04:15
			end := work(a, tree, evening, plant.Interval{From: tea, To: tea.Add(15 * time.Minute)})
			eq := tree.Equipment()[0]
			shifts := a.Shifts(eq, plant.Interval{From: evening + 5*Hour, To: evening + 5*Hour + 1})
			if len(shifts) != 1 || shifts[0].Name != "Night" || shifts[0].Interval().From != evening+2*Hour || shifts[0].Interval().Duration() != n.length {
				t.Fatalf("shifts: got %+v, want one night of %v from 22:00", shifts, n.length)
			}
			w := shifts[0].Interval()
			shift, _ := a.KPI(eq, w, production.WindowShift)
			if shift.Calendar.Duration() != n.length || shift.Waterfall.Sum() != shift.Calendar || shift.Waterfall.Planned.Duration() != 15*time.Minute {
				t.Errorf("got %v of calendar time, %v in the waterfall, %v of break; want %v twice and 15m", shift.Calendar.Duration(),
					shift.Waterfall.Sum().Duration(), shift.Waterfall.Planned.Duration(), n.length)
			}
			if shift.Produced == 0 || shift.Failures == 0 || shift.MicroStops == 0 || shift.Waterfall.Unknown == 0 || shift.Waterfall.Fault == 0 {
				t.Errorf("got %+v, want a night with something of every kind", shift)
			}
			sum := hoursOf(t, a, eq, w)
			for name, x := range map[string][2]any{"times": {sum.Times, shift.Times}, "quantities": {sum.Quantities, shift.Quantities}, "waterfall": {sum.Waterfall, shift.Waterfall},
				"stops": {[3]int{sum.Stops, sum.MicroStops, sum.Failures}, [3]int{shift.Stops, shift.MicroStops, shift.Failures}}} {
				if !reflect.DeepEqual(x[0], x[1]) {
					t.Errorf("%s of the hours add up to\n%+v, those of the shift are\n%+v", name, x[0], x[1])
				}
			}
			oee := production.Over(sum.StandardGood.Float(), sum.MeasuredPlanned.Float())
			if oee != shift.OEEIndex || !oee.OK {
				t.Errorf("OEE of all hours is %v, that of the shift %v", oee, shift.OEEIndex)
			}
			days := a.Days(eq, plant.Interval{From: w.From, To: w.From + 1})
			if len(days) != 1 || days[0].To != w.To || days[0].To.Sub(days[0].From) != n.length+16*time.Hour || end < w.To {
				t.Errorf("production days: got %+v, want one of %v up to the end of the night", days, n.length+16*time.Hour)
			}
		})
	}
}

// hoursOf adds up the clock hours of w; the first and the last are parts where
// the offset from UTC is not of full hours.
func hoursOf(t *testing.T, a *production.Area, eq *plant.Equipment, w plant.Interval) (sum production.KPI) {
	t.Helper()
	for h := w.From.Truncate(time.Hour); h < w.To; h += Hour {
		v := plant.Interval{From: h, To: h + Hour}.Clip(w)
		k, ok := a.KPI(eq, v, production.WindowHour)
		if !ok || k.Waterfall.Sum() != k.Calendar || k.Calendar.Duration() != v.Duration() {
			t.Errorf("hour from %s: the waterfall has %v, want %v", h, k.Waterfall.Sum().Duration(), v.Duration())
		}
		add(&sum.Times, &k.Times)
		add(&sum.Quantities, &k.Quantities)
		add(&sum.Waterfall, &k.Waterfall)
		sum.Stops, sum.MicroStops, sum.Failures = sum.Stops+k.Stops, sum.MicroStops+k.MicroStops, sum.Failures+k.Failures
	}
	return sum
}

// add adds every field of a struct of numbers.
func add[T any](sum, part *T) {
	to, from := reflect.ValueOf(sum).Elem(), reflect.ValueOf(part).Elem()
	for i := range to.NumField() {
		to.Field(i).SetInt(to.Field(i).Int() + from.Field(i).Int())
	}
}
