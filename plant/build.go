package plant

import (
	"cmp"
	"slices"
	"time"
)

// A building is a tree that is being built. What thousands of tags have in
// common, and a configuration says of each, it keeps once.
type building struct {
	*Tree
	texts map[string]string
}

// build makes the tree of a configuration whose names are good. It keeps
// nothing of the configuration alive but addresses.
func build(c Config, zone *time.Location) *Tree {
	b := building{&Tree{Site: c.Site, Zone: zone, eqByPath: map[string]*Equipment{}}, map[string]string{}}
	for _, ac := range c.Areas {
		area := &Area{Name: ac.Name, Path: c.Site + "/" + ac.Name, Site: c.Site, Zone: zone}
		for _, lc := range ac.Lines {
			area.Lines = append(area.Lines, b.addLine(area, lc))
		}
		b.Areas = append(b.Areas, area)
	}
	b.byPath = slices.Clone(b.tags)
	slices.SortFunc(b.byPath, func(x, y *Tag) int { return cmp.Compare(x.Path, y.Path) })
	return b.Tree
}

// shared returns text as the tree has it already, if it does.
func (b building) shared(text string) string {
	if s, ok := b.texts[text]; ok {
		return s
	}
	b.texts[text] = text
	return text
}

func (b building) addLine(area *Area, lc LineConfig) *Line {
	line := &Line{Name: lc.Name, Path: area.Path + "/" + lc.Name, Area: area, Equipment: make([]*Equipment, 0, len(lc.Equipment))}
	for _, ec := range lc.Equipment {
		eq := b.addEquipment(line, ec)
		if ec.Name == lc.Constraint || line.Constraint == nil && lc.Constraint == "" {
			line.Constraint = eq
		}
		line.Equipment = append(line.Equipment, eq)
	}
	return line
}

func (b building) addEquipment(line *Line, ec EquipmentConfig) *Equipment {
	eq := &Equipment{ID: len(b.equipment), Path: line.Path + "/" + ec.Name, Line: line, Source: b.shared(ec.Source)}
	eq.Name = eq.Path[len(line.Path)+1:]
	tags := make([]Tag, len(ec.Tags)) // in one piece, for there may be a hundred thousand
	eq.Tags = make([]*Tag, len(tags))
	for i, tc := range ec.Tags {
		eq.Tags[i] = &tags[i]
		tags[i] = b.tag(eq, tc)
		tags[i].ID = len(b.tags) + i
	}
	b.tags = append(b.tags, eq.Tags...)
	b.equipment = append(b.equipment, eq)
	b.eqByPath[eq.Path] = eq
	return eq
}

func (b building) tag(eq *Equipment, tc TagConfig) Tag {
	kind, _ := ParseKind(tc.Type)
	path := eq.Path + "/" + tc.Name
	return Tag{Name: path[len(eq.Path)+1:], Path: path, Equipment: eq, Role: Role(b.shared(string(tc.Role))), Type: kind,
		Unit: b.shared(tc.Unit), Address: tc.Address, States: b.shared(tc.States), Rollover: tc.Rollover, UnitsPerCount: max(tc.UnitsPerCount, 1)}
}
