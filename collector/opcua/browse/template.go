package browse

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

// A Template says which equipment variables belong to, by their browse paths,
// and what their tags are called.
type Template struct {
	// Path is a pattern of the path down to an equipment, such as
	// Plant/{line}/{equipment}. What {area}, {line} and {equipment} stand for
	// becomes a name; the names below are the tag's.
	Path string `yaml:"path"`
	// Area, Line and Equipment are the names that Path does not give.
	Area      string `yaml:"area"`
	Line      string `yaml:"line"`
	Equipment string `yaml:"equipment"`
	// Tags say more of some of them; the first that matches counts.
	Tags []TagRule `yaml:"tags"`
}

// A TagRule says what a variable means that Match matches, a pattern of the
// path below the equipment.
type TagRule struct {
	Match string `yaml:"match"`
	Skip  bool   `yaml:"skip"` // make no tag of it

	Name          string     `yaml:"name"` // made of the path when empty
	Role          plant.Role `yaml:"role"`
	Type          string     `yaml:"type"` // the server's when empty
	Unit          string     `yaml:"unit"` // the server's when empty
	States        string     `yaml:"states"`
	Rollover      uint64     `yaml:"rollover"`
	UnitsPerCount int64      `yaml:"units_per_count"`
}

// DefaultTemplate returns the template for servers whose top folders are lines
// with a folder for each equipment.
func DefaultTemplate() Template {
	return Template{Path: "{line}/{equipment}", Area: "area1", Line: "line1", Equipment: "equipment1"}
}

// The placeholders of Template.Path.
const (
	areaMark      = "{area}"
	lineMark      = "{line}"
	equipmentMark = "{equipment}"
)

var marks = []string{areaMark, lineMark, equipmentMark}

// Validate reports every problem of t.
func (t Template) Validate() setting.Problems {
	var p setting.Problems
	for _, x := range []struct{ mark, key, name string }{{areaMark, "area", t.Area}, {lineMark, "line", t.Line}, {equipmentMark, "equipment", t.Equipment}} {
		switch n := strings.Count(t.Path, x.mark); {
		case n > 1:
			p.Add("path", "%s once, not %q", x.mark, t.Path)
		case n == 0 && !isName(x.name):
			p.Add(x.key, "a name of letters, digits, _ and -, at most 64, or %s in path", x.mark)
		}
	}
	if t.Path != "" {
		for _, part := range strings.Split(t.Path, "/") {
			if _, ok := parsePart(part); !ok {
				p.Add("path", "names or patterns joined by /, with at most one of %s in each, not %q", strings.Join(marks, " "), t.Path)
				break
			}
		}
	}
	for i, r := range t.Tags {
		at := fmt.Sprintf("tags[%d]", i)
		if !IsPattern(r.Match) {
			p.Add(at+".match", "a pattern of the path below the equipment, such as Status/StateCurrent or **, not %q", r.Match)
		}
		if r.Name != "" && !isName(r.Name) {
			p.Add(at+".name", "a name of letters, digits, _ and -, at most 64")
		}
		if r.Skip && r != (TagRule{Match: r.Match, Skip: true}) {
			p.Add(at+".skip", "nothing but match beside it")
		}
	}
	return p
}

// A part is one name of a template's path.
type part struct {
	pattern       string // when there is no mark
	mark          string
	before, after string // text around the mark
}

func parsePart(text string) (part, bool) {
	var found []string
	for _, m := range marks {
		if strings.Contains(text, m) {
			found = append(found, m)
		}
	}
	rest := text
	if len(found) == 1 {
		rest = strings.Replace(text, found[0], "", 1)
	}
	if _, err := path.Match(rest, ""); err != nil || len(found) > 1 || text == "" || text == anyNames || strings.ContainsAny(rest, "{}") {
		return part{}, false
	}
	if len(found) == 0 {
		return part{pattern: text}, true
	}
	p := part{mark: found[0]}
	p.before, p.after, _ = strings.Cut(text, p.mark)
	return p, true
}

// match returns what the mark of p stands for in name.
func (p part) match(name string) (string, bool) {
	if p.mark == "" {
		ok, err := path.Match(p.pattern, name)
		return "", ok && err == nil
	}
	rest, ok := strings.CutPrefix(name, p.before)
	if !ok {
		return "", false
	}
	rest, ok = strings.CutSuffix(rest, p.after)
	return rest, ok && rest != ""
}

