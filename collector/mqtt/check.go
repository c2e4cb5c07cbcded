package mqtt

import (
	"slices"
	"strings"

	"andon/plant"
	"andon/plant/setting"
)

// Check reports every problem of c, as the source of that name, against tree:
// places and tags that the tree has not, addresses of tags that are no topics
// of their own, and a source that nothing is read from. It leaves to Validate
// what shows without the tree.
func (c Config) Check(name string, tree *plant.Tree) setting.Problems {
	_, p := newRoutes(c, name, tree)
	return p
}

// check reports a fixed place, or a tag, that no equipment of the tree has.
func (s Subscription) check(p *setting.Problems, at string, r *route, tree *plant.Tree) {
	placed := tree.Equipment()
	for i := partSite; i < partTag && len(placed) > 0; i++ {
		above := placed
		placed = r.placedAt(i, above)
		switch {
		case len(placed) > 0:
		case s.Equipment != "":
			p.Add(at+".equipment", "the path of an equipment, not %q: %s", s.Equipment, tree.Missing(s.Equipment))
		case i == partSite:
			p.Add(at+".place.site", "%s, which is the site, or nothing; not %q", tree.Site, r.fixed[i])
		default:
			p.Add(at+".place."+i.String(), "one of those that %s has (%s), not %q", r.fixed.path(i), setting.Some(namesAt(i, above)), r.fixed[i])
		}
	}
	if len(placed) > 0 {
		s.checkTags(p, at, r, placed)
	}
}

// checkTags reports tags that none of the equipment has.
func (s Subscription) checkTags(p *setting.Problems, at string, r *route, equipment []*plant.Equipment) {
	var have []string
	for _, e := range equipment {
		for _, t := range e.Tags {
			if !slices.Contains(have, t.Name) {
				have = append(have, t.Name)
			}
		}
	}
	check := func(key, name string) {
		if name != "" && !slices.Contains(have, name) {
			p.Add(at+"."+key, "one of the tags of %s (%s), not %q", r.fixed.path(partTag), setting.Some(have), name)
		}
	}
	check("place.tag", r.fixed[partTag])
	for _, f := range r.fields {
		check("tags."+f.name, f.name)
	}
}

// placedAt returns the equipment whose name at i is not another than the
// route's.
func (r *route) placedAt(i part, equipment []*plant.Equipment) []*plant.Equipment {
	if r.fixed[i] == "" {
		return equipment
	}
	var placed []*plant.Equipment
	for _, e := range equipment {
		if strings.Split(e.Path, "/")[i] == r.fixed[i] {
			placed = append(placed, e)
		}
	}
	return placed
}

// namesAt returns the different names that equipment has at i.
func namesAt(i part, equipment []*plant.Equipment) []string {
	var names []string
	for _, e := range equipment {
		if name := strings.Split(e.Path, "/")[i]; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// path joins the names before end, with + for those that are not known.
func (n parts) path(end part) string {
	shown := n[:end]
	for i, name := range shown {
		if name == "" {
			shown[i] = "+"
		}
	}
	return strings.Join(shown, "/")
}
