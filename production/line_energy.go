package production

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// energyOfLine returns the equipment of a line whose meters are the line's:
// the configured one, which then measures the whole line, or else all that
// have one.
func energyOfLine(c Config, line *plant.Line, has func(*plant.Equipment) bool) []*plant.Equipment {
	for _, l := range c.Lines {
		if eq := memberOf(line, l.EnergyFrom); plant.Match(l.Line, line.Path) && eq != nil {
			return []*plant.Equipment{eq}
		}
	}
	return slices.DeleteFunc(slices.Clone(line.Equipment), func(eq *plant.Equipment) bool { return !has(eq) })
}

// addEnergy takes the meters of one of the equipment whose energy is the
// line's.
func (s *lineSheet) addEnergy(eq *plant.Equipment, meters []Meter) {
	s.energyOf = append(s.energyOf, eq.Path)
	for _, m := range meters {
		if m.EnergyRun != 0 || m.EnergyIdle != 0 {
			s.energy = append(s.energy, Meter{Minute: m.Minute, EnergyRun: m.EnergyRun, EnergyIdle: m.EnergyIdle})
		}
	}
}

// meters returns what the meters of the line show: own are those of its
// constraint, of which all but the energy is the line's. A minute may come
// several times; the sums are what matters.
func (s *lineSheet) meters(own []Meter) []Meter {
	if len(s.energyOf) == 1 && s.energyOf[0] == s.line.Constraint.Path {
		return own
	}
	out := make([]Meter, 0, len(own)+len(s.energy))
	for _, m := range own {
		m.EnergyRun, m.EnergyIdle = 0, 0
		out = append(out, m)
	}
	out = append(out, s.energy...)
	slices.SortStableFunc(out, func(a, b Meter) int { return cmp.Compare(a.Minute, b.Minute) })
	return out
}

// exportEnergy returns the energy of the minutes from the start of w on.
func (u *unit) exportEnergy(w plant.Interval) []Meter {
	var out []Meter
	e := &u.energy
	for _, m := range e.minutes[e.index(w.From.Truncate(time.Minute)):] {
		out = append(out, Meter{Minute: m.minute, EnergyRun: m.run, EnergyIdle: m.idle})
	}
	return out
}
