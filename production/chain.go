package production

import (
	"math"
	"slices"
	"time"

	"andon/plant"
)

// A chain is stops that follow each other without run between them and that
// may all be micro-stops: they are, when the whole stretch is short enough.
// It holds those of which that is not decided.
type chain struct {
	held   []heldStop
	length time.Duration // of all stops of the stretch so far, held or told
}

// A heldStop is a stop that is over, with its segments.
type heldStop struct {
	stop stopping
	segs []Segment
}

func (c chain) clone() chain { return chain{slices.Clone(c.held), c.length} }

// link adds the stop h to the chain, or ends the chain with a stop that is no
// micro-stop.
func (c *chain) link(u *unit, h heldStop) {
	stop, known := u.describe(h.stop, h.segs)
	if !short(stop, h.stop) {
		c.end(u)
		u.tell(stop, h.segs)
		return
	}
	c.held, c.length = append(c.held, h), c.length+known
	for len(c.held) > 0 && c.length >= u.microStop(c.held[0].stop) {
		c.pass(u)
	}
}

// end tells what is held as it is when the stretch is over.
func (c *chain) end(u *unit) {
	for len(c.held) > 0 {
		c.pass(u)
	}
	c.length = 0
}

// pass tells the first of the held stops.
func (c *chain) pass(u *unit) {
	h := c.held[0]
	c.held = slices.Clone(c.held[1:])
	stop, _ := u.describe(h.stop, h.segs)
	if stop.Micro = c.length < u.microStop(h.stop); stop.Micro {
		stop.Loss = LossMicroStop
	}
	u.tell(stop, slices.Clone(h.segs)) // checkpoints may share them
}

// short reports whether a stop is of a kind that is a micro-stop when it is
// short enough. What goes on after its break never is.
func short(stop Stop, s stopping) bool { return !s.overrun && mayBeMicro(s.state, stop.Category) }

// describe returns the stop that segs make, as no micro-stop, and how much of
// it counts.
func (u *unit) describe(s stopping, segs []Segment) (stop Stop, known time.Duration) {
	stop = Stop{ID: stopID(u.eq.Path, s.from), Equipment: u.eq, From: s.from, To: segs[len(segs)-1].To, State: s.state,
		Culprit: s.culprit, Product: s.product, Order: s.order, Shift: s.shift, Planned: s.state == plant.StatePlannedStop}
	u.set.reasons.explain(&stop, s)
	if s.culprit != "" {
		stop.CulpritChain, stop.CulpritConfidence = s.chain, math.Round(1000*float64(s.trusted)/float64(s.waited))/1000
	}
	for _, seg := range segs {
		d := seg.To.Sub(seg.From)
		if seg.State == plant.StateUnknown || seg.Loss == LossNotScheduled {
			stop.Excluded += d
		} else {
			known += d
		}
	}
	stop.Loss = lossOf(s.state)
	return stop, known
}

// tell appends the stop and its segments, which it completes.
func (u *unit) tell(stop Stop, segs []Segment) {
	stop.book(segs)
	u.stops = append(u.stops, stop)
	u.segs = append(u.segs, segs...)
}

// book books the time of segs on the stop.
func (stop *Stop) book(segs []Segment) {
	for i := range segs {
		seg := &segs[i]
		if seg.State == plant.StateUnknown {
			continue
		}
		seg.State, seg.Stop, seg.StopStart, seg.Reason = stop.State, stop.ID, stop.From, stop.Reason
		seg.Culprit, seg.Failure = stop.Culprit, stop.Failure
		if seg.Loss != LossNotScheduled {
			seg.Loss = stop.Loss
		}
	}
}

// tellOpen tells the stop that is going on, and before it what is held, as
// they look now. It returns when one of them turns into downtime.
func (g *group) tellOpen(u *unit) (wake plant.Instant) {
	wake = endless
	stop, known := u.describe(g.stop, g.open)
	brief := short(stop, g.stop)
	if brief {
		g.length += known
	}
	for _, h := range g.held {
		wake = min(wake, g.turns(u, h.stop, stop.To))
	}
	for len(g.held) > 0 {
		g.pass(u)
	}
	if stop.Micro = brief && g.length < u.microStop(g.stop); stop.Micro {
		stop.Loss, stop.Provisional = LossMicroStop, true
		wake = min(wake, g.turns(u, g.stop, stop.To))
	}
	if !brief {
		wake = endless
	}
	stop.To = 0
	u.tell(stop, g.open)
	g.open = nil
	return wake
}

// turns returns when s is no micro-stop any more if what is going on at now
// goes on; endless if it is none now.
func (c *chain) turns(u *unit, s stopping, now plant.Instant) plant.Instant {
	if left := u.microStop(s) - c.length; left > 0 {
		return now.Add(left)
	}
	return endless
}
