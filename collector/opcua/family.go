package opcua

import (
	"time"

	"andon/collector/opcua/address"
	"andon/plant"
)

// Tags of one node that are read alike are a family: the server monitors or
// reads their node once. The first one stands for all; the others follow it by
// next.

// A kinship is what tags must have in common to be a family.
type kinship struct {
	node string
	way  any // how it is read: the polled group, or a way
}

// A way is how the server is asked to monitor a node.
type way struct {
	interval time.Duration
	terms    terms
	filtered bool
}

// families are the first points by what they have in common with others.
type families map[kinship]*point

// join makes p one of a family that there is and reports whether it did.
// Otherwise p is the first of its own.
func (f families) join(p *point, way any) bool {
	k := kinship{p.address.NodeName(), way}
	first := f[k]
	if first == nil {
		f[k] = p
		return false
	}
	p.next, first.next = first.next, p
	return true
}

// withKin returns points with all their families.
func withKin(points []*point) []*point {
	list := make([]*point, 0, len(points))
	for _, first := range points {
		for p := first; p != nil; p = p.next {
			list = append(list, p)
		}
	}
	return list
}

// filtered reports whether a deadband makes sense for p: not for what is no
// number, and not for a part, whose server would judge the whole. A time stamp
// comes with the values that do.
func (p *point) filtered() bool {
	if p.address.Stamp != address.NoStamp {
		return true
	}
	return p.tag.Type != plant.KindBool && p.tag.Type != plant.KindText && p.address.Part == nil
}

// hasTag reports whether a tag of that path is one of p's family.
func (p *point) hasTag(path string) bool {
	for ; p != nil; p = p.next {
		if p.tag.Path == path {
			return true
		}
	}
	return false
}

// points returns all that is read.
func (s *Source) points() []*point {
	var list []*point
	for _, r := range s.subscribers {
		list = append(list, withKin(r.points)...)
	}
	for _, g := range s.groups {
		list = append(list, withKin(g.points)...)
	}
	return list
}
