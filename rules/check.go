package rules

import (
	"fmt"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

// Check reports every problem of c against tree: patterns that match no
// equipment, tags that no matched equipment has, limits on text and limits in
// another unit than the tag's. c must have passed Validate.
func (c Config) Check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	for i, r := range c.Rules {
		cr, problems := compile(r)
		if len(problems) == 0 {
			problems = cr.check(tree)
		}
		p.Under(fmt.Sprintf("rules[%d]", i), problems)
	}
	return p
}

func (r *rule) check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	var tags []*plant.Tag
	matched := false
	for _, e := range tree.Equipment() {
		if !plant.Match(r.Equipment, e.Path) {
			continue
		}
		matched = true
		if t := tagNamed(e, r.Tag); t != nil {
			tags = append(tags, t)
		}
	}
	switch {
	case !matched:
		p.Add("equipment", "a pattern that matches equipment, %q matches none", r.Equipment)
	case r.Tag != "" && len(tags) == 0:
		p.Add("tag", "the name of a tag of %s, %q is none", r.Equipment, r.Tag)
	}
	if r.Kind == KindThreshold {
		r.checkTags(&p, tags)
	}
	return p
}

func (r *rule) checkTags(p *setting.Problems, tags []*plant.Tag) {
	var text, kind, unit []string
	for _, t := range tags {
		switch {
		case t.Type == plant.KindText:
			text = append(text, t.Path)
		case !r.fitsKind(t.Type):
			kind = append(kind, fmt.Sprintf("%s is %s", t.Path, t.Type))
		case !r.fitsUnit(t.Unit):
			unit = append(unit, fmt.Sprintf("%s is in %q", t.Path, t.Unit))
		}
	}
	if text != nil {
		p.Add("tag", "a tag with numbers, these are text: %s", strings.Join(text, ", "))
	}
	if kind != nil {
		p.Add(r.limitPath(), "numbers, for the tag is no bool: %s", strings.Join(kind, ", "))
	}
	if unit != nil {
		p.Add(r.limitPath(), "limits in the unit of the tag: %s", strings.Join(unit, ", "))
	}
}

// fitsKind reports whether the limits can be compared with values of kind k.
// A bool counts as 0 and 1; true and false are compared with bools only.
func (r *rule) fitsKind(k plant.Kind) bool {
	for _, l := range r.levels {
		if l.raise.boolean && k != plant.KindBool && k != plant.KindNone {
			return false
		}
	}
	return true
}

// fitsUnit reports whether no limit names another unit.
func (r *rule) fitsUnit(unit string) bool {
	for _, l := range r.levels {
		if l.raise.unit != "" && l.raise.unit != unit || l.clear.unit != "" && l.clear.unit != unit {
			return false
		}
	}
	return true
}

func (r *rule) limitPath() string {
	if len(r.Levels) > 0 {
		return "levels"
	}
	return "raise"
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
