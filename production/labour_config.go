package production

import (
	"fmt"
	"slices"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// A StaffConfig says how many people work on a line, or on one equipment, in
// a shift. Of several entries that match, the one valid last holds, and of
// those the first declared.
type StaffConfig struct {
	Line      string   `yaml:"line"`      // path glob of lines: their crew as a whole
	Equipment string   `yaml:"equipment"` // path glob of equipment, instead of Line
	Shift     string   `yaml:"shift"`     // "" for every shift, and for all time without a calendar
	Required  float64  `yaml:"required"`  // heads; half of one for who works on two machines
	Present   *float64 `yaml:"present"`   // nil: all that are required
	// ValidFrom is the first instant of it; zero: from the beginning.
	ValidFrom time.Time `yaml:"valid_from"`
}

// A Crew is how many people work from one instant to another.
type Crew struct {
	plant.Interval
	Required, Present float64 // heads
}

// maxHeads bounds crews: more are a mistake.
const maxHeads = 1000

// staffOf returns the entries of a line or of an equipment.
func staffOf(c Config, path string, pattern func(StaffConfig) string) []StaffConfig {
	var out []StaffConfig
	for _, s := range c.Staff {
		if glob := pattern(s); glob != "" && plant.Match(glob, path) {
			out = append(out, s)
		}
	}
	return out
}

func lineStaff(s StaffConfig) string      { return s.Line }
func equipmentStaff(s StaffConfig) string { return s.Equipment }

// crews returns who works in w: in the shifts of a calendar without their
// breaks. Nobody works where no entry says so.
func crews(staff []StaffConfig, plan *schedule, w plant.Interval) []Crew {
	var out []Crew
	for at := w.From; at < w.To && len(staff) > 0; {
		span := plan.at(at)
		end := min(span.To, w.To)
		for at < end {
			now, until := staffAt(staff, span.shift.Name, at)
			piece := plant.Interval{From: at, To: min(end, until)}
			if now != nil && span.kind == schedWork {
				out = append(out, now.crew(piece))
			}
			at = piece.To
		}
	}
	return out
}

func (s *StaffConfig) crew(v plant.Interval) Crew {
	c := Crew{Interval: v, Required: s.Required, Present: s.Required}
	if s.Present != nil {
		c.Present = *s.Present
	}
	return c
}

// staffAt returns the entry that holds in a shift at t, nil for none, and
// until when.
func staffAt(staff []StaffConfig, shift string, t plant.Instant) (now *StaffConfig, until plant.Instant) {
	until = endless
	for i := range staff {
		s := &staff[i]
		from := validity(s.ValidFrom)
		switch {
		case s.Shift != "" && s.Shift != shift:
		case from > t:
			until = min(until, from)
		case now == nil || from > validity(now.ValidFrom):
			now = s
		}
	}
	return now, until
}

// validity is the instant from which something holds, 0 for ever.
func validity(t time.Time) plant.Instant {
	if t.IsZero() {
		return 0
	}
	return plant.At(t)
}

func (c Config) validateStaff(p *setting.Problems) {
	var shifts []string
	for _, cal := range c.Calendars {
		for _, s := range cal.Shifts {
			shifts = append(shifts, s.Name)
		}
	}
	for i, s := range c.Staff {
		at := fmt.Sprintf("staff[%d]", i)
		if (s.Line == "") == (s.Equipment == "") {
			p.Add(at, "either line or equipment")
		}
		optionalGlob(p, at+".line", s.Line)
		optionalGlob(p, at+".equipment", s.Equipment)
		if s.Shift != "" && !slices.Contains(shifts, s.Shift) {
			p.Add(at+".shift", "the name of a shift of some calendar, not %q", s.Shift)
		}
		if !(s.Required > 0 && s.Required <= maxHeads) {
			p.Add(at+".required", "a number of people above 0, up to %d", maxHeads)
		}
		if s.Present != nil && !(*s.Present >= 0 && *s.Present <= maxHeads) {
			p.Add(at+".present", "a number of people from 0 to %d", maxHeads)
		}
	}
}

func (c Config) checkStaff(p *setting.Problems, tree *plant.Tree) {
	for i, s := range c.Staff {
		if s.Line != "" {
			tree.CheckLinePattern(p, fmt.Sprintf("staff[%d].line", i), s.Line)
		}
		if s.Equipment != "" {
			tree.CheckPattern(p, fmt.Sprintf("staff[%d].equipment", i), s.Equipment)
		}
	}
}
