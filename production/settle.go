package production

import (
	"slices"

	"andon/plant"
)

func (a *Area) mark(u *unit) {
	if !u.dirty {
		u.dirty = true
		a.work = append(a.work, u)
	}
}

// due has u derived again if time alone changes it.
func (a *Area) due(u *unit) {
	if a.now >= u.wake {
		a.mark(u)
	}
}

// settle derives what changed. Facts of a unit depend on the logs of its line
// but not on their facts, so that two rounds are enough.
func (a *Area) settle() {
	if len(a.work) == 0 {
		return
	}
	slices.SortFunc(a.work, func(x, y *unit) int { return x.id - y.id })
	for i := 0; i < len(a.work); i++ {
		u := a.work[i]
		if u.touched == endless && a.now < u.wake {
			u.wake = min(u.wake, u.judgeSpeed(u.count(endless)), u.measure(endless))
			continue
		}
		touched := u.touched
		ch := a.derive(u)
		a.tellNeighbours(u, min(touched, ch.differs))
	}
	for i := 0; i < len(a.work); i++ {
		u := a.work[i]
		if u.dirty = false; u.near != endless {
			a.derive(u)
		}
		if !u.out.due {
			u.out.due = true
			a.changed = append(a.changed, u)
		}
		a.list(u)
	}
	a.work = a.work[:0]
}

// list notes units whose state may be another now, and those that may be
// starting, so that nobody has to walk all of them after each message.
func (a *Area) list(u *unit) {
	if u.out.segment != endless && !u.fresh {
		u.fresh = true
		a.fresh = append(a.fresh, u)
	}
	if u.starting && !u.listed {
		u.listed = true
		a.starting = append(a.starting, u)
	}
}

func (a *Area) derive(u *unit) change {
	ch := u.derive(a.now)
	u.out.note(ch)
	recounted := u.count(ch.count)
	u.wake = min(u.wake, u.judgeSpeed(min(ch.differs, recounted)), u.measure(ch.count))
	return ch
}

// tellNeighbours has those units of the line derived again whose starved or
// blocked time after t may be u's doing.
func (a *Area) tellNeighbours(u *unit, t plant.Instant) {
	if t == endless {
		return
	}
	for _, v := range u.line {
		if v != u && v.waits(t) {
			v.near = min(v.near, t)
			a.mark(v)
		}
	}
}

// waits reports whether the unit is starved or blocked at some time after t.
func (u *unit) waits(t plant.Instant) bool {
	for i := len(u.segs) - 1; i >= 0; i-- {
		s := u.segs[i]
		if s.To != 0 && s.To <= t {
			break
		}
		if s.State == plant.StateStarved || s.State == plant.StateBlocked {
			return true
		}
	}
	return false
}
