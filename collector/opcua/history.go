package opcua

import (
	"sync"
	"time"

	"andon/plant"
)

const (
	// maxHoles bounds the holes that wait to be filled; more become one.
	maxHoles = 16
	// overflowEvery gathers what queues lose into one hole.
	overflowEvery = 10 * time.Second
)

// A historian knows which values of a source are missing. It outlives sessions
// and, by its file, the process. Its methods are safe for concurrent use.
type historian struct {
	source *Source
	file   string        // "" for none
	wake   chan struct{} // of size 1: there is a hole to fill

	overflowEvery time.Duration

	saving sync.Mutex // held while the file is written

	mu      sync.Mutex // guards all below
	loaded  bool       // the file was looked at
	heard   time.Time  // up to when everything was told, in this session or the last that told
	told    origin     // which server told it
	present origin     // the server of this session
	holes   []*hole    // oldest first
	size    int        // of the file, as it was written last
}

// An origin is one run of one server.
type origin struct {
	Endpoint string    `json:"endpoint"`
	Started  time.Time `json:"started"` // zero when it does not say
}

// restarted reports whether the same server runs anew in o.
func (o origin) restarted(before origin) bool {
	return o.Endpoint == before.Endpoint && !o.Started.IsZero() && !before.Started.IsZero() && !o.Started.Equal(before.Started)
}

// A hole is a time of which something is missing.
type hole struct {
	cause plant.GapCause
	// known is from the last contact before it to the first after it, by
	// andon's clock. To is 0 until that came.
	known   plant.Interval
	opened  time.Time
	server  time.Time // when the server started that is asked, or the last of several
	missing []*missing
	of      map[*point]*missing
}

// A missing is what one point lacks. Its times are those of the source.
type missing struct {
	point *point
	last  plant.Instant // the last value before it, 0 when that is not known
	next  plant.Instant // what is before it was read, 0 before reading
	to    plant.Instant // the first value after it, 0 while that is not known
	done  bool
	// why it cannot be told that everything was read, "" when it can.
	trouble string

	// Of the session that fills it.
	looked bool
	tries  int
}

func newHistorian(s *Source, file string) *historian {
	return &historian{source: s, file: file, wake: make(chan struct{}, 1), overflowEvery: overflowEvery}
}

// A sight is which values of a point came. What is told before the Sink took
// it belongs to the goroutine that decodes the point's values.
type sight struct {
	number         int           // of the point in the note, the same in all sessions
	newest, oldest plant.Instant // of the batch that is being put, 0 for none

	last  instant // the newest that the Sink took, 0 for none
	first instant // the first since the last hole was opened, 0 while none came
}

// enter begins a session. Nothing of an earlier one may run any more.
func (h *historian) enter(present origin) {
	n := 0
	for p := range h.source.heads() {
		p.sight.number = n
		n++
	}
	h.load()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.present = present
}

// open notes that points are monitored anew, so that what changed since the
// last contact is missing.
func (h *historian) open(points []*point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heard.IsZero() || len(points) == 0 {
		return // nothing was known before, or only of events
	}
	x := h.openLocked(plant.GapOutage)
	x.server = later(x.server, h.present.Started)
	if h.present.restarted(h.told) {
		x.cause = plant.GapServerRestart
	}
	for _, p := range points {
		if last := p.sight.last.load(); last != 0 {
			x.add(p, last)
		}
		p.sight.first.store(0)
	}
}

// lose notes that a notification with values of points is lost.
func (h *historian) lose(points []*point) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heard.IsZero() || len(points) == 0 {
		return
	}
	x := h.openLocked(plant.GapLostNotification)
	for _, p := range points {
		if p != nil { // a handle that is not in use
			x.add(p, p.sight.last.load())
		}
	}
}

// overflow notes that values of p between two times are lost; to is 0 for up
// to now.
func (h *historian) overflow(p *point, from, to plant.Instant) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if from == 0 || h.heard.IsZero() {
		return
	}
	m := h.openLocked(plant.GapOverflow).add(p, from)
	m.last = min(m.last, from)
	m.to = max(m.to, to)
}

// openLocked returns the hole of that cause that is still open, or opens one.
// Of an outage and a restart of the server, the later session cannot tell.
func (h *historian) openLocked(cause plant.GapCause) *hole {
	away := func(c plant.GapCause) bool { return c == plant.GapOutage || c == plant.GapServerRestart }
	for _, x := range h.holes {
		if x.known.To == 0 && (x.cause == cause || away(x.cause) && away(cause)) {
			if away(cause) {
				x.opened = time.Now()
			}
			return x
		}
	}
	x := &hole{cause: cause, known: plant.Interval{From: plant.At(h.heard)}, opened: time.Now(), of: map[*point]*missing{}}
	h.holes = append(h.holes, x)
	return x
}

// add notes that p lacks something after last, which was its last value.
func (x *hole) add(p *point, last plant.Instant) *missing {
	m := x.of[p]
	if m == nil {
		m = &missing{point: p, last: last}
		x.of[p], x.missing = m, append(x.missing, m)
	}
	return m
}

// hear notes up to when everything was told. Holes that were opened before are
// over then.
func (h *historian) hear(at time.Time) {
	if at.IsZero() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard, h.told = at, h.present
	over := false
	for _, x := range h.holes {
		if x.known.To != 0 || !at.After(x.opened) || x.cause == plant.GapOverflow && at.Sub(x.opened) < h.overflowEvery {
			continue
		}
		x.close(at)
		over = true
	}
	if !over {
		return
	}
	h.mergeLocked()
	select {
	case h.wake <- struct{}{}:
	default: // it is awake already
	}
}

// close ends a hole: what comes from now on comes by itself.
func (x *hole) close(at time.Time) {
	x.known.To = max(plant.At(at), x.known.From)
	for _, m := range x.missing {
		if first := m.point.sight.first.load(); first != 0 && x.away() && m.last != 0 {
			m.to = first
		}
	}
}

// mergeLocked makes one of the last two holes while there are too many.
func (h *historian) mergeLocked() {
	for n := len(h.holes); n > maxHoles; n-- {
		x, y := h.holes[n-2], h.holes[n-1]
		if x.known.To == 0 || y.known.To == 0 {
			return // one is open: there are few of these
		}
		x.join(y)
		h.holes = h.holes[:n-1]
	}
}

// join makes x end with y, the hole after it, and lack what both lack. The
// cause that says least of what can be had is that of both.
func (x *hole) join(y *hole) {
	if y.cause == plant.GapServerRestart || y.away() && !x.away() {
		x.cause = y.cause
	}
	x.server = later(x.server, y.server)
	x.known.To = max(x.known.To, y.known.To)
	for _, m := range y.missing {
		mine := x.add(m.point, m.last)
		if mine.to = max(mine.to, m.to); m.to == 0 {
			mine.to = 0 // up to the end
		}
		mine.done = false
		if m.trouble != "" {
			mine.trouble = m.trouble
		}
	}
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// first returns the first hole that is over, nil when there is none.
func (h *historian) first() *hole {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.holes {
		if x.known.To != 0 {
			return x
		}
	}
	return nil
}

// drop forgets a hole of which everything was told.
func (h *historian) drop(x *hole) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.holes {
		if h.holes[i] == x {
			h.holes = append(h.holes[:i:i], h.holes[i+1:]...)
			return
		}
	}
}