// A Place is where a variable belongs in the plant.
type Place struct {
	Area, Line, Equipment string
	Tag                   plant.TagConfig
	Node                  *Node // nil for one that was read from a file
}

// A Left is a variable that has no place, and why.
type Left struct {
	Node *Node
	Why  string
}

// A placer gives names that are not in use.
type placer struct {
	tree     *Tree
	template Template
	parts    []part
	taken    map[string]bool // equipment and tag
}

// Put places variables of a tree, in their order. Those whose address is in
// known keep their place there, so that a tag stays what it is although its
// node was moved or renamed; one of nodes that lead to the same name gets a
// number. The template must be valid.
func (t Template) Put(tree *Tree, list []*Node, known []Place) ([]Place, []Left) {
	p := placer{tree: tree, template: t, taken: map[string]bool{}}
	if t.Path != "" {
		for _, text := range strings.Split(t.Path, "/") {
			x, _ := parsePart(text)
			p.parts = append(p.parts, x)
		}
	}
	before := map[string]Place{}
	for _, k := range known {
		before[k.Tag.Address] = k
		p.taken[k.tagPath()] = true
	}
	var places []Place
	var left []Left
	for _, n := range list {
		place, why := p.place(n)
		if why != "" {
			left = append(left, Left{n, why})
			continue
		}
		if old, ok := before[place.Tag.Address]; ok {
			place.Area, place.Line, place.Equipment, place.Tag.Name = old.Area, old.Line, old.Equipment, old.Tag.Name
		} else {
			p.number(&place)
		}
		places = append(places, place)
	}
	return places, left
}

func (p Place) equipmentPath() string { return p.Area + "/" + p.Line + "/" + p.Equipment }

func (p Place) tagPath() string { return p.equipmentPath() + "/" + p.Tag.Name }

// number makes the name of a tag one that is not in use.
func (p *placer) number(place *Place) {
	name := place.Tag.Name
	for i := 2; p.taken[place.tagPath()]; i++ {
		end := fmt.Sprintf("_%d", i)
		place.Tag.Name = name[:min(len(name), maxName-len(end))] + end
	}
	p.taken[place.tagPath()] = true
}

// place returns the place of n, or why it has none.
func (p *placer) place(n *Node) (Place, string) {
	switch {
	case !n.Scalar:
		return Place{}, "an array or a structure: address one part of it"
	case !n.Readable:
		return Place{}, "the user may not read it"
	case !addressable(n.ID):
		return Place{}, "its node id is empty or has characters that no address can have"
	case len(n.Names) <= len(p.parts):
		return Place{}, "its path is shorter than the template's"
	}
	place := Place{Area: p.template.Area, Line: p.template.Line, Equipment: p.template.Equipment, Node: n}
	for i, x := range p.parts {
		name, ok := x.match(n.Names[i])
		if !ok {
			return Place{}, "its path is not as the template's"
		}
		switch x.mark {
		case areaMark:
			place.Area = nameOf(name)
		case lineMark:
			place.Line = nameOf(name)
		case equipmentMark:
			place.Equipment = nameOf(name)
		}
	}
	rest := n.Names[len(p.parts):]
	rule, ok := p.template.rule(rest)
	if ok && rule.Skip {
		return Place{}, "the template skips it"
	}
	place.Tag = rule.tag(n, nameOf(strings.Join(rest, "_")))
	place.Tag.Address = p.tree.Address(n)
	return place, ""
}

// rule returns the rule for the names below an equipment, if there is one.
func (t Template) rule(names []string) (TagRule, bool) {
	i := slices.IndexFunc(t.Tags, func(r TagRule) bool {
		inside, _ := parseGlob(r.Match).match(names)
		return inside
	})
	if i < 0 {
		return TagRule{}, false
	}
	return t.Tags[i], true
}

// tag makes the tag of n as r says, and as the server says where r does not.
func (r TagRule) tag(n *Node, name string) plant.TagConfig {
	t := plant.TagConfig{Name: name, Role: r.Role, Type: r.Type, Unit: r.Unit, States: r.States, Rollover: r.Rollover, UnitsPerCount: r.UnitsPerCount}
	if r.Name != "" {
		t.Name = r.Name
	}
	if t.Type == "" && n.Kind != plant.KindNone {
		t.Type = n.Kind.String()
	}
	if t.Unit == "" && r.Role.Takes(n.Unit) {
		t.Unit = n.Unit
	}
	return t
}
