package opcua_test

import (
	"slices"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// The one has not changed for hours, the other changes ten times a second: what
// the other had before the outage is in the way of what is read for the first.
func TestAFastTagIsReadBesideASlowOne(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	slow, fast := r.addKept("Mode", int64(1)), r.addKept("Total", int64(0))
	now := time.Now()
	r.setValue(slow, opcuatest.Value{V: int64(1), Source: now.Add(-time.Hour)})
	for i := range int64(1500) {
		r.setValue(fast, opcuatest.Value{V: i, Source: now.Add(-time.Duration(1500-i) * 100 * time.Millisecond)})
	}
	x := r.start()
	r.sink.WaitValue(t, slow, plant.Int(1))
	r.sink.WaitValue(t, fast, plant.Int(1499))
	r.waitContact()
	x.stop()
	r.change(slow, numbers(2, 3))
	r.change(fast, numbers(2001, 2450))
	r.start()
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 0 || len(known) != 1 {
		t.Errorf("got gaps %v and known %v, want all known", gaps, known)
	}
	got := slices.DeleteFunc(r.past(fast), func(v int64) bool { return v <= 2000 }) // it had a value before those
	if !slices.Equal(got, numbers(2001, 2449)) {
		t.Errorf("got %d values of the fast one from the history, want 2001 to 2449", len(got))
	}
	if got := r.past(slow); !slices.Contains(got, 2) {
		t.Errorf("got %v of the slow one from the history, want 2", got)
	}
}
