package cases

import (
	"context"

	"andon/bench/internal/measure"
)

// A search looks for the highest rate that a side sustains. Tries are short
// and so a little lenient; what counts is the longer run that confirms a rate.
type search struct {
	rig  *Rig
	c    Case
	side measure.Side
	// found is the index of the rate that the pair before confirmed, -1 before
	// the first.
	found int
}

// pair searches once more and returns all runs. The first time it divides the
// rates in halves, later it begins at what was found before.
func (s *search) pair(ctx context.Context, pair int) (runs []measure.Run, err error) {
	passes := func(i int, confirm bool) bool {
		setup := Setup{Rate: s.c.Rates[i], Warmup: s.rig.Warmup, Window: s.rig.Try}
		if confirm {
			setup.Window, setup.Steady = s.rig.Confirm, true
		}
		var run measure.Run
		if run, err = s.rig.run(ctx, s.c, s.side, pair, setup); err != nil {
			return false
		}
		s.rig.tell(s.c, run)
		runs = append(runs, run)
		return run.Passed()
	}
	low, high := -1, len(s.c.Rates) // low passed, high did not
	if s.found >= 0 {
		low, high = s.found, min(s.found+2, high)
	}
	for err == nil && high-low > 1 {
		if middle := (low + high) / 2; passes(middle, false) {
			low = middle
		} else {
			high = middle
		}
	}
	for ; err == nil && low >= 0; low-- {
		if passes(low, true) {
			break
		}
	}
	s.found = low
	return runs, err
}
