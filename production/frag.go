package production

import (
	"unique"

	"andon/plant"
)

// A frag is a raw stretch of the timeline: between from and to all signals,
// the calendar and the orders stay the same.
type frag struct {
	from, to plant.Instant
	base     class // of state and mode alone
	cls      class // with reason codes looked at
	sched    schedKind
	code     code   // reason or fault code, codeNone for none
	byReason bool   // code is a stop reason, not a fault code
	name     string // of the break
	product  string
	order    string
	noOrder  bool // there is none, and so nobody wants the equipment to run
	inferred bool // run that only the counter shows
	blip     bool // run too short to end a stop
}

// same reports whether f goes on as g.
func (f frag) same(g frag) bool {
	f.from, f.to, g.from, g.to = 0, 0, 0, 0
	return f == g
}

func (f frag) running() bool { return f.cls == clsRun }

// What a signal says that is not set.
var (
	codeZero  = unique.Make("0")
	codeFalse = unique.Make("false")
)

func isSet(c code) bool { return c != codeNone && c != codeZero && c != codeFalse }

// A scanner cuts the log of a unit into pieces, in order.
type scanner struct {
	pos plant.Instant
	// The stretch without data that pos is in, or was in last, and what of it
	// is run that the counter shows.
	unknown plant.Interval
	shown   []plant.Interval
	// lasts says that the stretch may go on: pos is at what is known of its
	// end, and nothing in it is taken for run.
	lasts bool
}

// piece returns the stretch at the scanner's position, which must be before
// end, and moves on. The next piece may be the same but for its time.
func (s *scanner) piece(u *unit, end plant.Instant) frag {
	f := u.fragAt(s.pos, end)
	if f.cls != clsUnknown {
		s.lasts = false
	} else {
		switch {
		case s.lasts:
			s.unknown.To = f.to
		case s.pos >= s.unknown.To:
			s.enterUnknown(u, f, end)
		}
		s.inferred(&f)
	}
	s.pos = f.to
	return f
}

// inferred makes run of f, which has no data, or cuts it where run begins.
func (s *scanner) inferred(f *frag) {
	for _, run := range s.shown {
		switch {
		case run.Contains(f.from):
			f.cls, f.base, f.inferred = clsRun, clsRun, true
			f.to = min(f.to, run.To)
			return
		case run.From > f.from:
			f.to = min(f.to, run.From)
			return
		}
	}
}

// enterUnknown finds whether the stretch without data that begins with f has
// an end that is sure, and what was made in it then.
func (s *scanner) enterUnknown(u *unit, f frag, end plant.Instant) {
	v := plant.Interval{From: f.from, To: f.to}
	for v.To > u.sure || !u.answered(v.To) {
		if v.To >= u.sure {
			s.unknown, s.shown, s.lasts = plant.Interval{From: f.from, To: f.to}, nil, true
			return
		}
		g := u.fragAt(v.To, end)
		if g.cls != clsUnknown {
			break
		}
		v.To = g.to
	}
	s.unknown, s.shown = v, u.newGap(v).runs
}

// closeUnknown ends the stretch without data that the cursor is in, if it is
// over there for sure, and finds what was made in it.
func (u *unit) closeUnknown(end plant.Instant) (gap, bool) {
	t := u.cur.pos
	if !u.cur.lasts || !u.answered(t) && (t >= u.sure || u.fragAt(t, end).cls == clsUnknown) {
		return gap{}, false
	}
	u.cur.lasts = false
	return u.newGap(u.cur.unknown), true
}

