package rules

import (
	"fmt"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

func (r Rule) validateEvent(p *setting.Problems) {
	if r.Source == "" {
		p.Add("source", "the name of the source whose server tells its conditions")
	}
	if len(r.Levels) > 0 && r.Raise != "" {
		p.Add("levels", "either levels, or raise")
	}
	for i, l := range r.Levels {
		if l.Tests != nil {
			p.Add(fmt.Sprintf("levels[%d].tests", i), "nothing in a rule of kind %s", r.Kind)
		}
		if l.Clear != "" {
			p.Add(fmt.Sprintf("levels[%d].clear", i), "nothing in a rule of kind %s; when a condition ends is the server's to say", r.Kind)
		}
	}
	for i, x := range r.Conditions {
		if x == "" {
			p.Add(fmt.Sprintf("conditions[%d]", i), "the name of a condition, or a pattern with * and ?")
		}
	}
	for i, x := range r.Place {
		at := fmt.Sprintf("place[%d]", i)
		if x.Node == "" && x.Name == "" {
			p.Add(at, "node or name, a pattern of what the condition is about")
		}
		if x.Equipment == "" {
			p.Add(at+".equipment", "the path of an equipment")
		}
	}
}

// compileSeverity reads the limit of a level; an empty one takes every
// severity.
func compileSeverity(p *setting.Problems, at, text string) limit {
	if text == "" {
		return limit{op: aboveOrEqual}
	}
	l, err := parseLimit(text)
	if err != nil || l.boolean || l.unit != "" || l.direction() != 1 || l.bound < 0 || l.bound > 1000 {
		p.Add(at, "a severity such as \">= 500\", of 1 to 1000, not %.40q", text)
		return limit{op: aboveOrEqual}
	}
	return l
}

// checkPlaces compares the placements with the tree.
func (r *rule) checkPlaces(p *setting.Problems, tree *plant.Tree) {
	for i, x := range r.Place {
		at := fmt.Sprintf("place[%d].equipment", i)
		switch {
		case x.Equipment == "":
		case tree.FindEquipment(x.Equipment) == nil:
			p.Add(at, "the path of an equipment, not %q: %s", x.Equipment, missing(tree, x.Equipment))
		case !plant.Match(r.Equipment, x.Equipment):
			p.Add(at, "an equipment that the rule is for (%s), not %q", r.Equipment, x.Equipment)
		}
	}
}

func missing(tree *plant.Tree, path string) string {
	if text := tree.Missing(path); text != "" {
		return text
	}
	return "it is no equipment"
}

// An eventRule is a rule of kind event and the equipment that it is for.
type eventRule struct {
	*rule
	equipment []*plant.Equipment
	byName    map[string]*plant.Equipment // nil for a name that several have
	places    []*plant.Equipment          // of Place, in its order
}

func newEventRule(r *rule, tree *plant.Tree) *eventRule {
	out := &eventRule{rule: r, byName: map[string]*plant.Equipment{}}
	for _, e := range tree.Equipment() {
		if !plant.Match(r.Equipment, e.Path) {
			continue
		}
		out.equipment = append(out.equipment, e)
		if _, several := out.byName[e.Name]; several {
			out.byName[e.Name] = nil
		} else {
			out.byName[e.Name] = e
		}
	}
	for _, x := range r.Place {
		out.places = append(out.places, tree.FindEquipment(x.Equipment))
	}
	return out
}

// takes returns the equipment that the condition of x belongs to, nil when
// the rule is not for it.
func (r *eventRule) takes(x *plant.Event) *plant.Equipment {
	if x.Source != r.Source || !r.named(x.Name) {
		return nil
	}
	for i, place := range r.Place {
		if (place.Node == "" || wild(place.Node, x.Node)) && (place.Name == "" || wild(place.Name, x.NodeName)) {
			return r.places[i]
		}
	}
	if len(r.equipment) == 1 {
		return r.equipment[0]
	}
	return r.byName[x.NodeName]
}

func (r *eventRule) named(name string) bool {
	for _, pattern := range r.Conditions {
		if wild(pattern, name) {
			return true
		}
	}
	return len(r.Conditions) == 0
}

// levelFor returns the highest level that takes a severity, -1 for none.
func (r *eventRule) levelFor(severity uint16) int {
	for k := range r.levels {
		if r.levels[k].raise.holds(float64(severity)) {
			return k
		}
	}
	return -1
}

// wild reports whether text is as pattern says, in which * stands for any
// characters and ? for one. Unlike in paths / is a character like any other.
func wild(pattern, text string) bool {
	star, mark := -1, 0 // the last *, and where what it stands for ends
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
