package cases

import (
	"fmt"
	"time"

	"andon/bench/internal/measure"
)

// mostGrowth is how much older samples may be at the end of a run that
// confirms a rate than at its beginning, in ms. Half of Telegraf's flush; of a
// run of 20 s it shows a side that is a thirtieth too slow.
const mostGrowth = 500.

// growth tells how much older the probes of the last quarter of the
// measurement were than those of the first, nil when that is not known.
func (s *span) growth() *float64 {
	from, to := s.measure.Time(), s.done.Time()
	quarter := to.Sub(from) / 4
	var early, late []time.Duration
	for _, seen := range s.seen {
		switch at := seen.Source; {
		case at.Before(from) || at.After(to):
		case at.Before(from.Add(quarter)):
			early = append(early, seen.Age)
		case !at.Before(to.Add(-quarter)):
			late = append(late, seen.Age)
		}
	}
	a, ok := measure.Percentile(early, 50)
	b, both := measure.Percentile(late, 50)
	if !ok || !both {
		return nil
	}
	v := measure.Milliseconds(b - a)
	return &v
}

// grown says what is wrong with a run whose samples became older, "" for
// nothing. One of which that is not known has shown nothing.
func grown(growth *float64) string {
	switch {
	case growth == nil:
		return "no probe tells whether a backlog grew"
	case *growth > mostGrowth:
		return fmt.Sprintf("a backlog grew: samples came %.0f ms later at the end than at the beginning", *growth)
	}
	return ""
}
