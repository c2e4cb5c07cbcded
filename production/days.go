package production

import (
	"time"

	"andon/plant"
)

// Days returns the production days of eq that overlap w, whole and in order;
// without a calendar those of UTC. It reads configuration only.
func (a *Area) Days(eq *plant.Equipment, w plant.Interval) []plant.Day {
	at := func(t plant.Instant) plant.Day {
		from := t.Truncate(24 * time.Hour)
		return plant.Day{Date: from.Time().Format(time.DateOnly), From: from, To: from.Add(24 * time.Hour)}
	}
	for _, u := range a.units {
		if u.eq == eq && u.plan.cal != nil {
			at = u.plan.cal.Day
		}
	}
	var days []plant.Day
	for t := w.From; t < w.To; {
		d := at(t)
		days = append(days, d)
		t = max(d.To, t+1)
	}
	return days
}