// fragAt works out the frag at t; its end may be too early, never too late.
func (u *unit) fragAt(t, end plant.Instant) frag {
	u.frags++
	f := frag{from: t, to: end, code: codeNone}
	change := endless // of the state
	for i := range u.tracks {
		if k := &u.tracks[i]; k.any() && i != sigCavities {
			until := k.until(t, u.sure, u.meaning(i))
			f.to = min(f.to, until)
			if i == sigState {
				change = until
			}
		}
	}
	u.placeInPlan(&f)
	if gap, ok := gapAfter(u.spans, *u.source, t, end-1, u.set.stale); ok {
		if gap.From <= t {
			if gap.To != 0 {
				f.to = min(f.to, gap.To)
			}
			return f
		}
		f.to = min(f.to, gap.From)
	}
	if u.signs.by() != byState {
		u.classifySigns(&f)
		return f
	}
	state, until := u.stateAt(t)
	f.to = min(f.to, until)
	if state != codeBad && !u.fades(&f, change) {
		u.classify(&f, u.set.states.classOf(state))
	}
	return f
}

// meaning returns what the codes of a signal mean where that is all that a
// frag has of them, nil where it has the code itself.
func (u *unit) meaning(s int) *codes {
	if s == sigState {
		return &u.set.states
	}
	return nil
}

// fades reports whether the state is lost at next and nothing was heard of the
// equipment from f on until then. It ends f where that begins.
func (u *unit) fades(f *frag, next plant.Instant) bool {
	if next == endless {
		return false
	}
	if v := u.tracks[sigState].at(next); v != codeLost && v != codeBad {
		return false
	}
	heard := u.heardBy(next)
	if heard > f.from {
		f.to = min(f.to, heard)
	}
	return heard <= f.from
}

// heardBy returns when the equipment was last heard of at or before t; t when
// it was never, or when it was heard of again before its silence was a gap.
func (u *unit) heardBy(t plant.Instant) plant.Instant {
	last := max(u.spans.lastBy(t), u.source.lastBy(t))
	if last == 0 || min(u.spans.nextFrom(t), u.source.nextFrom(t))-last <= u.set.stale {
		return t
	}
	return last
}

// placeInPlan sets what calendar and orders say of f.
func (u *unit) placeInPlan(f *frag) {
	span := u.plan.at(f.from)
	f.sched, f.name = span.kind, span.name
	job, next := u.job(f.from)
	f.to = min(f.to, span.To, next)
	f.order, f.product, f.noOrder = job.order, job.product, job.none
	if k := &u.tracks[sigOrder]; k.begun(f.from) {
		u.placeInOrder(f, k.at(f.from))
	}
	if p := u.tracks[sigProduct].at(f.from); isSet(p) {
		f.product = p.Value()
	}
	f.noOrder = f.noOrder && u.set.noOrder
}

// placeInOrder sets what a tag says of the order of f. It says so alone: where
// it names none, or one that nobody knows, no other order is meant.
func (u *unit) placeInOrder(f *frag, order code) {
	f.order, f.product, f.noOrder = "", u.set.plan.product, true
	if !isSet(order) {
		return
	}
	f.order, f.noOrder = order.Value(), false
	if p := u.productOf(f.order); p != "" {
		f.product = p
	}
}

// stateAt returns the state code at t, codeBad when it is not known, and a
// time up to which that holds if no sample changes it.
func (u *unit) stateAt(t plant.Instant) (code, plant.Instant) {
	k := &u.tracks[sigState]
	if !k.begun(t) {
		return codeBad, endless
	}
	if v := k.at(t); v != codeLost {
		return v, endless
	}
	back, ok := u.nextSample(k.lastBy(t))
	if !ok || t < back {
		if !ok {
			back = endless
		}
		return codeBad, back
	}
	if _, es, i := k.known(t); i >= 0 {
		return es[i].v, endless
	}
	return codeBad, endless
}

// nextSample returns the time of the first good sample after t that is kept.
func (u *unit) nextSample(t plant.Instant) (plant.Instant, bool) {
	first := endless
	for i := range u.tracks {
		first = min(first, u.tracks[i].firstAfter(t, false))
	}
	for i := range u.counters {
		c := &u.counters[i]
		if c.tag == nil || c.tag.Equipment != u.eq {
			continue
		}
		if r, ok := c.next(t); ok {
			first = min(first, r)
		}
	}
	return first, first != endless
}
