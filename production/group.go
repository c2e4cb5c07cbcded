package production

import (
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"andon/plant"
)

// A group puts frags that belong together into stops.
type group struct {
	chain           // the stops right before open
	open  []Segment // of the stop, or the one segment that may still grow
	stop  stopping
	on    bool // stop is going on
	holes int  // how many of open, from the end, are time without data after the stop

	runProduct string // product of the last run
	// The frag before, as far as a break's overrun needs it.
	prevBreak bool // it was a planned break
	prevBase  class
	prevCode  code
}

// A stopping is a stop as it is understood so far.
type stopping struct {
	from plant.Instant
	verdict
	base    class
	soft    bool // only transitional states so far
	shift   string
	product string
	order   string
	// waited is how long a culprit is known of, trusted the same weighed by
	// confidence.
	waited, trusted time.Duration
}

// A verdict is what one frag of a stop means.
type verdict struct {
	state    plant.State
	code     code
	byReason bool
	calendar bool   // a planned break
	name     string // of the break
	overrun  bool   // the break is over
	line     bool   // the neighbours explain it
	culprit  string
	// chain is the way to the culprit, confidence how sure it is.
	chain      string
	confidence float64
}

// maxBlips bounds the segments of a stop that flickers for hours.
const maxBlips = 20

// take takes the next frag, in order.
func (g *group) take(u *unit, f frag) {
	v := u.judge(g, f)
	if !f.blip {
		g.prevBreak, g.prevBase, g.prevCode = v.calendar, f.base, f.code
	}
	seg := Segment{From: f.from, To: f.to, State: v.state, Loss: lossOf(v.state), Inferred: f.inferred,
		Product: f.product, Order: f.order, Unscheduled: f.running() && f.sched != schedWork}
	if f.off(v.state) {
		seg.Loss = LossNotScheduled
	}
	if v.state == plant.StateNotScheduled && f.noOrder && f.sched != schedOff {
		seg.Reason = reasonNoOrder
	}
	switch {
	case f.blip && g.on:
		seg.Loss, seg.Blip = LossOther, len(g.open) < maxBlips
		g.join(seg)
	case v.state == plant.StateUnknown && g.on:
		g.holes++
		g.append(seg)
	case v.state == plant.StateUnknown, v.state == plant.StateNotScheduled:
		g.close(u)
		g.end(u)
		g.replace(u, seg)
	case v.state.Producing():
		g.close(u)
		g.end(u)
		g.replace(u, seg)
		g.runProduct = f.product
	case g.on && g.stop.joins(u, f, v):
		g.stop.weigh(f, v)
		g.join(seg)
	default:
		g.close(u)
		g.begin(u, f, v)
		g.replace(u, seg)
	}
}

// off reports whether nobody wants the equipment to run in f, judged to be s:
// outside the calendar, and without an order unless it is prepared for the
// next one.
func (f frag) off(s plant.State) bool {
	switch s {
	case plant.StateFault, plant.StateSafety:
		return f.sched == schedOff || f.noOrder
	}
	return f.sched == schedOff && !s.Producing()
}

func (g *group) begin(u *unit, f frag, v verdict) {
	g.on = true
	g.stop = stopping{from: f.from, verdict: v, base: f.base, soft: f.cls == clsTransitional && !v.calendar,
		shift: u.plan.at(f.from).shift.Name, product: f.product, order: f.order}
	g.stop.weigh(f, v)
}

// join adds a segment to the stop; time without data before it is inside the
// stop then.
func (g *group) join(seg Segment) {
	g.holes = 0
	g.append(seg)
}

func (g *group) append(seg Segment) {
	last := &g.open[len(g.open)-1]
	if last.like(seg) {
		if seg.State == plant.StateUnknown {
			g.holes--
		}
		last.To = seg.To
		return
	}
	g.open = append(g.open, seg)
}

// replace makes seg the open segment; what was open is sure now.
func (g *group) replace(u *unit, seg Segment) {
	if n := len(g.open); n > 0 && !g.on && g.open[n-1].like(seg) {
		g.open[n-1].To = seg.To
		return
	}
	u.segs = append(u.segs, g.open...)
	g.open = append(g.open[:0], seg)
}

