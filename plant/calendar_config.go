package plant

import (
	"fmt"
	"slices"
	"time"

	"andon/plant/setting"
)

// CalendarConfig declares a calendar. Times are local, written 14:30 (24:00
// is the end of the day), dates 2026-12-24.
type CalendarConfig struct {
	Name       string            `yaml:"name"`
	Zone       string            `yaml:"zone"`      // IANA time zone; "" is the site's
	DayStart   string            `yaml:"day_start"` // of the production day; "" is the earliest shift's start
	Shifts     []ShiftConfig     `yaml:"shifts"`
	Exceptions []ExceptionConfig `yaml:"exceptions"`
}

// ShiftConfig declares a shift: on which days it begins, from when to when. A
// shift whose end is not after its start ends on the next day.
type ShiftConfig struct {
	Name string   `yaml:"name"`
	Days []string `yaml:"days"` // mon tue wed thu fri sat sun; none means all
	// Rotation lets the shift begin on some days of a cycle instead.
	Rotation RotationConfig `yaml:"rotation"`
	// ValidFrom and ValidTo are the first and last date on which it begins; ""
	// is for ever.
	ValidFrom string        `yaml:"valid_from"`
	ValidTo   string        `yaml:"valid_to"`
	From      string        `yaml:"from"`
	To        string        `yaml:"to"`
	Breaks    []BreakConfig `yaml:"breaks"`
}

// RotationConfig declares days in a cycle that repeats for ever: four on and
// four off is a cycle of 8 with the days 1 to 4.
type RotationConfig struct {
	Cycle int    `yaml:"cycle"` // days; 0 for no rotation
	Start string `yaml:"start"` // a date that is day 1
	On    []int  `yaml:"on"`    // days from 1 to Cycle
}

// BreakConfig declares a break inside a shift.
type BreakConfig struct {
	Name string `yaml:"name"`
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// ExceptionConfig replaces the pattern on some dates, by the date a shift
// begins on: the named shifts begin and no others. No names means closed. Of
// several exceptions for a date the first declared holds.
type ExceptionConfig struct {
	Name   string   `yaml:"name"`
	From   string   `yaml:"from"`
	To     string   `yaml:"to"` // last date; "" is From
	Shifts []string `yaml:"shifts"`
}

// Validate reports every problem of c.
func (c CalendarConfig) Validate() setting.Problems {
	var p setting.Problems
	if c.Name == "" {
		p.Add("name", "a name")
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		p.Add("zone", "an IANA time zone such as Europe/Berlin, or none for the site's")
	}
	if c.DayStart != "" {
		checkClock(&p, "day_start", c.DayStart)
	}
	if len(c.Shifts) == 0 {
		p.Add("shifts", "at least one shift")
	}
	var names []string
	for i, s := range c.Shifts {
		at := fmt.Sprintf("shifts[%d]", i)
		if s.Name == "" {
			p.Add(at+".name", "a name")
		}
		p.Under(at, s.validate())
		names = append(names, s.Name)
	}
	for i, e := range c.Exceptions {
		p.Under(fmt.Sprintf("exceptions[%d]", i), e.validate(names))
	}
	return p
}

func (s ShiftConfig) validate() setting.Problems {
	var p setting.Problems
	for i, d := range s.Days {
		if _, ok := parseWeekday(d); !ok {
			p.Add(fmt.Sprintf("days[%d]", i), "mon, tue, wed, thu, fri, sat or sun, not %q", d)
		}
	}
	s.validateDates(&p)
	ok := checkClock(&p, "from", s.From) && checkClock(&p, "to", s.To)
	for i, b := range s.Breaks {
		at := fmt.Sprintf("breaks[%d]", i)
		if !checkClock(&p, at+".from", b.From) || !checkClock(&p, at+".to", b.To) || !ok {
			continue
		}
		built := s.build()
		from, length := built.from, sinceClock(built.from, built.to)
		bb := built.breaks[i]
		if sinceClock(from, bb.from)%dayClock+sinceClock(bb.from, bb.to) > length {
			p.Add(at, "a break inside the shift %s-%s", s.From, s.To)
		}
	}
	return p
}

func (s ShiftConfig) validateDates(p *setting.Problems) {
	var dates [2]date
	good := true
	for i, d := range []struct{ at, text string }{{"valid_from", s.ValidFrom}, {"valid_to", s.ValidTo}} {
		ok := true
		if dates[i], ok = parseDate(d.text); !ok && d.text != "" {
			p.Add(d.at, "a date such as 2026-12-24, not %q", d.text)
		}
		good = good && ok
	}
	if good && dates[1].before(dates[0]) {
		p.Add("valid_to", "a date not before %s", s.ValidFrom)
	}
	r := s.Rotation
	if r.Cycle == 0 && r.Start == "" && len(r.On) == 0 {
		return
	}
	if r.Cycle < 1 || r.Cycle > 366 {
		p.Add("rotation.cycle", "a number of days from 1 to 366, not %d", r.Cycle)
	}
	if _, ok := parseDate(r.Start); !ok {
		p.Add("rotation.start", "a date such as 2026-12-24 that is day 1, not %q", r.Start)
	}
	if len(r.On) == 0 {
		p.Add("rotation.on", "at least one day of the cycle")
	}
	for i, n := range r.On {
		if n < 1 || n > r.Cycle {
			p.Add(fmt.Sprintf("rotation.on[%d]", i), "a day of the cycle from 1 to %d, not %d", r.Cycle, n)
		}
	}
	if len(s.Days) > 0 {
		p.Add("days", "none beside a rotation")
	}
}

func (e ExceptionConfig) validate(shifts []string) setting.Problems {
	var p setting.Problems
	from, ok := parseDate(e.From)
	if !ok {
		p.Add("from", "a date such as 2026-12-24, not %q", e.From)
	}
	if to, ok2 := parseDate(e.To); e.To != "" && !ok2 {
		p.Add("to", "a date such as 2026-12-24, not %q", e.To)
	} else if e.To != "" && ok && to.before(from) {
		p.Add("to", "a date not before %s", e.From)
	}
	for i, s := range e.Shifts {
		if !slices.Contains(shifts, s) {
			p.Add(fmt.Sprintf("shifts[%d]", i), "the name of a shift of this calendar, not %q", s)
		}
	}
	return p
}

func checkClock(p *setting.Problems, at, text string) bool {
	_, ok := parseClock(text)
	if !ok {
		p.Add(at, "a local time such as 06:00, not %q", text)
	}
	return ok
}

// build makes the resolved form of a valid s.
func (s ShiftConfig) build() shift {
	b := shift{name: s.Name}
	b.from, _ = parseClock(s.From)
	b.to, _ = parseClock(s.To)
	b.validFrom, _ = parseDate(s.ValidFrom)
	b.validTo, _ = parseDate(s.ValidTo)
	b.cycle = s.Rotation.Cycle
	b.start, _ = parseDate(s.Rotation.Start)
	b.on = make([]bool, max(0, b.cycle))
	for _, n := range s.Rotation.On {
		if n >= 1 && n <= b.cycle {
			b.on[n-1] = true
		}
	}
	for _, d := range s.Days {
		w, _ := parseWeekday(d)
		b.days[w] = true
	}
	if len(s.Days) == 0 {
		b.days = [7]bool{true, true, true, true, true, true, true}
	}
	for _, bc := range s.Breaks {
		sb := shiftBreak{name: bc.Name}
		sb.from, _ = parseClock(bc.From)
		sb.to, _ = parseClock(bc.To)
		b.breaks = append(b.breaks, sb)
	}
	return b
}
