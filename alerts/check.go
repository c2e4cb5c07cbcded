package alerts

import (
	"fmt"
	"slices"

	"andon/plant"
	"andon/plant/setting"
)

// Check reports every area and equipment that c names and tree does not have.
func (c Config) Check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	for i, r := range c.Routes {
		at := fmt.Sprintf("routes[%d].match", i)
		for j, name := range r.Match.Area {
			if tree.FindArea(name) == nil {
				p.Add(fmt.Sprintf("%s.area[%d]", at, j), "the name of an area, %q is none", name)
			}
		}
		pattern := r.Match.Equipment
		if pattern != "" && !slices.ContainsFunc(tree.Equipment(), func(e *plant.Equipment) bool { return plant.Match(pattern, e.Path) }) {
			p.Add(at+".equipment", "a pattern that matches equipment, %q matches none", pattern)
		}
	}
	return p
}
