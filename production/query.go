package production

import (
	"slices"

	"andon/plant"
)

// TakeStates returns the states that changed since the last TakeStates, by
// equipment in the order of the tree, and those that came and went since,
// in order of time. It leaves all else for Drain.
func (a *Area) TakeStates() (present, passed []plant.StateChange) {
	a.settle()
	slices.SortFunc(a.fresh, func(x, y *unit) int { return x.id - y.id })
	for _, u := range a.fresh {
		u.fresh = false
		if u.out.segment == endless || len(u.segs) == 0 {
			continue
		}
		passed = append(passed, u.passed()...)
		if now, news := u.stateNews(); news {
			present = append(present, now)
		}
		u.out.part = u.latest().From
	}
	a.fresh = a.fresh[:0]
	return present, passed
}

// Starting reports whether some equipment of the area runs again but not long
// enough yet to end its stop: then a state that is told as lasting may turn
// out to be over already.
func (a *Area) Starting() bool {
	a.settle()
	for n := len(a.starting); n > 0; n-- {
		u := a.starting[n-1]
		if u.starting {
			return true
		}
		u.listed = false
		a.starting = a.starting[:n-1]
	}
	return false
}
