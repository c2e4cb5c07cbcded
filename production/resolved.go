package production

import "andon/plant"

// Resolved remembers what calendars plan, for one who works out the KPIs of
// many machines: most share a calendar, and to resolve it costs more than the
// KPIs themselves. The zero Resolved is ready. It changes no result, and is not
// safe for concurrent use.
type Resolved struct {
	plans  map[*plant.Calendar]*schedule
	shifts map[*plant.Calendar]resolvedShifts
}

// A resolvedShifts is what was asked for last.
type resolvedShifts struct {
	plant.Interval
	shifts []plant.Shift
}

// Use has Compute look at what r remembers of the calendar of in.
func (r *Resolved) Use(in *KPIInput) {
	if in.calendar == nil {
		return
	}
	plan := r.plans[in.calendar]
	if plan == nil {
		plan = &schedule{cal: in.calendar}
		if r.plans == nil {
			r.plans = map[*plant.Calendar]*schedule{}
		}
		r.plans[in.calendar] = plan
	}
	in.plan = plan
}

// Shifts returns the same as d.Shifts. It must not be changed.
func (r *Resolved) Shifts(d *Definitions, eq *plant.Equipment, w plant.Interval) []plant.Shift {
	e := d.by[eq]
	if e == nil || e.cal == nil {
		return nil
	}
	if last, ok := r.shifts[e.cal]; ok && last.Interval == w {
		return last.shifts
	}
	if r.shifts == nil {
		r.shifts = map[*plant.Calendar]resolvedShifts{}
	}
	shifts := d.Shifts(eq, w)
	r.shifts[e.cal] = resolvedShifts{w, shifts}
	return shifts
}
