package production

import (
	"fmt"

	"andon/plant"
	"andon/plant/setting"
)

// LineConfig says of lines what their equipment does not.
type LineConfig struct {
	Line string `yaml:"line"` // path glob
	// GoodFrom is the name of the equipment whose good units are those of the
	// line; "" is the last that counts the units of the constraint.
	GoodFrom string `yaml:"good_from"`
	// EnergyFrom is the name of the equipment whose meter is that of the whole
	// line; "" adds up the meters of all its equipment.
	EnergyFrom string `yaml:"energy_from"`
}

// A Target is what a line is to make in a shift. Without one it is what the
// ideal cycle times allow in the planned time.
type Target struct {
	Line  string `yaml:"line"`  // path glob
	Shift string `yaml:"shift"` // name; "" for every shift
	Units int64  `yaml:"units"` // good ones
}

func (c Config) validateLines(p *setting.Problems) {
	for i, l := range c.Lines {
		at := fmt.Sprintf("lines[%d]", i)
		glob(p, at+".line", l.Line)
	}
	for i, t := range c.Targets {
		at := fmt.Sprintf("targets[%d]", i)
		glob(p, at+".line", t.Line)
		if t.Units <= 0 {
			p.Add(at+".units", "a number of units above 0")
		}
	}
}

func (c Config) checkLines(p *setting.Problems, tree *plant.Tree) {
	for i, r := range c.Costs.Rates {
		tree.CheckPattern(p, fmt.Sprintf("costs.rates[%d].equipment", i), r.Equipment)
	}
	for i, l := range c.Lines {
		at := fmt.Sprintf("lines[%d]", i)
		tree.CheckLinePattern(p, at+".line", l.Line)
		for _, line := range lines(tree) {
			if l.GoodFrom != "" && plant.Match(l.Line, line.Path) && memberOf(line, l.GoodFrom) == nil {
				p.Add(at+".good_from", "the name of equipment of %s, not %q", line.Path, l.GoodFrom)
			}
			if eq := memberOf(line, l.EnergyFrom); l.EnergyFrom != "" && plant.Match(l.Line, line.Path) && (eq == nil || eq.Tag(plant.RoleEnergy) == nil) {
				p.Add(at+".energy_from", "the name of equipment of %s that has a tag of the role energy, not %q", line.Path, l.EnergyFrom)
			}
		}
	}
	for i, t := range c.Targets {
		tree.CheckLinePattern(p, fmt.Sprintf("targets[%d].line", i), t.Line)
	}
}

func lines(tree *plant.Tree) []*plant.Line {
	var all []*plant.Line
	for _, a := range tree.Areas {
		all = append(all, a.Lines...)
	}
	return all
}

// memberOf returns the equipment of a line with that name, nil for none.
func memberOf(line *plant.Line, name string) *plant.Equipment {
	for _, eq := range line.Equipment {
		if eq.Name == name {
			return eq
		}
	}
	return nil
}
