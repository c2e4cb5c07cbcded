package engine

import (
	"sync/atomic"
	"time"

	"andon/production"
)

const (
	// watchedFor is how long after somebody looked a screen is kept up to
	// date with each second of the stream.
	watchedFor = 10 * time.Second
	// unwatchedEvery is how often it is worked out while nobody looks: for
	// metrics, and for who looks first. It is the KPIs of all equipment.
	unwatchedEvery = 5 * time.Second
)

// A screen is what screens show of one area. The engine works it out, any
// goroutine looks at it.
type screen struct {
	lines []atomic.Pointer[[]production.Live] // of the area
	asked atomic.Int64                        // when somebody last looked, in nanoseconds of this machine's clock

	// Of the engine alone:
	pos  uint64 // up to which it is worked out
	made time.Time
}

func newScreen(lines int) *screen {
	return &screen{lines: make([]atomic.Pointer[[]production.Live], lines)}
}

// see yields what there is to show until yield returns false, which see
// reports.
func (s *screen) see(yield func(production.Live) bool) bool {
	s.asked.Store(time.Now().UnixNano())
	for i := range s.lines {
		line := s.lines[i].Load()
		for k := 0; line != nil && k < len(*line); k++ {
			if !yield((*line)[k]) {
				return false
			}
		}
	}
	return true
}

// due reports whether the screen is to be worked out as of pos, at now of this
// machine's clock.
func (s *screen) due(pos uint64, now time.Time) bool {
	watched := now.Sub(time.Unix(0, s.asked.Load())).Abs() < watchedFor
	return pos != s.pos && (watched || now.Sub(s.made).Abs() >= unwatchedEvery)
}

// publishLive works out what screens show, when it is time to.
func (r *runner) publishLive() {
	now := time.Now()
	if !r.screen.due(r.pos, now) {
		return
	}
	r.screen.pos, r.screen.made = r.pos, now
	for i, line := range r.core.present() {
		r.screen.lines[i].Store(&line)
		if len(line) > 0 && line[0].Line != nil {
			r.o.Metrics.shift.show(line[0])
		}
	}
}
