package plant

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"andon/plant/setting"
)

// ConfigPath returns where tag is declared in a whole configuration, such as
// plant.areas[0].lines[1].equipment[0].tags[2]. The tag must be t's.
func (t *Tree) ConfigPath(tag *Tag) string {
	eq := tag.Equipment
	line := eq.Line
	return fmt.Sprintf("plant.areas[%d].lines[%d].equipment[%d].tags[%d]", slices.Index(t.Areas, line.Area),
		slices.Index(line.Area.Lines, line), slices.Index(line.Equipment, eq), slices.Index(eq.Tags, tag))
}

// MatchesEquipment reports whether pattern matches the path of some equipment.
func (t *Tree) MatchesEquipment(pattern string) bool {
	return t.FindEquipment(pattern) != nil ||
		slices.ContainsFunc(t.equipment, func(e *Equipment) bool { return Match(pattern, e.Path) })
}

// CheckPattern adds a problem at path at when pattern matches no equipment.
// It leaves what is no pattern to others, and says nothing while the tree has
// no equipment at all.
func (t *Tree) CheckPattern(p *setting.Problems, at, pattern string) {
	if !IsPattern(pattern) || len(t.equipment) == 0 || t.MatchesEquipment(pattern) {
		return
	}
	p.Add(at, "%s", t.NoMatch("equipment", pattern))
}

// CheckLinePattern is CheckPattern for patterns that may also match lines.
func (t *Tree) CheckLinePattern(p *setting.Problems, at, pattern string) {
	var inner setting.Problems
	t.CheckPattern(&inner, at, pattern)
	lines := func(a *Area) bool {
		return slices.ContainsFunc(a.Lines, func(l *Line) bool { return Match(pattern, l.Path) })
	}
	if len(inner) > 0 && !slices.ContainsFunc(t.Areas, lines) {
		p.Add(at, "%s", t.NoMatch("lines or equipment", pattern))
	}
}

// IsPattern reports whether Match can read pattern.
func IsPattern(pattern string) bool {
	_, err := path.Match(strings.TrimSuffix(pattern, "**"), "")
	return err == nil && pattern != ""
}

// NoMatch returns what is wanted in place of a pattern that matches none of
// what, with the path of the equipment that is most like it.
func (t *Tree) NoMatch(what, pattern string) string {
	wish := fmt.Sprintf("a pattern that matches %s, %q matches none", what, pattern)
	if strings.Contains(strings.TrimSuffix(pattern, "**"), "**") {
		return wish + "; ** stands at the end only"
	}
	near, most := "", -1
	for _, e := range t.equipment {
		if n := common(pattern, e.Path); n > most {
			near, most = e.Path, n
		}
	}
	if near == "" {
		return wish
	}
	return wish + "; an equipment is " + near
}

// common returns how many first bytes of a and b are the same.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Missing says which name of a path site/area/line/equipment/tag the tree
// does not have, such as `line s/a/l has no equipment "E9"`. The path may end
// earlier. It returns "" when the tree has it all.
func (t *Tree) Missing(of string) string {
	levels := [...]string{"site", "area", "line", "equipment", "tag"}
	names := strings.Split(of, "/")
	for n := range min(len(names), len(levels)) {
		above := strings.Join(names[:n], "/")
		switch {
		case t.has(n, strings.Join(names[:n+1], "/")):
		case n == 0:
			return fmt.Sprintf("the site is %s", t.Site)
		default:
			return fmt.Sprintf("%s %s has no %s %q", levels[n-1], above, levels[n], names[n])
		}
	}
	if len(names) > len(levels) {
		return fmt.Sprintf("tag %s has nothing below it", strings.Join(names[:len(levels)], "/"))
	}
	return ""
}

// has reports whether the tree has something of that path; level 0 is the
// site.
func (t *Tree) has(level int, of string) bool {
	switch level {
	case 0:
		return of == t.Site
	case 1:
		return slices.ContainsFunc(t.Areas, func(a *Area) bool { return a.Path == of })
	case 2:
		return slices.ContainsFunc(t.Areas, func(a *Area) bool {
			return slices.ContainsFunc(a.Lines, func(l *Line) bool { return l.Path == of })
		})
	case 3:
		return t.FindEquipment(of) != nil
	}
	return t.Tag(of) != nil
}
