package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A timeline is what is derived of an equipment's log: segments and stops,
// first those that are sure, then those that the next samples may change.
type timeline struct {
	segs     []Segment
	stops    []Stop
	sureSegs int
	sureStop int

	begin  plant.Instant // first sample, 0 before it
	last   plant.Instant // latest event time
	at     plant.Instant // stream time of the last derivation
	end    plant.Instant // up to where it went, which samples since may be after
	wake   plant.Instant // stream time at which the tail changes by itself
	cur    cursor        // where the sure part ends
	sure   plant.Instant // before it only late samples change anything
	checks []checkpoint  // at least one; the first is the base
	gaps   []gap         // that are sure
	// What was made after the base depends on the run since the reading of
	// the main counter before it.
	since plant.Instant
	ran   time.Duration // from since to the base
	frags int           // worked out so far, which is what deriving costs
	near  plant.Instant // earliest change of a neighbour's log
	stale bool          // the tail ends without contact
	// unsure says that the tail has time without data: the more is sure, the
	// more is known of it.
	unsure bool
	// starting says that the equipment runs again, but not long enough yet
	// to end its stop.
	starting bool
}

// A cursor is a place in the derivation.
type cursor struct {
	scanner
	fold
}

func (c *cursor) clone() cursor { return cursor{c.scanner, c.fold.clone()} }

// A checkpoint is a place to derive from again.
type checkpoint struct {
	cursor
	segs, stops int // how many were sure
}

const (
	// Samples of different tags may come this much out of order at no cost.
	grace = 10 * time.Second
	// checkEvery bounds how much is derived again for one late sample.
	checkEvery = time.Hour
)

// A change says from when on a derivation came out differently.
type change struct {
	segment plant.Instant // start of the first segment that differs
	differs plant.Instant // first instant that differs in any way
	count   plant.Instant // first instant that differs for counts
	stops   []Stop        // new or changed, voided ones included
}

// derive brings the timeline up to now.
func (u *unit) derive(now plant.Instant) change {
	u.at, u.end = now, max(now, u.last)+1
	u.sure = min(u.end.Add(-grace), max(u.spans.last(), u.source.last()), u.sureUntil())
	return u.deriveAgain()
}

// deriveAgain derives with what came since, but as of the last derivation and
// no further: what lies behind that is still to be told.
func (u *unit) deriveAgain() change {
	end := u.end
	was := u.unwind()
	u.commit(end, &was)
	u.sureSegs, u.sureStop = len(u.segs), len(u.stops)
	u.deriveTail(end)
	ch := diffSegments(was.segs, u.segs[was.firstSeg:])
	ch.stops = diffStops(was.stops, u.stops[was.firstStop:])
	u.touched, u.near = endless, endless
	return ch
}

// A past is what a derivation takes back, to compare the new one with.
type past struct {
	segs                []Segment
	stops               []Stop
	firstSeg, firstStop int // their places in the timeline
}

// unwind takes back what is not sure and what was touched.
func (u *unit) unwind() past {
	was := past{slices.Clone(u.segs[u.sureSegs:]), slices.Clone(u.stops[u.sureStop:]), u.sureSegs, u.sureStop}
	u.segs, u.stops = u.segs[:u.sureSegs], u.stops[:u.sureStop]
	u.touched = u.decides(u.touched)
	if u.touched < u.cur.pos || u.near < u.cur.partial.from {
		u.goBack(min(u.touched, u.near), &was)
	}
	return was
}

// goBack takes back all that was derived since the last checkpoint up to t.
func (u *unit) goBack(t plant.Instant, was *past) {
	n := len(u.checks)
	for n > 1 && u.checks[n-1].pos > t {
		n--
	}
	u.checks = u.checks[:n]
	c := &u.checks[n-1]
	u.cur = c.cursor.clone()
	if c.segs < was.firstSeg {
		was.segs, was.firstSeg = slices.Concat(u.segs[c.segs:was.firstSeg], was.segs), c.segs
	}
	if c.stops < was.firstStop {
		was.stops, was.firstStop = slices.Concat(u.stops[c.stops:was.firstStop], was.stops), c.stops
	}
	u.segs, u.stops = u.segs[:c.segs], u.stops[:c.stops]
	u.gaps = slices.DeleteFunc(u.gaps, func(g gap) bool { return g.From >= u.cur.pos })
}

