package bus

import (
	"fmt"

	"andon/plant"
)

// resolve finds the tags of the dictionary. Batches name much the same tags in
// much the same order, so the tag at this place in the batch before is tried
// first; and the tags of one equipment in the order of the tree, so those after
// the last one found are tried next.
func (d *decoder) resolve(c *columns) error {
	d.resolved = append(d.resolved[:0], make([]place, len(d.equipment))...)
	for i, name := range d.names {
		owner := c.next(&c.owners)
		if owner >= uint64(len(d.equipment)) {
			return fmt.Errorf("equipment %d of %d", owner, len(d.equipment))
		}
		at := &d.resolved[owner]
		if i < len(d.dict) && d.dict[i].Name == string(name) && d.is(at, int(owner), d.dict[i].Equipment) {
			continue
		}
		tag := at.after(name)
		if tag == nil {
			var err error
			if tag, err = d.find(int(owner), name); err != nil {
				return err
			}
			at.found(tag)
		}
		if i < len(d.dict) {
			d.dict[i] = tag
		} else {
			d.dict = append(d.dict, tag)
		}
	}
	c.dict, c.texts = d.dict[:len(d.names)], d.values
	return nil
}

// A place is an equipment of the present batch, nil until it is known, and how
// many of its tags stand before the one that is tried next.
type place struct {
	*plant.Equipment
	next int
}

// maxTried is how many tags are tried before one is looked up: so many
// comparisons, most of them of lengths only, cost less.
const maxTried = 16

// after returns the tag of that name when it is among the next ones of the
// equipment, else nil.
func (p *place) after(name []byte) *plant.Tag {
	if p.Equipment == nil {
		return nil
	}
	for i := p.next; i < min(p.next+maxTried, len(p.Tags)); i++ {
		if p.Tags[i].Name == string(name) {
			p.next = i + 1
			return p.Tags[i]
		}
	}
	return nil
}

// found notes a tag that was looked up.
func (p *place) found(t *plant.Tag) {
	p.Equipment, p.next = t.Equipment, 0
	if tags := t.Equipment.Tags; len(tags) > 0 && t.ID >= tags[0].ID { // IDs follow one another
		p.next = t.ID - tags[0].ID + 1
	}
}

// is reports whether the equipment with that number in the batch is e. It
// compares the paths once, then the pointer.
func (d *decoder) is(p *place, number int, e *plant.Equipment) bool {
	if p.Equipment == e {
		return true
	}
	if e.Path != string(d.equipment[number]) {
		return false
	}
	p.Equipment = e
	return true
}

// find looks the tag of a name up.
func (d *decoder) find(number int, name []byte) (*plant.Tag, error) {
	equipment := d.equipment[number]
	if len(equipment)+len(name) >= maxPath {
		return nil, fmt.Errorf("tag path longer than %d", maxPath)
	}
	d.path = append(append(append(d.path[:0], equipment...), '/'), name...)
	return d.tag(d.path)
}

func (d *decoder) tag(path []byte) (*plant.Tag, error) {
	if t, ok := d.known[string(path)]; ok {
		return t, nil
	}
	if t, ok := d.detached[string(path)]; ok {
		return t, nil
	}
	name := string(path)
	if t := d.tree.Tag(name); t != nil {
		d.known[name] = t
		return t, nil
	}
	t, err := plant.Detached(name)
	if err != nil {
		return nil, err
	}
	if len(d.detached) >= maxCache {
		clear(d.detached)
	}
	d.detached[name] = t
	return t, nil
}
