package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/scenarios"
)

// everythingHappens are the kinds of events of the showcase, each with the
// tags and values that show it.
func everythingHappens(h history, events []sim.Event) map[string][]time.Duration {
	kinds := map[string][]time.Duration{}
	for tag, values := range h {
		last := ""
		for _, x := range values {
			now := x.value.String()
			if kind := kindOf(tag, now, last); kind != "" {
				kinds[kind] = append(kinds[kind], x.at)
			}
			if !x.status.IsGood() && x.at > 0 && tag == "A1/state" {
				kinds["lost"] = append(kinds["lost"], x.at)
			}
			last = now
		}
	}
	for _, e := range events {
		if e.ServerDown || len(e.Down) > 0 {
			kinds["lost"] = append(kinds["lost"], e.At)
		}
	}
	return kinds
}

func kindOf(tag, now, last string) string {
	switch tag + " " + now {
	case "A1/state 6":
		return "run"
	case "A1/state 11":
		return "micro-stop"
	case "A1/state 9", "B1/state ALARM", "A3/state DOWN":
		return "fault"
	case "B1/estop true":
		return "e-stop"
	case "A1/speed 5760":
		return "slow"
	case "A3/state STARVED", "B1/state IDLE":
		return "starved"
	}
	if tag == "A1/reject" && last != "" && now != last {
		return "reject"
	}
	return ""
}

func TestShowcaseShowsEverythingWithinAnyTwoMinutes(t *testing.T) {
	s, h, events := play(t, "showcase")
	kinds := everythingHappens(h, events)
	if got, want := len(kinds), 8; got != want {
		t.Fatalf("got %d kinds of events, want %d", got, want)
	}
	for kind, at := range kinds {
		slices.Sort(at)
		at = append(at, at[0]+s.Length) // it repeats
		for i := 1; i < len(at); i++ {
			if gap := at[i] - at[i-1]; gap > 2*time.Minute {
				t.Errorf("%s: nothing from %s to %s, want less than two minutes", kind, at[i-1], at[i])
			}
		}
	}
}

func TestShowcaseLosesEveryKindOfConnection(t *testing.T) {
	_, _, events := play(t, "showcase")
	var story []string
	for _, e := range events {
		for _, eq := range e.Down {
			story = append(story, fmt.Sprint(e.At, " ", eq.Name, " down"))
		}
		for _, eq := range e.Up {
			story = append(story, fmt.Sprint(e.At, " ", eq.Name, " up"))
		}
		if e.ServerDown {
			story = append(story, fmt.Sprint(e.At, " server down"))
		}
		if e.ServerUp {
			story = append(story, fmt.Sprint(e.At, " server up"))
		}
	}
	want := []string{"20s A3 down", "45s A3 up", "4m5s server down", "4m8s server up",
		"6m2s B3 down", "6m30s B3 up", "8m2s A4 down", "8m30s A4 up",
		"9m5s B2 down", "9m25s B2 up"}
	if !slices.Equal(story, want) {
		t.Errorf("got %q, want %q", story, want)
	}
}

// While the OPC UA server restarts, and until it has read the machines again,
// nothing on it moves; MQTT goes on.
func TestNothingMovesOnOPCUADuringAnOutage(t *testing.T) {
	s, _, events := play(t, "showcase")
	o := s.Outages[0]
	var nodes, messages, after int
	for _, e := range events {
		for _, x := range e.Samples {
			opcua := x.Signal.Node != ""
			switch {
			case e.At > o.At && e.At < o.End() && opcua:
				nodes++
			case e.At > o.At && e.At < o.End():
				messages++
			case e.At == o.End() && opcua:
				after++
			}
		}
	}
	if nodes != 0 || messages == 0 || after == 0 {
		t.Errorf("got %d values on OPC UA and %d on MQTT meanwhile, %d after it; want 0, some, some", nodes, messages, after)
	}
}

func TestCountersGoOnWhenAScenarioRepeats(t *testing.T) {
	s, err := scenario.Load(scenarios.Files, "hour")
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	for e := range sim.New(s).Events(true) {
		if e.At > 2*s.Length {
			break
		}
		for _, x := range e.Samples {
			last[x.Signal.Owner+"/"+x.Signal.Name] = x.Value.String()
		}
	}
	for tag, want := range map[string]string{
		"A1/total": "680", "A1/reject": "68", "A1/energy": "5049.2", "A1/tank_level": "4000",
		"A3/total": "6620", "A4/total": "662", "B1/shots": "426", "B3/reject": "84", "B1/resin": "14.8",
	} {
		if got := last[tag]; got != want {
			t.Errorf("%s after two hours: got %s, want %s", tag, got, want)
		}
	}
}

// Clients can tell values of one tag apart when they are at least 10 ms
// apart; only a loss tells its Bad status along with the last value.
func TestValuesOfATagAreApartAndChange(t *testing.T) {
	for _, name := range []string{"hour", "showcase"} {
		_, h, _ := play(t, name)
		for tag, values := range h {
			for i := 1; i < len(values); i++ {
				a, b := values[i-1], values[i]
				if b.at-a.at < 10*time.Millisecond && b.status.IsGood() {
					t.Errorf("%s %s: values at %s and %s", name, tag, a.at, b.at)
				}
			}
		}
	}
}

func TestOPCUATellsChangesOnly(t *testing.T) {
	s, _, _ := play(t, "showcase")
	last := map[*northfield.Signal]sim.Sample{}
	for e := range sim.New(s).Events(false) {
		for _, x := range e.Samples {
			if was, ok := last[x.Signal]; ok && x.Signal.Node != "" && was == x {
				t.Errorf("%s told %s again at %s", x.Signal.Path, x.Value, e.At)
			}
			last[x.Signal] = x
		}
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	_, _, events := play(t, "showcase")
	for i := 1; i < len(events); i++ {
		if events[i].At <= events[i-1].At {
			t.Fatalf("event at %s after one at %s", events[i].At, events[i-1].At)
		}
	}
}

// A scenario may start with equipment that nobody can reach, to give
// collectors time to connect: it tells nothing before it is there.
func TestEquipmentThatStartsLostTellsNothing(t *testing.T) {
	b, err := scenarios.Files.ReadFile("hour.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "{for: 10m, state: 6, cycle", "{for: 10m, state: 6, comm: lost, cycle")
	text = strings.ReplaceAll(text, "{for: 10m, state: RUN}", "{for: 10m, state: RUN, comm: lost}")
	s, err := scenario.Parse("lost.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var down, up []string
	for e := range sim.New(s).Events(false) {
		for _, eq := range e.Down {
			down = append(down, fmt.Sprint(e.At, " ", eq.Name))
		}
		for _, eq := range e.Up {
			up = append(up, fmt.Sprint(e.At, " ", eq.Name))
		}
		for _, x := range e.Samples {
			if o := x.Signal.Owner; (o == "A1" || o == "A3") && e.At < 10*time.Minute && x.Status.IsGood() {
				t.Fatalf("%s told %s at %s", x.Signal.Path, x.Value, e.At)
			}
		}
	}
	if fmt.Sprint(down, up) != "[0s A3] [10m0s A3]" {
		t.Errorf("got down %v, up %v; want A3 down at 0 s and up at 10 min", down, up)
	}
}
