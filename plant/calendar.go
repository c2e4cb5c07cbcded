package plant

import (
	"fmt"
	"slices"
	"time"
)

// A Shift is one crew's working time on one date. An empty Name means no
// shift.
type Shift struct {
	Name string  `json:"name"`
	From Instant `json:"from"`
	To   Instant `json:"to"`
}

// Interval returns the shift's span.
func (s Shift) Interval() Interval { return Interval{From: s.From, To: s.To} }

// A Break is planned time without production inside a shift.
type Break struct {
	Name  string  `json:"name"`
	Shift string  `json:"shift"`
	From  Instant `json:"from"`
	To    Instant `json:"to"`
}

// A Day is a production day: it begins with the first shift and not at
// midnight. Date is the local date on which it begins, as 2026-03-02.
type Day struct {
	Date string  `json:"date"`
	From Instant `json:"from"`
	To   Instant `json:"to"`
}

// A Calendar is a weekly pattern of shifts in local time with exceptions. It
// is immutable and safe for concurrent use.
//
// Local times are resolved for each date: a time that the change to summer
// time skips becomes the next valid instant, one that comes twice when
// summer time ends is the first. So the shift from 22:00 to 06:00 has 7
// hours in the one night and 9 in the other.
type Calendar struct {
	zone       *time.Location
	dayStart   clock
	shifts     []shift
	exceptions []exception
}

type shift struct {
	name     string
	days     [7]bool // by time.Weekday of the start
	from, to clock
	breaks   []shiftBreak
	// Of a rotation: day 1 and the days of the cycle it begins on, instead of
	// days.
	cycle int
	start date
	on    []bool
	// The first and last date it begins on, zero for ever.
	validFrom, validTo date
}

// usual reports whether s begins on d where no exception says otherwise.
func (s shift) usual(d date) bool {
	if d.before(s.validFrom) || s.validTo != (date{}) && s.validTo.before(d) {
		return false
	}
	if s.cycle == 0 {
		return s.days[d.weekday()]
	}
	n := int(d.t.Sub(s.start.t)/(24*time.Hour)) % s.cycle
	if n < 0 {
		n += s.cycle
	}
	return s.on[n]
}

type shiftBreak struct {
	name     string
	from, to clock
}

type exception struct {
	from, to date // both included
	shifts   []string
}

// NewCalendar builds the calendar that c declares. zone is used when c names
// none. c must have passed Validate.
func NewCalendar(c CalendarConfig, zone *time.Location) (*Calendar, error) {
	if err := c.Validate().Err(); err != nil {
		return nil, err
	}
	cal := &Calendar{zone: zone}
	if c.Zone != "" {
		z, err := time.LoadLocation(c.Zone)
		if err != nil {
			return nil, fmt.Errorf("zone %q: %w", c.Zone, err)
		}
		cal.zone = z
	}
	for i, sc := range c.Shifts {
		s := sc.build()
		if i == 0 || s.from < cal.dayStart {
			cal.dayStart = s.from
		}
		cal.shifts = append(cal.shifts, s)
	}
	if c.DayStart != "" {
		cal.dayStart, _ = parseClock(c.DayStart)
	}
	for _, ec := range c.Exceptions {
		from, _ := parseDate(ec.From)
		to := from
		if ec.To != "" {
			to, _ = parseDate(ec.To)
		}
		cal.exceptions = append(cal.exceptions, exception{from, to, ec.Shifts})
	}
	return cal, nil
}

// Zone returns the calendar's time zone.
func (c *Calendar) Zone() *time.Location { return c.zone }

// ShiftAt returns the shift at t. Of overlapping shifts it is the one that
// began last, and of those the first declared.
func (c *Calendar) ShiftAt(t Instant) (Shift, bool) {
	var at Shift
	found := false
	for _, s := range c.Shifts(Interval{From: t, To: t + 1}) {
		if !found || s.From > at.From {
			at, found = s, true
		}
	}
	return at, found
}

// Shifts returns the shifts that overlap v, whole, in order of their start.
func (c *Calendar) Shifts(v Interval) []Shift {
	var found []Shift
	c.each(v, func(_ shift, at Shift, _ date) { found = append(found, at) })
	slices.SortStableFunc(found, func(a, b Shift) int { return int(min(1, max(-1, a.From-b.From))) })
	return found
}

// Breaks returns the breaks that overlap v, whole, in order of their start.
func (c *Calendar) Breaks(v Interval) []Break {
	var found []Break
	c.each(v, func(s shift, at Shift, d date) {
		for _, b := range s.breaks {
			w := c.span(d.after(b.from < s.from), b.from, b.to).Clip(at.Interval())
			if w.overlaps(v) {
				found = append(found, Break{Name: b.name, Shift: s.name, From: w.From, To: w.To})
			}
		}
	})
	slices.SortStableFunc(found, func(a, b Break) int { return int(min(1, max(-1, a.From-b.From))) })
	return found
}

// each calls f for every shift that overlaps v, with the date of its start.
func (c *Calendar) each(v Interval, f func(s shift, at Shift, d date)) {
	if v.To <= v.From {
		return
	}
	last := dateOf(v.To.Time().In(c.zone))
	for d := dateOf(v.From.Time().In(c.zone)).add(-1); !last.before(d); d = d.add(1) {
		for _, s := range c.shifts {
			if !c.works(s, d) {
				continue
			}
			if w := c.span(d, s.from, s.to); w.overlaps(v) {
				f(s, Shift{Name: s.name, From: w.From, To: w.To}, d)
			}
		}
	}
}

// works reports whether s begins on d.
func (c *Calendar) works(s shift, d date) bool {
	for _, e := range c.exceptions {
		if !d.before(e.from) && !e.to.before(d) {
			return slices.Contains(e.shifts, s.name)
		}
	}
	return s.usual(d)
}

// span resolves local times from and to, on the next date when to is not
// after from.
func (c *Calendar) span(d date, from, to clock) Interval {
	return Interval{From: resolve(d, from, c.zone), To: resolve(d.after(to <= from), to, c.zone)}
}

// Day returns the production day that t belongs to.
func (c *Calendar) Day(t Instant) Day {
	d := dateOf(t.Time().In(c.zone))
	if t < resolve(d, c.dayStart, c.zone) {
		d = d.add(-1)
	}
	return Day{Date: d.String(), From: resolve(d, c.dayStart, c.zone), To: resolve(d.add(1), c.dayStart, c.zone)}
}
