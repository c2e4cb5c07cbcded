package sim_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/scenarios"
	"andon/plant"
)

// A told value is one sample at its time since the start.
type told struct {
	at     time.Duration
	value  plant.Value
	status plant.Status
}

// history is what each tag, named like A1/total, told in order.
type history map[string][]told

func play(t *testing.T, name string) (*scenario.Scenario, history, []sim.Event) {
	t.Helper()
	s, err := scenario.Load(scenarios.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	h := history{}
	var events []sim.Event
	for e := range sim.New(s).Events(false) {
		events = append(events, e)
		for _, sample := range e.Samples {
			tag := sample.Signal.Owner + "/" + sample.Signal.Name
			h[tag] = append(h[tag], told{e.At, sample.Value, sample.Status})
		}
	}
	return s, h, events
}

// at returns the last good value told up to a time.
func (h history) at(t *testing.T, tag string, at time.Duration) plant.Value {
	t.Helper()
	var v plant.Value
	for _, x := range h[tag] {
		if x.at <= at && x.status.IsGood() {
			v = x.value
		}
	}
	return v
}

func clock(minutes, seconds int) time.Duration {
	return time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second
}

func TestHourShowsTheRawReadingsOfTheFiller(t *testing.T) {
	_, h, _ := play(t, "hour")
	f := func(m, s int, total, reject int64, energy float64) {
		t.Helper()
		at := clock(m, s)
		got := fmt.Sprint(h.at(t, "A1/total", at), h.at(t, "A1/reject", at), h.at(t, "A1/energy", at))
		if want := fmt.Sprint(total, reject, energy); got != want {
			t.Errorf("%02d:%02d: got total, reject, kWh %s, want %s", m, s, got, want)
		}
	}
	f(0, 0, 100000, 65520, 5000)
	f(10, 0, 101200, 65532, 5006)
	f(18, 40, 102160, 6, 5010.9)
	f(30, 0, 102672, 16, 5015)
	f(44, 0, 0, 16, 5017.1)
	f(50, 0, 240, 22, 5019.8)
	f(57, 30, 540, 25, 5023.175)
	f(58, 30, 590, 26, 5023.7)
	f(60, 0, 680, 26, 5024.6)
}

// count returns by how much a counter that rolls over at size rose in
// [from, to], a fall to 0 not being one.
func (h history) count(tag string, from, to time.Duration, size uint64) uint64 {
	var sum, last uint64
	first := true
	for _, x := range h[tag] {
		n, ok := x.value.Int()
		if x.at > to || !ok {
			continue
		}
		now := uint64(n)
		if x.at > from && !first {
			switch {
			case now >= last:
				sum += now - last
			case size > 0:
				sum += now + size - last
			}
		}
		last, first = now, false
	}
	return sum
}

func TestHourMakesThePartsOfEverySegment(t *testing.T) {
	_, h, _ := play(t, "hour")
	filler := func(from, to time.Duration, units, rejects uint64) {
		t.Helper()
		if got := h.count("A1/total", from, to, 0); got != units {
			t.Errorf("A1 %s-%s: got %d units, want %d", from, to, got, units)
		}
		if got := h.count("A1/reject", from, to, 65536); got != rejects {
			t.Errorf("A1 %s-%s: got %d rejects, want %d", from, to, got, rejects)
		}
	}
	filler(0, clock(10, 0), 1200, 12)
	filler(clock(10, 0), clock(10, 40), 0, 0)
	filler(clock(10, 40), clock(18, 40), 960, 10)
	filler(clock(18, 40), clock(24, 40), 0, 0)
	filler(clock(24, 40), clock(30, 0), 512, 10)
	filler(clock(30, 0), clock(46, 0), 0, 0)
	filler(clock(46, 0), clock(50, 0), 240, 6)
	filler(clock(50, 0), clock(52, 30), 0, 0)
	filler(clock(52, 30), clock(57, 30), 300, 3)
	filler(clock(57, 30), clock(58, 30), 50, 1)
	filler(clock(58, 30), clock(60, 0), 90, 0)
	moulder := func(from, to time.Duration, shots, parts uint64) {
		t.Helper()
		if got := h.count("B1/shots", from, to, 0); got != shots {
			t.Errorf("B1 %s-%s: got %d shots, want %d", from, to, got, shots)
		}
		if got := h.count("B2/total", from, to, 0); got != parts {
			t.Errorf("B2 %s-%s: got %d parts, want %d", from, to, got, parts)
		}
	}
	moulder(0, clock(12, 0), 60, 240)
	moulder(clock(12, 0), clock(16, 0), 0, 0)
	moulder(clock(16, 0), clock(28, 0), 48, 192)
	moulder(clock(28, 0), clock(33, 0), 0, 0)
	moulder(clock(33, 0), clock(41, 0), 40, 160)
	moulder(clock(41, 0), clock(45, 0), 0, 0)
	moulder(clock(45, 0), clock(53, 0), 40, 160)
	moulder(clock(53, 0), clock(55, 0), 0, 0)
	moulder(clock(55, 0), clock(60, 0), 25, 100)
}

func TestHourFeedsTheMachinesDownstream(t *testing.T) {
	_, h, _ := play(t, "hour")
	for tag, want := range map[string]string{
		"A2/total": "3310", "A3/total": "3310", "A3/reject": "0", "A4/total": "331",
		"B2/total": "852", "B3/inspected": "852", "B3/reject": "42",
	} {
		if got := h.at(t, tag, time.Hour).String(); got != want {
			t.Errorf("%s: got %s, want %s", tag, got, want)
		}
	}
	if got := h.at(t, "A4/total", clock(30, 0)).String(); got != "220" {
		t.Errorf("cases of twelve: got %s, want 220", got)
	}
	// The labeller goes on telling while its filler cannot be reached.
	if got := h.count("A3/total", clock(57, 30), clock(58, 20), 0); got != 49 {
		t.Errorf("A3 while A1 is lost: got %d units, want 50 less 1 reject", got)
	}
}

func TestHourEmptiesTheResinExactly(t *testing.T) {
	_, h, _ := play(t, "hour")
	f := func(tag string, at time.Duration, want float64) {
		t.Helper()
		if got, _ := h.at(t, tag, at).Float(); got != want {
			t.Errorf("%s at %s: got %v, want %v", tag, at, got, want)
		}
	}
	f("B1/resin", 0, 14.8)
	f("B1/resin", clock(23, 0), 6)
	f("B1/resin", clock(40, 59), .1)
	f("B1/resin", clock(41, 0), 0)
	f("B1/resin", clock(44, 30), 25)
	f("B1/resin", time.Hour, 18.5)
	f("A1/tank_level", clock(59, 43), 2001)
	f("A1/tank_level", clock(59, 44), 2000)
	f("A1/tank_level", time.Hour, 1984)
	f("B1/energy", time.Hour, 12037.5)
}

func TestHourMeasuresItsAnalogValues(t *testing.T) {
	_, h, _ := play(t, "hour")
	var weights []string
	for _, x := range h["B1/part_weight"] {
		weights = append(weights, fmt.Sprintf("%s %s %s", x.at, x.value, x.status))
	}
	want := []string{"0s  0x80320000", "2m0s 24.98 good", "7m0s 25.02 good", "12m0s 25.03 good", "17m0s 25.01 good",
		"22m0s 25.04 good", "27m0s 25.02 good", "32m0s 25.045 good", "37m0s 25.03 good", "42m0s 25.02 good",
		"47m0s 25.06 good", "52m0s 25.16 good", "57m0s 25.01 good"}
	if !slices.Equal(weights, want) {
		t.Errorf("weights: got %q, want %q", weights, want)
	}
	for at, want := range map[time.Duration]float64{clock(45, 59): 68, clock(48, 0): 69, clock(50, 0): 70, clock(60, 0): 75} {
		if got, _ := h.at(t, "A1/gearbox_temp", at).Float(); math.Abs(got-want) > 1e-9 {
			t.Errorf("gearbox at %s: got %v, want %v", at, got, want)
		}
	}
	var vibration []string
	for _, x := range h["A1/vibration"] {
		vibration = append(vibration, fmt.Sprintf("%s %s", x.at, x.value))
	}
	// The values at 57:30 and 58:30 are those of the lost connection.
	if got, want := fmt.Sprint(vibration), "[0s 2.1 52m30s 3.2 55m0s 4.8 55m20s 3.2 57m30s  58m30s 3.2]"; got != want {
		t.Errorf("vibration: got %s, want %s", got, want)
	}
}

func TestHourLosesTheFillerForAMinute(t *testing.T) {
	_, h, _ := play(t, "hour")
	for tag, values := range h {
		if tag[:2] != "A1" {
			continue
		}
		var seen []string
		for _, x := range values {
			if x.at > clock(57, 30) && x.at < clock(58, 30) {
				t.Errorf("%s told %s at %s, want silence", tag, x.value, x.at)
			}
			if x.status == plant.BadNoCommunication || x.at == clock(58, 30) {
				seen = append(seen, fmt.Sprintf("%s %s", x.at, x.status))
			}
		}
		if got, want := fmt.Sprint(seen), "[57m30s bad_no_communication 58m30s good]"; got != want {
			t.Errorf("%s: got %s, want %s", tag, got, want)
		}
	}
}

func TestHourOpensTheGuardTwice(t *testing.T) {
	_, h, _ := play(t, "hour")
	var edges []string
	for _, x := range h["B1/guard_open"] {
		edges = append(edges, fmt.Sprintf("%s %s", x.at, x.value))
	}
	want := "[0s false 12m20s true 14m10s false 48m10s true 48m13s false]"
	if got := fmt.Sprint(edges); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
