package production

import (
	"fmt"
	"slices"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

// Check reports every problem of c against tree: patterns that match nothing,
// counters that no tag is, and tags whose codes no map has. It leaves to
// Validate what shows without the tree.
func (c Config) Check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	c.checkPatterns(&p, tree)
	c.checkConsumes(&p, tree)
	c.checkCounters(&p, tree, tree.Equipment())
	c.checkMaps(&p, tree, tree.Equipment())
	c.checkReasons(&p, tree)
	return p
}

// checkArea reports the problems of c that keep one area from being built.
func (c Config) checkArea(tree *plant.Tree, area *plant.Area) setting.Problems {
	var p setting.Problems
	var equipment []*plant.Equipment
	for _, line := range area.Lines {
		equipment = append(equipment, line.Equipment...)
	}
	c.checkCounters(&p, tree, equipment)
	c.checkMaps(&p, tree, equipment)
	return p
}

func (c Config) checkPatterns(p *setting.Problems, tree *plant.Tree) {
	for i, f := range c.CalendarFor {
		tree.CheckPattern(p, fmt.Sprintf("calendar_for[%d].equipment", i), f.Equipment)
	}
	for i, q := range c.Products {
		for j, ic := range q.Ideal {
			tree.CheckPattern(p, fmt.Sprintf("products[%d].ideal[%d].equipment", i, j), ic.Equipment)
		}
	}
	for i, r := range c.Conservation.Ratios {
		tree.CheckPattern(p, fmt.Sprintf("conservation.ratios[%d].equipment", i), r.Equipment)
	}
	for i, o := range c.Orders {
		tree.CheckLinePattern(p, fmt.Sprintf("orders[%d].line", i), o.Line)
	}
	for i, s := range c.Changeover.Standards {
		tree.CheckPattern(p, fmt.Sprintf("changeover.standards[%d].equipment", i), s.Equipment)
	}
	for i, r := range c.Reasons {
		tree.CheckPattern(p, fmt.Sprintf("reasons[%d].equipment", i), r.Equipment)
	}
	for i, e := range c.Equipment {
		tree.CheckPattern(p, fmt.Sprintf("equipment[%d].equipment", i), e.Equipment)
	}
	c.checkLines(p, tree)
	c.checkMoulds(p, tree)
	c.checkStaff(p, tree)
}

// checkCounters reports the counters that c gives to the equipment and that
// the tree has not, or has where they cannot count.
func (c Config) checkCounters(p *setting.Problems, tree *plant.Tree, equipment []*plant.Equipment) {
	for i, e := range c.Equipment {
		for k, path := range e.counterPaths() {
			at := fmt.Sprintf("equipment[%d].%s", i, counterKeys[k])
			tag := tree.Tag(path)
			switch {
			case path == "":
			case tag == nil && strings.Count(path, "/") != 4:
				p.Add(at, "the path of a tag, site/area/line/equipment/tag, not %q", path)
			case tag == nil:
				p.Add(at, "the path of a tag, not %q: %s", path, tree.Missing(path))
			case tag.Role != plant.RoleNone && !tag.Role.Counts():
				p.Add(at, "a tag that counts, %s has the role %s", path, tag.Role)
			case tag.Role == plant.RoleNone && (tag.Type == plant.KindText || tag.Type == plant.KindBool):
				p.Add(at, "a tag that counts, %s is %s", path, tag.Type)
			default:
				c.checkReach(p, at, i, k, tag, equipment)
			}
		}
	}
}

// checkReach reports a counter of another area than the equipment that entry
// i gives it to. Areas are derived apart, so that it would never count.
func (c Config) checkReach(p *setting.Problems, at string, i, k int, tag *plant.Tag, equipment []*plant.Equipment) {
	area := tag.Equipment.Line.Area
	for _, eq := range equipment {
		if eq.Line.Area == area || !plant.Match(c.Equipment[i].Equipment, eq.Path) {
			continue
		}
		replaced := slices.ContainsFunc(c.Equipment[i+1:], func(later EquipmentConfig) bool {
			return later.counterPaths()[k] != "" && plant.Match(later.Equipment, eq.Path)
		})
		if !replaced {
			p.Add(at, "a tag of the area %s, as %s is there; %s is in another area", eq.Line.Area.Path, eq.Path, tag.Path)
			return
		}
	}
}

// checkMaps reports tags whose codes are to be read by a map that c has not.
func (c Config) checkMaps(p *setting.Problems, tree *plant.Tree, equipment []*plant.Equipment) {
	states, modes := c.stateMaps(), c.modeMaps()
	for _, eq := range equipment {
		for _, tag := range eq.Tags {
			switch tag.Role {
			case plant.RoleState:
				checkMap(p, tree, tag, "state_maps", states)
			case plant.RoleMode:
				checkMap(p, tree, tag, "mode_maps", modes)
			}
		}
	}
}

func checkMap(p *setting.Problems, tree *plant.Tree, tag *plant.Tag, key string, maps map[string]codes) {
	_, unnamed := maps[""] // perhaps it is the one
	if _, ok := maps[tag.States]; !ok && tag.States != "" && !unnamed {
		p.AddElsewhere(tree.ConfigPath(tag)+".states", "one of production.%s or of the built-in ones: %s; not %q",
			key, strings.Join(sortedKeys(maps), ", "), tag.States)
	}
}
