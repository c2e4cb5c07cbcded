package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// TestAClockThatComesFromAnotherDecade has a plant that starts in 1970, runs a
// little in an emergency stop, and gets the time of 2026.
func TestAClockThatComesFromAnotherDecade(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) {
		c.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{{Name: "early", From: "06:00", To: "14:00"}, {Name: "late", From: "14:00", To: "22:00"}}}}
		c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "c"}}
	}, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "estop", Role: plant.RoleEStop},
		plant.TagConfig{Name: "energy", Role: plant.RoleEnergy, Type: "float"}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
	boot := plant.At(time.Date(1970, 1, 1, 7, 0, 0, 0, time.UTC)).Sub(machineStart).Seconds()
	m.now = m.at(boot)
	books := newLedger()
	for sec := 0.; sec < 120; sec++ {
		if int(sec)%20 == 0 {
			m.say(boot+sec, "state", plant.Int([]int64{6, 6, 6, 9, 9, 6}[int(sec)/20]))
			m.say(boot+sec, "estop", plant.Bool(true))
			m.say(boot+sec, "energy", plant.Float(5+sec/1e3))
			m.say(boot+sec, "total", plant.Int(int64(sec)/2))
		}
		books.take(m.till(boot + sec))
	}
	m.now = m.at(0)
	for sec := 0.; sec <= 120; sec++ {
		if int(sec)%20 == 0 {
			m.say(sec, "state", plant.Int(6))
			m.say(sec, "estop", plant.Bool(sec < 30))
			m.say(sec, "energy", plant.Float(5.120+sec/1e3))
			m.say(sec, "total", plant.Int(60+int64(sec)/2))
		}
		ch := m.till(sec)
		for _, r := range ch.Rewrites {
			if n := len(r.Segments) + len(r.Counts) + len(r.Meters); n > 100 {
				t.Fatalf("at %v s: %d facts, want a few", sec, n)
			}
		}
		books.take(ch)
	}
	var units, used int64
	for _, minute := range books.counts[m.eq()] {
		for _, c := range minute {
			units += c.Total
		}
	}
	for _, x := range books.meters[m.eq()] {
		used += x.EnergyRun + x.EnergyIdle
	}
	if units != 120 || used != 240000 {
		t.Errorf("got %d units and %d mWh, want 120 and 240000", units, used)
	}
	for at, s := range books.segments[m.eq()] {
		if at < machineStart && s.State != plant.StateUnknown && s.To.Sub(s.From) > time.Hour {
			t.Errorf("%s from %s to %s", s.State, s.From, s.To)
		}
	}
}
