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
	// drawFor is how long lines are worked out before messages are looked for
	// again.
	drawFor = 3 * time.Millisecond
)

// A screen is what screens show of one area. The engine works it out, any
// goroutine looks at it.
type screen struct {
	lines []atomic.Pointer[compact] // of the area
	asked atomic.Int64              // when somebody last looked, in nanoseconds of this machine's clock

	// Of the engine alone:
	pos   uint64 // up to which it is worked out
	made  time.Time
	next  int  // the line to be worked out next
	again bool // begin again when all are
	news  bool // those who watch are to be told then
	small compactor
}

func newScreen(lines int) *screen {
	return &screen{lines: make([]atomic.Pointer[compact], lines), next: lines}
}

// see yields what there is to show until yield returns false, which see
// reports.
func (s *screen) see(yield func(production.Live) bool) bool {
	s.asked.Store(time.Now().UnixNano())
	for i := range s.lines {
		if line := s.lines[i].Load(); line != nil && !line.all(yield) {
			return false
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

// begin has the screen worked out as of pos, from now on. What is under way
// is finished first, and begun again.
func (s *screen) begin(pos uint64, now time.Time) {
	if s.pos, s.made = pos, now; s.unfinished() {
		s.again = true
		return
	}
	s.next = 0
}

// unfinished reports whether lines are still to be worked out.
func (s *screen) unfinished() bool { return s.next < len(s.lines) }

// publishLive has worked out what screens show, when it is time to.
func (r *runner) publishLive() {
	if now := time.Now(); r.screen.due(r.pos, now) {
		r.screen.begin(r.pos, now)
	}
}

// draw works out some lines of what screens show, if there are any to do, and
// tells those who watch when all are done. That takes a large plant longer
// than an alarm should wait, so messages are taken in between.
func (r *runner) draw() {
	s := r.screen
	for began := time.Now(); s.unfinished() && time.Since(began) < drawFor; {
		line := r.core.present(s.next)
		s.lines[s.next].Store(s.small.make(line))
		if len(line) > 0 && line[0].Line != nil {
			r.o.Metrics.shift.show(line[0])
		}
		if s.next++; !s.unfinished() && s.again {
			s.next, s.again = 0, false
		}
	}
	if s.news && !s.unfinished() {
		s.news = false
		r.changed()
	}
}
