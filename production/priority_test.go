package production_test

import (
	"fmt"
	"strings"
	"testing"

	"andon/plant"
	"andon/production"
)

// inputs are what equipment may say at once, worst first: the value of a tag
// and the state that it alone leads to.
var inputs = []struct {
	name, tag string
	value     any
	state     string
}{
	{"unknown", "state", plant.Bad, "unknown"},
	{"safety", "estop", true, "safety"},
	{"fault", "state", 9, "fault"},
	{"maintenance", "mode", 2, "planned_stop"},
	{"changeover", "mode", 4, "changeover"},
	{"blocked", "blocked", true, "blocked"},
	{"starved", "starved", true, "starved"},
	{"run", "state", 6, "run"},
	{"stopped", "state", 2, "stopped"},
}

func TestOfSeveralInputsTheWorstWins(t *testing.T) {
	for i, worse := range inputs {
		for _, other := range inputs[i+1:] {
			if worse.tag == other.tag {
				continue // one tag has one value
			}
			s := newScene(t)
			s.say("0:00", "M1/state", 6)
			if worse.tag != "state" && other.tag != "state" {
				s.say("1:00", "M1/state", 4)
			}
			s.say("1:00", "M1/"+worse.tag, worse.value)
			s.say("1:00", "M1/"+other.tag, other.value)
			s.till("5:00")
			if got := s.timeline("M1"); !strings.Contains(got+" ", "01:00 "+worse.state) {
				t.Errorf("%s and %s: got %s, want %s", worse.name, other.name, got, worse.state)
			}
		}
	}
}

func TestBreaksAndTheNightHideStopsButNotFaultsNorRun(t *testing.T) {
	for _, c := range []struct{ say, inBreak, atNight string }{
		{"estop true", "safety", "safety/not_scheduled"},
		{"state 9", "fault", "fault/not_scheduled"},
		{"mode 4", "changeover/setup", "not_scheduled"},
		{"state 2", "planned_stop/planned", "not_scheduled"},
		{"blocked true", "planned_stop/planned", "not_scheduled"},
		{"starved true", "planned_stop/planned", "not_scheduled"},
		{"state 6", "run unscheduled", "run unscheduled"},
	} {
		s := newScene(t, shiftWithBreak)
		tag, value, _ := strings.Cut(c.say, " ")
		var v any = value == "true"
		if n := 0; value != "true" {
			fmt.Sscan(value, &n)
			v = n
		}
		s.say("0:00", "M1/state", 6)
		s.say("9:00", "M1/state", 2)
		s.say("9:00", "M1/"+tag, v)
		s.till("40:00")
		got := s.timeline("M1") + ","
		if !strings.Contains(got, "10:00 "+c.inBreak+",") && !strings.Contains(got, "09:00 "+c.inBreak+",") {
			t.Errorf("%s in the break: got %s, want %s", c.say, got, c.inBreak)
		}
		if !strings.Contains(got, "30:00 "+c.atNight) {
			t.Errorf("%s after the shift: got %s, want %s", c.say, got, c.atNight)
		}
	}
}

// shiftWithBreak has a break from 10:00 to 20:00 and ends at 30:00.
func shiftWithBreak(c *production.Config) {
	c.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{{Name: "one", From: "00:00", To: "08:30",
		Breaks: []plant.BreakConfig{{Name: "tea", From: "08:10", To: "08:20"}}}}}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "c"}}
}

func TestAnEmergencyStopOutlastsLostContact(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/estop", true)
	s.say("1:00", "M1/state", 9)
	s.till("2:00")
	s.silent("4:00")
	s.want("M1", "00:00 run, 01:00 safety, 02:00 unknown")
	s.say("4:10", "M1/state", 9) // still pressed: an unchanged value is not told again
	s.till("5:00")
	s.say("5:00", "M1/estop", false)
	s.say("5:00", "M1/state", 2)
	s.say("5:30", "M1/state", 6)
	ch := s.till("6:00")
	s.want("M1", "00:00 run, 01:00 safety, 02:00 unknown, 04:00 safety, 05:30 run")
	if len(ch.Stops) != 1 || ch.Stops[0].From != s.at("1:00") || ch.Stops[0].Excluded == 0 {
		t.Errorf("got %+v, want one stop from 1:00 with the silence left out", ch.Stops)
	}
}

func TestStatesOfOtherMaps(t *testing.T) {
	for _, c := range []struct{ states, code, mode, want string }{
		{"packml", "Execute", "", "run"}, {"packml", "HELD", "", "stopped"}, {"packml", "aborted", "", "fault"},
		{"packml", "Un_Holding", "", "stopped"}, {"packml", "Undefined", "", "unknown"}, {"packml", "nonsense", "", "unknown"},
		{"packml_30060", "4", "", "run"}, {"packml_30060", "Execute", "", "run"}, {"packml_30060", "8", "", "fault"},
		{"packml", "Stopped", "Maintenance", "planned_stop"},
		{"opc_40001", "0", "3", "unknown"}, {"opc_40001", "1", "3", "fault"}, {"opc_40001", "2", "3", "stopped"}, {"opc_40001", "3", "3", "run"},
		{"opc_40001", "OutOfService", "Maintenance", "planned_stop"}, {"opc_40001", "OutOfService", "Setup", "changeover"},
		{"opc_40001", "OutOfService", "None", "not_scheduled"}, {"opc_40001", "NotExecuting", "Processing", "stopped"},
		{"opc_40001", "Executing", "Setup", "changeover"}, {"opc_40001", "Executing", "None", "run"}, {"opc_40001", "NotAvailable", "", "unknown"},
		{"umh", "10000", "", "run"}, {"umh", "180001", "", "fault"}, {"umh", "100000", "", "changeover"},
	} {
		a := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState, States: c.states}, plant.TagConfig{Name: "mode", Role: plant.RoleMode})
		if c.mode != "" {
			a.say(0, "mode", plant.Text(c.mode))
		}
		a.say(0, "state", plant.Text(c.code))
		a.till(200)
		if got := a.states(); got != "0 "+c.want {
			t.Errorf("%s %s in mode %q: got %s, want %s", c.states, c.code, c.mode, got, c.want)
		}
	}
}

// Edge case: PackML leaves modes 4 and above to the vendor, for set-up,
// cleaning and the like.
func TestVendorModesOfPackMLAreChangeoversUnlessMapped(t *testing.T) {
	for mode, want := range map[int]string{1: "stopped", 3: "stopped", 4: "changeover/setup", 5: "changeover/setup", 31: "changeover/setup"} {
		s := newScene(t)
		s.say("0:00", "M1/state", 6)
		s.say("0:00", "M1/mode", mode)
		s.say("1:00", "M1/state", 2)
		s.till("5:00")
		if got := s.timeline("M1"); !strings.HasSuffix(got, "01:00 "+want) && !strings.HasSuffix(got, "00:00 "+want) {
			t.Errorf("mode %d: got %s, want %s", mode, got, want)
		}
	}
	m := oneMachine(t, func(c *production.Config) {
		c.ModeMaps = []production.CodeMap{{Name: "own", Codes: map[string]string{"4": "changeover", "5": "production"}}}
	}, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "mode", Role: plant.RoleMode, States: "own"})
	m.say(0, "mode", plant.Int(5))
	m.say(0, "state", plant.Int(6))
	m.till(60)
	m.want("0 run")
}