// close ends the stop, if one is going on.
func (g *group) close(u *unit) {
	if !g.on {
		return
	}
	n := len(g.open) - g.holes
	g.link(u, heldStop{g.stop, slices.Clone(g.open[:n])})
	if g.holes > 0 {
		g.end(u) // it may have run meanwhile
	}
	g.open = append(g.open[:0], g.open[n:]...)
	g.on, g.holes = false, 0
}

// like reports whether t, which follows s, differs only in time. State and
// loss of a stop's segments are provisional, so what matters in them is
// whether they are without data or outside the calendar.
func (s Segment) like(t Segment) bool {
	a, b := s, t
	a.From, a.To, b.From, b.To = 0, 0, 0, 0
	if s.inStop() && t.inStop() {
		a.State, b.State, a.Loss, b.Loss = 0, 0, s.offLoss(), t.offLoss()
	}
	return a == b && s.To == t.From
}

func (s Segment) inStop() bool {
	return s.State != plant.StateUnknown && s.State != plant.StateNotScheduled && (!s.State.Producing() || s.Loss == LossOther)
}

func (s Segment) offLoss() Loss {
	if s.Loss == LossNotScheduled {
		return LossNotScheduled
	}
	return LossOther
}

// joins reports whether f, judged to be v, is part of the stop. It may change
// what the stop is understood to be.
func (s *stopping) joins(u *unit, f frag, v verdict) bool {
	switch {
	case f.cls == clsTransitional && !v.calendar && !s.calendar:
		return true
	case s.soft:
		s.adopt(f, v)
		return true
	}
	young := f.from.Sub(s.from) < u.set.minState
	plain := v.state == plant.StateStopped && !isSet(v.code) && !v.overrun
	wasPlain := s.state == plant.StateStopped && !isSet(s.code) && !s.overrun
	switch {
	case plain && (s.state == plant.StateFault || s.state == plant.StateSafety || wasPlain):
		return true
	case plain && s.base == f.base && !s.calendar:
		return true // the code was taken back before the stop was over
	case s.base == f.base && (wasPlain || young && v.byReason) && !v.calendar && !s.calendar:
		s.adopt(f, v) // the reason came after the stop began
		return true
	case s.state != v.state || s.overrun != v.overrun:
		return false
	case v.state == plant.StateStopped && u.set.reasons.category(v.code.Value()) != u.set.reasons.category(s.code.Value()):
		return false
	}
	s.refine(v)
	return true
}

// adopt takes over what v says of the stop.
func (s *stopping) adopt(f frag, v verdict) {
	s.verdict, s.base, s.soft = v, f.base, false
	s.waited, s.trusted = 0, 0
}

// refine keeps the last stop reason, else the first fault code, and the first
// culprit.
func (s *stopping) refine(v verdict) {
	if isSet(v.code) && (v.byReason || !isSet(s.code)) {
		s.code, s.byReason = v.code, v.byReason
	}
	if s.culprit == "" {
		s.culprit, s.chain = v.culprit, v.chain
	}
}

// weigh takes down how sure the culprit is while f lasts.
func (s *stopping) weigh(f frag, v verdict) {
	if v.culprit == "" || v.culprit != s.culprit {
		return
	}
	d := f.to.Sub(f.from)
	s.waited += d
	s.trusted += time.Duration(v.confidence * float64(d))
}

// microStop returns the time below which a stop is a micro-stop.
func (u *unit) microStop(s stopping) time.Duration {
	cycles := u.set.microCycles
	if own := u.set.plan.microCycles[s.product]; own != 0 {
		cycles = own
	}
	if ideal := u.set.plan.ideal(s.product, s.from); cycles > 0 && ideal > 0 {
		return time.Duration(cycles * float64(ideal))
	}
	return u.set.micro
}

func stopID(path string, from plant.Instant) string {
	h := fnv.New64a()
	h.Write([]byte(path))
	h.Write(strconv.AppendInt([]byte{'@'}, int64(from), 10))
	id := strconv.FormatUint(h.Sum64(), 16)
	return "0000000000000000"[len(id):] + id
}
