package production

import (
	"slices"
	"time"

	"andon/plant"
)

// judge works out what a frag means.
func (u *unit) judge(g *group, f frag) verdict {
	v := verdict{code: f.code, byReason: f.byReason}
	switch {
	case f.cls == clsRun:
		v.state = plant.StateRun
	case f.cls == clsUnknown && f.sched == schedOff:
		v.state = plant.StateNotScheduled
	case f.cls == clsUnknown:
		v.state = plant.StateUnknown
	case f.cls == clsSafety:
		v.state = plant.StateSafety
	case f.cls == clsFault:
		v.state = plant.StateFault
	case f.sched == schedOff || f.cls == clsOff:
		v.state = plant.StateNotScheduled
	case f.cls == clsChangeover:
		v.state = plant.StateChangeover
	case f.sched == schedBreak:
		v.state, v.calendar, v.name = plant.StatePlannedStop, true, f.name
	case f.noOrder && f.cls != clsPlanned:
		v.state = plant.StateNotScheduled
	default:
		u.judgeIdle(g, f, &v)
	}
	return v
}

// judgeIdle judges a stop in working time that is no fault. Whatever of it has
// no cause of its own and goes on when a break is over, is the break's overrun.
func (u *unit) judgeIdle(g *group, f frag, v *verdict) {
	switch f.cls {
	case clsPlanned:
		v.state = plant.StatePlannedStop
		v.overrun = g.prevBreak && g.prevBase == f.base && g.prevCode == f.code ||
			g.on && g.stop.overrun && g.stop.base == f.base && g.stop.code == f.code
		if v.overrun {
			v.state = plant.StateStopped
		}
		return
	case clsStarved, clsBlocked, clsSuspended:
		u.judgeSuspended(f, v)
		return
	}
	v.state = plant.StateStopped
	v.overrun = !isSet(f.code) && (g.prevBreak || g.on && g.stop.overrun)
	if u.set.onProduct && !isSet(f.code) && g.runProduct != "" && f.product != "" && f.product != g.runProduct {
		v.state, v.overrun = plant.StateChangeover, false
	}
}

// judgeSuspended finds out which neighbour starves or blocks the equipment:
// the nearest downstream, else the nearest upstream, that has a stop of its
// own meanwhile.
func (u *unit) judgeSuspended(f frag, v *verdict) {
	during := plant.Interval{From: f.from, To: f.to}
	var down, up search
	if f.cls != clsStarved {
		down = u.follow(u.line[u.pos+1:], during)
	}
	if f.cls != clsBlocked {
		ahead := slices.Clone(u.line[:u.pos])
		slices.Reverse(ahead)
		up = u.follow(ahead, during)
	}
	blocked := f.cls == clsBlocked
	if f.cls == clsSuspended {
		v.line = true
		blocked = down.culprit != nil || up.culprit == nil && u.set.suspended == clsBlocked
	}
	v.state = plant.StateStarved
	found, other := up, down
	if blocked {
		v.state, found, other = plant.StateBlocked, down, up
	}
	if found.culprit != nil {
		v.culprit, v.chain = found.culprit.eq.Path, found.chain
		v.confidence = found.own * found.own / (found.own + found.doubt + other.own)
	}
}

// A search follows the line from an equipment that waits to the first with a
// cause of its own.
type search struct {
	culprit *unit
	chain   string  // paths up to the culprit, with > between
	own     float64 // share of the time in which the culprit had its own stop
	// doubt is the share of the time in which others may have been the cause:
	// further ones that stop too, and half for those on the way of which
	// nothing is known or that run.
	doubt float64
}

func (u *unit) follow(line []*unit, during plant.Interval) search {
	var s search
	for i, n := range line {
		w := n.witness(during)
		switch {
		case s.culprit != nil:
			s.doubt += w.own
		case w.own > 0:
			s.culprit, s.own = n, w.own
			for _, m := range line[:i+1] {
				if s.chain != "" {
					s.chain += ">"
				}
				s.chain += m.eq.Path
			}
		default:
			s.doubt += (w.unknown + w.run) / 2
		}
	}
	return s
}

// maxWitness bounds how many changes of a neighbour are looked at; what it did
// then stands for the rest.
const maxWitness = 64

// A witness is what an equipment did meanwhile, in shares of the time.
type witness struct{ own, unknown, run float64 }

// witness tells what the unit did in v. A stop of its own is one that is not
// its neighbours' doing.
func (u *unit) witness(v plant.Interval) witness {
	var own, run, known time.Duration
	t := v.From
	if u.begin == 0 {
		t = v.To
	}
	for n := 0; t < v.To && n < maxWitness; n++ {
		f := u.fragAt(t, v.To)
		d := f.to.Sub(f.from)
		switch f.cls {
		case clsStopped, clsIdle, clsFault, clsSafety, clsChangeover, clsPlanned:
			if f.sched != schedOff {
				own += d
			}
		case clsSuspended, clsStarved, clsBlocked:
			if f.sched == schedBreak {
				own += d
			}
		case clsRun:
			run += d
		}
		if f.cls != clsUnknown {
			known += d
		}
		t = f.to
	}
	all := float64(max(1, t.Sub(v.From)))
	return witness{float64(own) / all, 1 - float64(known)/all, float64(run) / all}
}
