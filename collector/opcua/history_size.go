package opcua

import (
	"context"
	"errors"
	"time"

	"github.com/gopcua/opcua/ua"
)

// stalls is how long a call of the history takes at least that failed for the
// time that its answer took: it kept the server from publishing, or was given up.
const stalls = time.Second

// histories returns how many values an answer of the history may have.
func (l *limits) histories() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.history
}

// stalled halves what an answer of the history may have, after one of up to n
// values did not come in time. It reports whether there may be a smaller one.
// Sessions end of that, so it is remembered, until smaller ones come.
func (l *limits) stalled(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 2 {
		return false
	}
	l.history = min(l.history, n/2)
	return true
}

// flowed doubles what an answer of the history may have, after one came.
func (l *limits) flowed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.history = min(2*l.history, historyValues)
}

// most returns how many values the next answer may have.
func (f *filler) most() int { return min(f.values, f.session.limits.histories()) }

// timed notes how a call for up to n values went that began then. It reports
// whether it was too slow, and less may do.
func (f *filler) timed(began time.Time, n int, err error) (less bool) {
	if err == nil {
		f.session.limits.flowed()
		return false
	}
	return time.Since(began) >= stalls && f.session.limits.stalled(n) &&
		(errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ua.StatusBadTimeout) || errors.Is(err, ua.StatusBadRequestTimeout))
}
