package production_test

import (
	"testing"

	"andon/plant"
	"andon/production"
)

// Edge case: two short stops of different cause without run between them are
// one long standstill.
func TestSuspendedAndThenStoppedAreDownTogetherThoughEachIsShort(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("5:00", "M1/state", 5)
	s.say("6:30", "M1/state", 2)
	first := s.till("6:59")
	s.want("M1", "00:00 run, 05:00 blocked/micro_stop, 06:30 stopped/micro_stop")
	ch := s.till("7:00") // 120 s without run
	s.want("M1", "00:00 run, 05:00 blocked, 06:30 stopped")
	if len(ch.Stops) != 2 || ch.Stops[0].ID != first.Stops[0].ID || ch.Stops[0].Micro || ch.Stops[1].Micro || ch.Stops[1].To != 0 {
		t.Errorf("after 120 s: got %+v, want both stops told anew as downtime", ch.Stops)
	}
	s.say("8:00", "M1/state", 6)
	s.till("10:00")
	s.want("M1", "00:00 run, 05:00 blocked, 06:30 stopped, 08:00 run")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
	if k.Stops != 2 || k.MicroStops != 0 {
		t.Errorf("got %d stops, %d micro-stops; want 2, 0", k.Stops, k.MicroStops)
	}
}

func TestStopsOfOneStretchStayMicroWhileTheWholeIsShort(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("5:00", "M1/state", 5)
	s.say("5:40", "M1/state", 2)
	s.say("6:20", "M1/state", 6)
	s.say("6:50", "M1/state", 5) // it ran meanwhile: another stretch
	s.say("8:10", "M1/state", 6)
	s.till("10:00")
	s.want("M1", "00:00 run, 05:00 blocked/micro_stop, 05:40 stopped/micro_stop, 06:20 run, 06:50 blocked/micro_stop, 08:10 run")
}

// Edge case: a fault next to a short stop does not make downtime of that.
func TestAFaultAfterAShortStopLeavesItMicro(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("5:00", "M1/state", 5)
	s.say("6:00", "M1/state", 9)
	s.say("9:00", "M1/state", 6)
	s.till("10:00")
	s.want("M1", "00:00 run, 05:00 blocked/micro_stop, 06:00 fault, 09:00 run")
}

// Edge case: a restart of andon in the middle of such a stretch.
func TestARestartKeepsWhatAStretchOfShortStopsIs(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState})
	for sec := 0.; sec < 12000; sec += 1000 {
		m.say(sec, "state", plant.Int(6))
	}
	m.say(12000, "state", plant.Int(5))
	m.say(12090, "state", plant.Int(2))
	m.till(12110)
	m.restart()
	m.say(12200, "state", plant.Int(6))
	ch := m.till(12300)
	if len(ch.Stops) != 2 || ch.Stops[0].Micro || ch.Stops[1].Micro {
		t.Errorf("got %+v, want two stops that are downtime", ch.Stops)
	}
}

// Edge case: a planned stop that goes on beyond its slot is lost at any
// length, however short.
func TestAShortOverrunOfABreakIsNoMicroStop(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("20:00", "M1/state", 2)
	s.say("31:30", "M1/state", 6)
	s.till("34:00")
	s.want("M1", "00:00 run, 20:00 planned_stop/planned, 30:00 stopped break_overrun, 31:30 run")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
	if got := k.DowntimeByReason["break_overrun"].Float(); got != 90 || k.MicroStops != 0 {
		t.Errorf("got %v s overrun and %d micro-stops, want 90, 0", got, k.MicroStops)
	}
}

// Edge case: the state changes when the break is over, but nothing runs.
func TestABreakIsOverrunThoughTheStateChangesAtItsEnd(t *testing.T) {
	for _, c := range []struct {
		what   string
		states map[string]int
		want   string
	}{
		{"idle", map[string]int{"30:00": 4}, "30:00 stopped break_overrun, 32:00 run"},
		{"resetting, then idle", map[string]int{"30:00": 15, "30:20": 4}, "30:00 stopped break_overrun, 32:00 run"},
		{"idle a little later", map[string]int{"30:40": 4}, "30:00 stopped break_overrun, 32:00 run"},
		{"a trial run", map[string]int{"30:00": 6, "30:03": 4}, "30:00 planned_stop/planned blip, 30:03 stopped break_overrun, 32:00 run"},
		{"starved by now", map[string]int{"30:00": 5}, "30:00 blocked, 32:00 run"},
		{"a fault", map[string]int{"30:00": 9}, "30:00 fault, 32:00 run"},
	} {
		s := newScene(t, withBreak)
		s.say("0:00", "M1/state", 6)
		s.say("20:00", "M1/state", 2)
		for clock, state := range c.states {
			s.say(clock, "M1/state", state)
		}
		s.say("32:00", "M1/state", 6)
		s.till("34:00")
		if got, want := s.timeline("M1"), "00:00 run, 20:00 planned_stop/planned, "+c.want; got != want {
			t.Errorf("%s: got %s, want %s", c.what, got, want)
		}
	}
}

// Edge case: what stops in a break for a cause of its own does not overrun it.
func TestAFaultInABreakIsNotOverrunByTheStopAfterIt(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("25:00", "M1/state", 9)
	s.say("30:00", "M1/state", 2)
	s.say("32:00", "M1/state", 6)
	s.till("34:00")
	s.want("M1", "00:00 run, 20:00 run unscheduled, 25:00 fault, 32:00 run")
	s = newScene(t, withBreak, func(c *production.Config) { c.Changeover.OnProduct = true })
	s.say("0:00", "M1/product", "P")
	s.say("0:00", "M1/state", 6)
	s.say("20:00", "M1/state", 2)
	s.say("28:00", "M1/product", "Q")
	s.say("33:00", "M1/state", 6)
	s.till("34:00")
	s.want("M1", "00:00 run, 20:00 planned_stop/planned, 28:00 planned_stop/planned, 30:00 changeover/setup, 33:00 run")
}
