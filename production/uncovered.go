package production

import "andon/plant"

// An uncovered stretch of a window is one that no segment says anything of,
// such as the time before the first sample. What the calendar plans divides
// it: equipment nobody ever heard of is not unknown on a Sunday.
type uncovered struct {
	Planned      Seconds // breaks
	NotScheduled Seconds
	Unknown      Seconds // of the time for work
}

// uncovered returns what the calendar plans where no segment is.
func (in KPIInput) uncovered(window plant.Interval) uncovered {
	var u uncovered
	plan := in.plan
	if plan == nil {
		plan = &schedule{cal: in.calendar} // that of a unit is its owner's
	}
	at := window.From
	for _, s := range in.Facts.Segments {
		if v := s.Interval(window.To).Clip(window); v.From < v.To {
			u.add(plan, plant.Interval{From: at, To: v.From})
			at = max(at, v.To)
		}
	}
	u.add(plan, plant.Interval{From: at, To: window.To})
	return u
}

func (u *uncovered) add(plan *schedule, v plant.Interval) {
	for at := v.From; at < v.To; {
		span := plan.at(at)
		to := min(span.To, v.To)
		d := Seconds(to.Sub(at))
		switch span.kind {
		case schedBreak:
			u.Planned += d
		case schedOff:
			u.NotScheduled += d
		default:
			u.Unknown += d
		}
		at = to
	}
}
