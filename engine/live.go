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
	live  atomic.Pointer[[]production.Live]
	asked atomic.Int64 // when somebody last looked, in nanoseconds of this machine's clock

	// Of the engine alone:
	pos  uint64 // up to which it is worked out
	made time.Time
}

func newScreen() *screen {
	s := &screen{}
	s.live.Store(new([]production.Live))
	return s
}

// see returns what there is to show. It must not be changed.
func (s *screen) see() []production.Live {
	s.asked.Store(time.Now().UnixNano())
	return *s.live.Load()
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
	live := r.core.present()
	r.screen.live.Store(&live)
	for _, l := range live {
		if l.Line != nil {
			r.o.Metrics.shift.show(l)
		}
	}
}
