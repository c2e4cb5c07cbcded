package production_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"andon/plant"
)

// A phase is what a machine does for some seconds.
type phase struct {
	state   int64
	guard   bool // open
	seconds int
}

// aheadOfTime has a machine whose clock is some seconds ahead tell its state
// every second, and its guard when that changes. It returns what is stored of
// it when it is restarted every second, or never.
func aheadOfTime(t *testing.T, ahead float64, restarts bool, phases []phase) []byte {
	t.Helper()
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "guard", Role: plant.RoleGuard})
	books := newLedger()
	sec, open := 0., false
	for _, p := range phases {
		for range p.seconds {
			m.say(sec+ahead, "state", plant.Int(p.state))
			if p.guard != open {
				open = p.guard
				m.say(sec+ahead, "guard", plant.Bool(open))
			}
			books.take(m.till(sec))
			if sec++; restarts {
				m.restart()
			}
		}
	}
	return books.text(&press{tree: m.tree})
}

// While it says the same again, what it is changes by time alone: the stop is
// no short one any more, and the guard was open for one more minute.
func TestRestartsLoseNothingOfADeviceWhoseClockIsAhead(t *testing.T) {
	for _, c := range []struct {
		name   string
		phases []phase
	}{
		{"a stop outgrows the short ones", []phase{{6, false, 60}, {2, false, 240}, {6, false, 100}}},
		{"a stop stays a short one", []phase{{6, false, 60}, {2, false, 15}, {6, false, 100}}},
		{"a guard is open for minutes", []phase{{6, false, 45}, {6, true, 200}}},
	} {
		got, want := aheadOfTime(t, 2, true, c.phases), aheadOfTime(t, 2, false, c.phases)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: restarted every second: %s", c.name, firstDifference(got, want))
		}
	}
}

func TestRestartsChangeNothingWhateverADeviceAheadOfTimeTells(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		phases := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) phase {
			return phase{rapid.SampledFrom([]int64{6, 6, 2, 4, 5, 9, 11}).Draw(rt, "state"), rapid.Bool().Draw(rt, "guard"),
				rapid.SampledFrom([]int{1, 2, 3, 10, 29, 31, 59, 61, 119, 121, 130}).Draw(rt, "seconds")}
		}), 1, 8).Draw(rt, "phases")
		ahead := rapid.SampledFrom([]float64{0, 0.5, 1, 2, 3}).Draw(rt, "ahead")
		got, want := aheadOfTime(t, ahead, true, phases), aheadOfTime(t, ahead, false, phases)
		if !bytes.Equal(got, want) {
			rt.Fatalf("restarted every second: %s", firstDifference(got, want))
		}
	})
}
