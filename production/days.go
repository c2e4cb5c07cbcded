package production

import (
	"time"

	"andon/plant"
)

// Days returns the production days of eq that overlap w, whole and in order;
// without a calendar those of UTC.
func (d *Definitions) Days(eq *plant.Equipment, w plant.Interval) []plant.Day {
	at := func(t plant.Instant) plant.Day {
		from := t.Truncate(24 * time.Hour)
		return plant.Day{Date: from.Time().Format(time.DateOnly), From: from, To: from.Add(24 * time.Hour)}
	}
	if e := d.by[eq]; e != nil && e.cal != nil {
		at = e.cal.Day
	}
	var days []plant.Day
	for t := w.From; t < w.To; {
		day := at(t)
		days = append(days, day)
		t = max(day.To, t+1)
	}
	return days
}