// commit derives what no sample in good time can change any more.
func (u *unit) commit(end plant.Instant, was *past) {
	if u.begin == 0 {
		return
	}
	u.cur.pos = max(u.cur.pos, u.begin)
	for u.cur.pos <= u.sure {
		if g, ok := u.closeUnknown(end); ok && len(g.runs) > 0 {
			u.goBack(g.From, was)
			u.cur.pos = max(u.cur.pos, u.begin)
		}
		ahead := u.cur.scanner
		p := ahead.piece(u, end)
		if p.to > u.sure {
			return
		}
		u.cur.scanner = ahead
		u.cur.add(u, p)
		if u.mayCheck() {
			u.checks = append(u.checks, checkpoint{u.cur.clone(), len(u.segs), len(u.stops)})
		}
	}
}

// mayCheck reports whether it is time for a checkpoint where the cursor is:
// in the middle of a stretch without data only while that has no end.
func (u *unit) mayCheck() bool {
	d := u.cur.pos.Sub(u.checks[len(u.checks)-1].pos)
	return d >= checkEvery && (u.cur.lasts || u.cur.pos >= u.cur.unknown.To) && (d >= 2*checkEvery || u.independent(u.cur.pos))
}

// deriveTail derives the rest, as it looks now. Its last segment is open.
func (u *unit) deriveTail(end plant.Instant) {
	u.wake, u.stale, u.starting, u.unsure = endless, false, false, false
	if u.begin == 0 {
		return
	}
	c := u.cur.clone()
	ends := endless // when a stretch without data is over for sure
	for c.pos < end {
		open := c.lasts
		p := c.piece(u, end)
		c.add(u, p)
		u.unsure = u.unsure || p.cls == clsUnknown || p.inferred
		if open && !c.lasts {
			ends = max(p.from.Add(grace), u.at+1)
		}
	}
	if c.partial.from == 0 {
		return
	}
	if seen := max(u.spans.last(), u.source.last()).Add(grace); c.lasts && seen > u.at {
		ends = min(ends, seen) // what was heard last is sure then
	}
	u.starting = c.phase == phaseStop && (len(c.runs) > 0 || c.partial.cls == clsRun)
	u.wake = min(c.finish(u), ends)
	c.open[len(c.open)-1].To = end - 1
	if c.on && c.holes == 0 {
		u.wake = min(u.wake, c.tellOpen(u))
	} else {
		c.close(u)
		c.chain.end(u)
	}
	u.segs = append(u.segs, c.open...)
	u.segs[len(u.segs)-1].To = 0
	u.wake = min(u.wake, u.plan.at(end-1).To)
	_, next := u.job(end - 1)
	u.wake = min(u.wake, next, u.signWake())
	seen := max(u.spans.last(), u.source.last()) + u.set.stale
	if u.stale = end-1 > seen; !u.stale {
		u.wake = min(u.wake, seen+1)
	}
}

// diffSegments compares two derivations of the same time.
func diffSegments(a, b []Segment) change {
	ch := change{segment: endless, differs: endless, count: endless}
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	switch {
	case n == len(a) && n == len(b):
		return ch
	case n == len(a):
		ch.segment = b[n].From
	case n == len(b):
		ch.segment = a[n].From
	default:
		ch.segment = min(a[n].From, b[n].From)
	}
	ch.differs = ch.segment
	if n < len(a) && n < len(b) {
		if x := a[n]; x.sameStart(b[n]) {
			ch.differs = min(x.Interval(endless).To, b[n].Interval(endless).To)
		}
	}
	ch.count = diffCounting(a, b)
	return ch
}

// sameStart reports whether s is t but for the end.
func (s Segment) sameStart(t Segment) bool {
	s.To = t.To
	return s == t
}

// diffCounting returns the first instant at which a and b count differently.
func diffCounting(a, b []Segment) plant.Instant {
	t := plant.Instant(0)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if x, y := a[i], b[j]; x.counting() != y.counting() || max(t, x.From) != max(t, y.From) {
			return max(t, min(x.From, y.From))
		}
		x, y := a[i].Interval(endless), b[j].Interval(endless)
		t = min(x.To, y.To)
		if x.To == t {
			i++
		}
		if y.To == t {
			j++
		}
		if t == endless {
			return endless
		}
	}
	if t == 0 && len(a)+len(b) > 0 {
		return append(a, b...)[0].From
	}
	return t
}

// Counting is what counts depend on in a segment.
type counting struct {
	run, inferred, blind bool
	product, order       string
}

func (s Segment) counting() counting {
	return counting{s.Loss == LossRun || s.Blip, s.Inferred, s.State == plant.StateUnknown, s.Product, s.Order}
}

// diffStops returns what is new or changed in b and, as void, what is gone.
func diffStops(a, b []Stop) []Stop {
	var out []Stop
	for _, s := range a {
		if !slices.ContainsFunc(b, func(t Stop) bool { return t.ID == s.ID }) {
			s.Void = true
			out = append(out, s)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, s)
		}
	}
	return out
}
