package production

import (
	"time"

	"andon/plant"
)

// The parts of a snapshot that hold the derivation where the log begins.

func (w *writer) signs(g *signs) {
	if g == nil {
		g = &signs{}
	}
	w.spans(g.pulses)
	w.meter(g.counted)
	w.counter(&counter{readings: g.draws}, meter{}, 0)
	w.len(len(g.drawing))
	for _, d := range g.drawing {
		w.time(d.t)
		w.bool(d.run)
	}
}

func (r *reader) signs(g *signs) {
	if g == nil { // what another configuration had is of no use
		g = &signs{}
	}
	g.pulses = r.spans()
	g.counted = r.meter()
	var c counter
	r.counter(&c)
	g.draws = c.readings
	for range r.len() {
		g.drawing = append(g.drawing, drawChange{r.time(), r.bool()})
	}
}

func (w *writer) cursor(c *cursor) {
	w.time(c.pos)
	w.time(c.unknown.From)
	w.time(c.unknown.To)
	w.spans(c.shown)
	w.frag(c.partial)
	w.int(int64(c.phase))
	w.frags(c.runs)
	w.frags(c.nons)
	w.len(len(c.held))
	for _, h := range c.held {
		w.stopping(h.stop)
		w.segments(h.segs)
	}
	w.int(int64(c.length))
	w.segments(c.open)
	w.bool(c.on)
	w.stopping(c.stop)
	w.int(int64(c.holes))
	w.text(c.runProduct)
	w.bool(c.prevBreak)
	w.int(int64(c.prevBase))
	w.optional(c.prevCode)
}

func (r *reader) cursor(c *cursor) {
	c.pos = r.time()
	c.unknown = plant.Interval{From: r.time(), To: r.time()}
	c.shown = r.spans()
	c.partial = r.frag()
	c.phase = phase(r.upTo(int64(phaseStop)))
	c.runs, c.nons = r.frags(), r.frags()
	for range r.len() {
		h := heldStop{r.stopping(), r.segments()}
		if len(h.segs) == 0 {
			r.fail()
			return
		}
		c.held = append(c.held, h)
	}
	c.length = time.Duration(r.int())
	c.open = r.segments()
	c.on = r.bool()
	c.stop = r.stopping()
	c.holes = int(r.upTo(int64(len(c.open))))
	c.runProduct = r.text()
	c.prevBreak = r.bool()
	c.prevBase = class(r.upTo(int64(clsTransitional)))
	c.prevCode = r.optional()
	if c.on && c.holes >= len(c.open) {
		r.fail() // a stop has at least one segment
	}
}

// upTo reads a number from 0 to most.
func (r *reader) upTo(most int64) int64 {
	n := r.int()
	if n < 0 || n > most {
		r.fail()
		return 0
	}
	return n
}

// optional writes a code that may be the zero handle, before the first frag.
func (w *writer) optional(c code) {
	w.bool(c != code{})
	if c != (code{}) {
		w.code(c)
	}
}

func (r *reader) optional() code {
	if r.bool() {
		return r.code()
	}
	return code{}
}

func (w *writer) frags(fs []frag) {
	w.len(len(fs))
	for _, f := range fs {
		w.frag(f)
	}
}

func (r *reader) frags() []frag {
	var fs []frag
	for range r.len() {
		fs = append(fs, r.frag())
	}
	return fs
}

func (w *writer) frag(f frag) {
	w.time(f.from)
	w.time(f.to)
	w.int(int64(f.base))
	w.int(int64(f.cls))
	w.int(int64(f.sched))
	w.optional(f.code)
	w.bool(f.byReason)
	w.text(f.name)
	w.text(f.product)
	w.text(f.order)
	w.bool(f.noOrder)
	w.bool(f.inferred)
	w.bool(f.blip)
}

func (r *reader) frag() frag {
	return frag{from: r.time(), to: r.time(), base: class(r.upTo(int64(clsTransitional))),
		cls: class(r.upTo(int64(clsTransitional))), sched: schedKind(r.upTo(int64(schedOff))), code: r.optional(),
		byReason: r.bool(), name: r.text(), product: r.text(), order: r.text(), noOrder: r.bool(), inferred: r.bool(), blip: r.bool()}
}

func (w *writer) segments(list []Segment) {
	w.len(len(list))
	for _, s := range list {
		w.segment(s)
	}
}

func (r *reader) segments() []Segment {
	var list []Segment
	for range r.len() {
		list = append(list, r.segment())
	}
	return list
}

func (w *writer) segment(s Segment) {
	w.time(s.From)
	w.time(s.To)
	w.int(int64(s.State))
	w.int(int64(s.Loss))
	w.text(s.Stop)
	w.time(s.StopStart)
	w.text(s.Reason)
	w.text(s.Culprit)
	w.bool(s.Failure)
	w.bool(s.Inferred)
	w.bool(s.Blip)
	w.text(s.Product)
	w.text(s.Order)
	w.bool(s.Unscheduled)
}

func (r *reader) segment() Segment {
	return Segment{From: r.time(), To: r.time(), State: plant.State(r.upTo(int64(plant.StateSafety))),
		Loss: Loss(r.upTo(int64(LossNotScheduled))), Stop: r.text(), StopStart: r.time(), Reason: r.text(), Culprit: r.text(),
		Failure: r.bool(), Inferred: r.bool(), Blip: r.bool(), Product: r.text(), Order: r.text(), Unscheduled: r.bool()}
}

func (w *writer) stopping(s stopping) {
	w.time(s.from)
	w.int(int64(s.state))
	w.optional(s.code)
	w.bool(s.byReason)
	w.bool(s.calendar)
	w.text(s.name)
	w.bool(s.overrun)
	w.bool(s.line)
	w.text(s.culprit)
	w.text(s.chain)
	w.int(int64(s.waited))
	w.int(int64(s.trusted))
	w.int(int64(s.base))
	w.bool(s.soft)
	w.text(s.shift)
	w.text(s.product)
	w.text(s.order)
}

func (r *reader) stopping() stopping {
	s := stopping{from: r.time()}
	s.verdict = verdict{state: plant.State(r.upTo(int64(plant.StateSafety))), code: r.optional(), byReason: r.bool(),
		calendar: r.bool(), name: r.text(), overrun: r.bool(), line: r.bool(), culprit: r.text(), chain: r.text()}
	s.waited, s.trusted = time.Duration(r.int()), time.Duration(r.int())
	s.base = class(r.upTo(int64(clsTransitional)))
	s.soft = r.bool()
	s.shift, s.product, s.order = r.text(), r.text(), r.text()
	return s
}

func (w *writer) carry(c carry) {
	w.time(c.since)
	w.int(c.booked)
	w.int(c.owed)
}

func (r *reader) carry() carry {
	return carry{since: r.time(), booked: r.int(), owed: r.int(), even: endless}
}
