package production

import (
	"slices"

	"andon/plant"
)

// Definitions are what KPIs of an area depend on besides facts. They come from
// configuration alone and never change, so that all methods are safe for
// concurrent use, also while the engine runs the Area that they came with.
type Definitions struct {
	cfg Config
	by  map[*plant.Equipment]*definition
	// inspected are those whose good units equipment tells from the bad ones,
	// in order of the tree.
	inspected map[*plant.Equipment][]*plant.Equipment
}

// A definition is what the KPIs of one equipment depend on besides facts.
type definition struct {
	eq          *plant.Equipment
	set         settings
	cal         *plant.Calendar  // nil for none
	inspectedBy *plant.Equipment // nil for none
	takes       []Intake         // of the levels
	noCount     bool
	noQuality   bool
	hasEnergy   bool
}

// NewDefinitions returns the Definitions of one area of tree, for KPIs of
// records. Its errors are those of New.
func NewDefinitions(cfg Config, tree *plant.Tree, area *plant.Area) (*Definitions, error) {
	a, err := New(cfg, tree, area)
	if err != nil {
		return nil, err
	}
	return a.Definitions, nil
}

// publish makes definitions of what the configuration said of the units.
func (a *Area) publish(cfg Config) {
	a.Definitions = &Definitions{cfg: cfg, by: make(map[*plant.Equipment]*definition, len(a.units)), inspected: map[*plant.Equipment][]*plant.Equipment{}}
	for _, u := range a.units {
		u.cal, u.noCount, u.noQuality, u.hasEnergy = u.plan.cal, u.main() == nil, !u.hasQuality(), u.energy.tag != nil
		if u.inspector != nil {
			u.inspectedBy = u.inspector.eq
			a.inspected[u.inspector.eq] = append(a.inspected[u.inspector.eq], u.eq)
		}
		a.by[u.eq] = u.definition
	}
}

// Definition returns what the KPIs of eq depend on besides facts, for
// Compute: the caller sets Now and Facts. Of equipment of which nothing is
// derived it has no Mode.
func (d *Definitions) Definition(eq *plant.Equipment, w plant.Interval, name string) KPIInput {
	in := KPIInput{Equipment: eq.Path, Window: w, Name: name}
	e := d.by[eq]
	if e == nil {
		return in
	}
	e.define(&in)
	in.Mode, in.Unknown, in.NoQuality = e.set.mode, e.set.unknown, e.noQuality
	in.Pricing, in.Standards = e.set.pricing, e.set.standards
	if name != "" { // minutes have no crews
		plan := &schedule{cal: e.cal}
		in.Crews, in.LineCrews = crews(e.set.staff, plan, w), crews(e.set.lineStaff, plan, w)
	}
	return in
}

// Shifts returns the shifts of eq that overlap w, in order; none for
// equipment without a calendar.
func (d *Definitions) Shifts(eq *plant.Equipment, w plant.Interval) []plant.Shift {
	if e := d.by[eq]; e != nil && e.cal != nil {
		return e.cal.Shifts(w)
	}
	return nil
}

// HasLine reports whether anything is derived of the line's constraint, and
// so of the line.
func (d *Definitions) HasLine(line *plant.Line) bool { return d.by[line.Constraint] != nil }

// Inspected returns the equipment whose good units eq tells from the bad
// ones, besides its own.
func (d *Definitions) Inspected(eq *plant.Equipment) []*plant.Equipment {
	return slices.Clone(d.inspected[eq])
}
