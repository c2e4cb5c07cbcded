package rules

import (
	"fmt"
	"slices"

	"andon/plant"
	"andon/plant/setting"
)

// Check reports every problem of c against tree: patterns that match no
// equipment, tags that no matched equipment has, limits on text and limits in
// another unit than the tag's. It leaves to Validate what shows without the
// tree.
func (c Config) Check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	for i, r := range c.Rules {
		cr, _ := compile(r) // what could not be read asks nothing of the tree
		p.Under(fmt.Sprintf("rules[%d]", i), cr.check(tree))
	}
	return p
}

func (r *rule) check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	var equipment []*plant.Equipment
	var tags []*plant.Tag
	for _, e := range tree.Equipment() {
		if !plant.Match(r.Equipment, e.Path) {
			continue
		}
		equipment = append(equipment, e)
		if t := tagNamed(e, r.Tag); t != nil {
			tags = append(tags, t)
		}
	}
	switch {
	case len(equipment) == 0:
		tree.CheckPattern(&p, "equipment", r.Equipment)
	case r.Tag != "" && len(tags) == 0 && r.takesTag():
		p.Add("tag", "one of the tags of %s (%s), not %q", r.Equipment, setting.Some(tagNames(equipment)), r.Tag)
	case r.takesValues():
		r.checkTags(&p, tags)
	case r.Kind == KindEvent:
		r.checkPlaces(&p, tree)
	}
	return p
}

func (r *rule) takesTag() bool { return r.takesValues() || r.Kind == KindAbsence }

// takesValues reports whether the rule looks at the values of a tag.
func (r *rule) takesValues() bool {
	return r.Kind == KindThreshold || r.Kind == KindSPC || r.Kind == KindTrend
}

// tagNames returns the names of all tags that the equipment has.
func tagNames(equipment []*plant.Equipment) []string {
	var names []string
	for _, e := range equipment {
		for _, t := range e.Tags {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

// checkTags compares the limits with the values of the tags. A tag whose unit
// is no unit of its role is a problem of the plant already.
func (r *rule) checkTags(p *setting.Problems, tags []*plant.Tag) {
	var text []string
	var numbers []*plant.Tag
	for _, t := range tags {
		switch {
		case t.Type == plant.KindText:
			text = append(text, t.Path)
		case t.Role.Takes(t.Unit):
			numbers = append(numbers, t)
		}
	}
	if text != nil {
		p.Add("tag", "a tag with numbers, these are text: %s", setting.Some(text))
	}
	if r.Kind == KindTrend {
		r.levels[0].raise.check(p, "limit", numbers)
	}
	if r.Kind != KindThreshold {
		return
	}
	for i, l := range r.levels {
		at, clear := "", r.Clear
		if len(r.Levels) > 0 {
			at, clear = fmt.Sprintf("levels[%d].", i), r.Levels[i].Clear
		}
		l.raise.check(p, at+"raise", numbers)
		if clear != "" { // else it is made of raise
			l.clear.check(p, at+"clear", numbers)
		}
	}
}

// check reports tags whose values cannot be compared with l. A bool counts as
// 0 and 1; true and false are compared with bools only.
func (l limit) check(p *setting.Problems, at string, tags []*plant.Tag) {
	var kind, unit []string
	for _, t := range tags {
		switch {
		case l.boolean && t.Type != plant.KindBool && t.Type != plant.KindNone:
			kind = append(kind, fmt.Sprintf("%s is %s", t.Path, t.Type))
		case l.unit != "" && l.unit != t.Unit:
			unit = append(unit, fmt.Sprintf("%s is in %q", t.Path, t.Unit))
		}
	}
	if kind != nil {
		p.Add(at, "a number, for the tag is no bool: %s", setting.Some(kind))
	}
	if unit != nil {
		p.Add(at, "a limit in the unit of the tag, not %s: %s", l.unit, setting.Some(unit))
	}
}

// tagNamed returns the equipment's tag of that name, nil for none.
func tagNamed(e *plant.Equipment, name string) *plant.Tag {
	for _, t := range e.Tags {
		if t.Name == name {
			return t
		}
	}
	return nil
}
