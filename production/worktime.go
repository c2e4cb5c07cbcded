package production

import (
	"time"

	"andon/plant"
)

// A WorkTime is the calendar of one equipment as time to produce in: shifts
// without their breaks, and every moment without a calendar. It is not safe
// for concurrent use.
type WorkTime struct{ plan schedule }

// NewWorkTime returns the working time of eq. The error is that of a
// calendar that does not pass Validate.
func NewWorkTime(c Config, tree *plant.Tree, eq *plant.Equipment) (*WorkTime, error) {
	plans, err := newSchedules(c, tree)
	if err != nil {
		return nil, err
	}
	return &WorkTime{schedule{cal: plans.of(c, eq).cal}}, nil
}

// longestPlan bounds how far ahead working time is looked for.
const longestPlan = 400 * 24 * time.Hour

// Between returns the working time in v.
func (w *WorkTime) Between(v plant.Interval) time.Duration {
	var sum time.Duration
	w.walk(v.From, func(span plant.Interval) bool {
		sum += span.Clip(v).Duration()
		return span.To < v.To
	})
	return sum
}

// After returns when d of working time has passed since t. It is false when
// that is more than 400 days ahead.
func (w *WorkTime) After(t plant.Instant, d time.Duration) (plant.Instant, bool) {
	var end plant.Instant
	w.walk(t, func(span plant.Interval) bool {
		if d <= time.Duration(span.To-span.From) {
			end = span.From.Add(d)
			return false
		}
		d -= span.Duration()
		return true
	})
	return end, end != 0
}

// walk calls f for stretches of work from t on, in order, until it returns
// false or the next is too far ahead. One that is over before f's need is
// empty.
func (w *WorkTime) walk(t plant.Instant, f func(span plant.Interval) bool) {
	for at := t; at < t.Add(longestPlan); {
		span := w.plan.at(at)
		work := plant.Interval{From: at, To: span.To}
		if span.kind != schedWork {
			work.From = span.To
		}
		if !f(work) || span.To == endless {
			return
		}
		at = span.To
	}
}
