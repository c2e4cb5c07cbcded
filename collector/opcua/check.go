package opcua

import (
	"fmt"
	"strings"

	"andon/collector/opcua/address"
	"andon/plant"
	"andon/plant/setting"
)

// Check reports every problem of what tree gives to the source of that name:
// tags whose address is no node id, two tags of one equipment with the same
// one, and groups, polled or not, that no tag belongs to. It leaves to Validate
// what shows without the tree.
func (c Config) Check(name string, tree *plant.Tree) setting.Problems {
	var p setting.Problems
	var tags []*plant.Tag
	for _, e := range tree.Equipment() {
		if e.Source == name {
			tags = append(tags, e.Tags...)
			checkAddresses(&p, tree, e)
		}
	}
	if c.Discover != nil {
		return p // a group may be for what is still to be found
	}
	for i, g := range c.Polled {
		checkPoll(&p, fmt.Sprintf("polled[%d].tags", i), g.Tags, tags)
	}
	for i, g := range c.Groups {
		checkPoll(&p, fmt.Sprintf("groups[%d].tags", i), g.Tags, tags)
	}
	return p
}

func checkAddresses(p *setting.Problems, tree *plant.Tree, e *plant.Equipment) {
	first := map[string]*plant.Tag{}
	for _, t := range e.Tags {
		at := tree.ConfigPath(t) + ".address"
		a, err := address.Parse(t.Address)
		switch {
		case err != nil && strings.HasPrefix(t.Address, address.StampPrefix):
			p.AddElsewhere(at, "timestamp=source; or timestamp=server; before a node id such as ns=2;s=Press.State, not %.200q", t.Address)
			continue
		case err != nil && strings.HasPrefix(t.Address, address.PartPrefix):
			p.AddElsewhere(at, "a part such as part=[3].speed; before a node id such as ns=2;s=Press.State, not %.200q", t.Address)
			continue
		case err != nil:
			p.AddElsewhere(at, "a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001, not %.200q", t.Address)
			continue
		}
		if !a.Stamp.Suits(t.Type) {
			p.AddElsewhere(tree.ConfigPath(t)+".type", "text or int for a time stamp, not %s", t.Type)
		}
		key := a.NodeName() + " " + a.Aspect()
		if other := first[key]; other != nil {
			p.AddElsewhere(at, "a node of its own, %s is read for the tag %s already", t.Address, other.Name)
			continue
		}
		first[key] = t
	}
}

func checkPoll(p *setting.Problems, at, pattern string, tags []*plant.Tag) {
	if !plant.IsPattern(pattern) {
		return
	}
	for _, t := range tags {
		if plant.Match(pattern, t.Path) {
			return
		}
	}
	if len(tags) == 0 {
		p.Add(at, "tags of equipment that names this source, there is none")
		return
	}
	p.Add(at, "a pattern that matches tags of this source, %q matches none; one of them is %s", pattern, tags[0].Path)
}
