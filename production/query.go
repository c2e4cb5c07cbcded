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

// Definition returns what the KPIs of eq depend on besides facts, for
// Compute: the caller sets Now and Facts. It reads configuration only, so it
// may be called while another goroutine uses the Area.
func (a *Area) Definition(eq *plant.Equipment, w plant.Interval, name string) KPIInput {
	in := KPIInput{Equipment: eq.Path, Window: w, Name: name}
	for _, u := range a.units {
		if u.eq == eq {
			u.define(&in)
			in.Mode, in.Unknown, in.NoQuality = u.set.mode, u.set.unknown, !u.hasQuality()
			in.Pricing, in.Standards = u.set.pricing, u.set.standards
			if name != "" { // minutes have no crews
				plan := &schedule{cal: u.plan.cal} // that of the unit is its owner's
				in.Crews, in.LineCrews = crews(u.set.staff, plan, w), crews(u.set.lineStaff, plan, w)
			}
		}
	}
	return in
}

// Shifts returns the shifts of eq that overlap w, in order; none for
// equipment without a calendar. It reads configuration only.
func (a *Area) Shifts(eq *plant.Equipment, w plant.Interval) []plant.Shift {
	for _, u := range a.units {
		if u.eq == eq && u.plan.cal != nil {
			return u.plan.cal.Shifts(w)
		}
	}
	return nil
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
