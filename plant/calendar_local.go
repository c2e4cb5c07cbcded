package plant

import (
	"strings"
	"time"
)

// A clock is a local time of day in minutes.
type clock int

const dayClock clock = 24 * 60

// parseClock reads 06:00; 24:00 is the start of the next day.
func parseClock(s string) (clock, bool) {
	if s == "24:00" {
		return dayClock, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, false
	}
	return clock(t.Hour()*60 + t.Minute()), true
}

// sinceClock returns how long after a it is b for the next time; a whole day
// when they are equal.
func sinceClock(a, b clock) clock {
	if b <= a {
		b += dayClock
	}
	return b - a
}

func parseWeekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String()[:3], s) {
			return d, true
		}
	}
	return 0, false
}

// A date is a day of the civil calendar, as midnight in UTC.
type date struct{ t time.Time }

func parseDate(s string) (date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return date{t}, err == nil
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

func (d date) add(days int) date     { return date{d.t.AddDate(0, 0, days)} }
func (d date) before(e date) bool    { return d.t.Before(e.t) }
func (d date) weekday() time.Weekday { return d.t.Weekday() }
func (d date) String() string        { return d.t.Format(time.DateOnly) }

// after returns the next date when next, else d.
func (d date) after(next bool) date {
	if next {
		return d.add(1)
	}
	return d
}

// resolve returns the instant at which it is c on d in zone: the first one
// when there are two, the end of the gap when there is none.
func resolve(d date, c clock, zone *time.Location) Instant {
	wall := d.t.Add(time.Duration(c) * time.Minute)
	// The offsets in force half a day before and after; a zone changes its
	// offset at most once in between. The earlier offset gives the first of
	// two instants.
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	for _, offset := range []int{before, after} {
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, got := t.Zone(); got == offset {
			return At(t)
		}
	}
	skipped, _ := wall.Add(-time.Duration(before) * time.Second).In(zone).ZoneBounds()
	return At(skipped)
}

// overlaps reports whether v and w, neither of them empty, share an instant.
func (v Interval) overlaps(w Interval) bool {
	return v.From < v.To && v.From < w.To && w.From < v.To
}
