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
	slices.SortFunc(a.changed, func(x, y *unit) int { return x.id - y.id })
	for _, u := range a.changed {
		if u.out.segment == endless || len(u.segs) == 0 {
			continue
		}
		passed = append(passed, u.passed()...)
		if now, news := u.stateNews(); news {
			present = append(present, now)
		}
		u.out.part = u.latest().From
	}
	return present, passed
}

// Starting reports whether some equipment of the area runs again but not long
// enough yet to end its stop: then a state that is told as lasting may turn
// out to be over already.
func (a *Area) Starting() bool {
	a.settle()
	for _, u := range a.units {
		if u.starting {
			return true
		}
	}
	return false
}
