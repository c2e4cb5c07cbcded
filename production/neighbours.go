package production

import (
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
	default:
		u.judgeIdle(g, f, &v)
	}
	return v
}

// judgeIdle judges a stop in working time that is no fault.
func (u *unit) judgeIdle(g *group, f frag, v *verdict) {
	fromBreak := g.prevSched == schedBreak && g.prevBase == f.base && g.prevCode == f.code
	v.overrun = fromBreak || g.on && g.stop.overrun && g.stop.base == f.base && g.stop.code == f.code
	switch f.cls {
	case clsPlanned:
		v.state = plant.StatePlannedStop
		if v.overrun {
			v.state = plant.StateStopped
		}
		return
	case clsStarved, clsBlocked, clsSuspended:
		v.overrun = false
		u.judgeSuspended(f, v)
		return
	}
	v.state = plant.StateStopped
	if f.cls == clsTransitional || isSet(f.code) {
		v.overrun = false
	}
	if u.set.onProduct && !isSet(f.code) && g.runProduct != "" && f.product != "" && f.product != g.runProduct {
		v.state, v.overrun = plant.StateChangeover, false
	}
}

// judgeSuspended finds out which neighbour starves or blocks the equipment:
// the nearest downstream, else the nearest upstream, that has a stop of its
// own meanwhile.
func (u *unit) judgeSuspended(f frag, v *verdict) {
	during := plant.Interval{From: f.from, To: f.to}
	var down, up *unit
	for _, n := range u.line[u.pos+1:] {
		if n.stopsByItself(during) {
			down = n
			break
		}
	}
	for i := u.pos - 1; i >= 0; i-- {
		if u.line[i].stopsByItself(during) {
			up = u.line[i]
			break
		}
	}
	blocked := f.cls == clsBlocked
	if f.cls == clsSuspended {
		v.line = true
		blocked = down != nil || up == nil && u.set.suspended == clsBlocked
	}
	v.state = plant.StateStarved
	culprit := up
	if blocked {
		v.state, culprit = plant.StateBlocked, down
	}
	if culprit != nil {
		v.culprit = culprit.eq.Path
	}
}

// stopsByItself reports whether the unit has a stop in v that is not its
// neighbours' doing.
func (u *unit) stopsByItself(v plant.Interval) bool {
	if u.begin == 0 || u.begin >= v.To {
		return false
	}
	for t := max(v.From, u.begin); t < v.To; {
		f := u.fragAt(t, v.To)
		switch f.cls {
		case clsStopped, clsIdle, clsFault, clsSafety, clsChangeover, clsPlanned:
			if f.sched != schedOff {
				return true
			}
		case clsSuspended, clsStarved, clsBlocked:
			if f.sched == schedBreak {
				return true
			}
		}
		t = f.to
	}
	return false
}
