package interop_test

import (
	"testing"

	"andon/plant"
)

// The server closes sessions with their subscriptions. What it told until there
// was another one is in its history; what it keeps no history of has a gap.
func TestWhatWasMissedIsReadFromTheServersHistory(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	r := newRig(t, s)
	total, level := r.tag("Total", plant.KindInt), r.tag("Level", plant.KindFloat)
	r.start()
	r.last(total)
	r.last(level)
	told := s.do(command{"op": "told", "node": "Total"}).Told
	rest := s.begin(command{"op": "count", "node": "Total", "from": 1, "to": 3000, "every": 2})
	for _, n := range []int64{300, 1200} {
		r.reached(total, n)
		s.do(command{"op": "end_sessions", "keep": false})
	}
	r.compare(total, append(told, rest().Told...))
	if got := r.event("transfer"); got != 0 {
		t.Errorf("transfers: got %v, want none: there was nothing to take over", got)
	}
	late, gaps := 0, 0
	for _, b := range r.sink.Batches() {
		if b.Backfilled {
			late += len(b.Samples)
		}
		gaps += len(b.Gaps)
	}
	if late == 0 || gaps < 2 {
		t.Errorf("got %d samples from the history and %d gaps, want some, and a gap of the level for each outage", late, gaps)
	}
	t.Logf("%d samples from the history, %d gaps told", late, gaps)
}
