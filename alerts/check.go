package alerts

import (
	"fmt"

	"andon/plant"
	"andon/plant/setting"
)

// Check reports every area and equipment that c names and tree does not have.
// It leaves to Validate what shows without the tree.
func (c Config) Check(tree *plant.Tree) setting.Problems {
	var p setting.Problems
	for i, r := range c.Routes {
		at := fmt.Sprintf("routes[%d].match", i)
		for j, name := range r.Match.Area {
			if tree.FindArea(name) == nil {
				p.Add(fmt.Sprintf("%s.area[%d]", at, j), "one of the areas %s, not %q", areas(tree), name)
			}
		}
		tree.CheckPattern(&p, at+".equipment", r.Match.Equipment)
	}
	return p
}

func areas(tree *plant.Tree) string {
	names := make([]string, len(tree.Areas))
	for i, a := range tree.Areas {
		names[i] = a.Name
	}
	return setting.Some(names)
}
