package opcua

import (
	"slices"

	"andon/plant"
)

// complete reports whether all that changed of a point was read.
func (m *missing) complete() bool { return m.looked && m.done && m.trouble == "" }

// verdict returns what stays missing of a hole that was filled as far as could
// be, and of which equipment all is known now.
func (f *filler) verdict(x *hole) plant.Batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	begin := f.beginsLocked(x)
	b := plant.Batch{Gaps: x.gaps(f.source.name, begin)}
	if x.away() && begin < x.known.To {
		b.Known = f.knownOf(x, plant.Interval{From: begin, To: x.known.To})
	}
	return b
}

// gaps returns what stays missing in each area. Of a time before begin nothing
// can be complete.
func (x *hole) gaps(source string, begin plant.Instant) []plant.Gap {
	var list []plant.Gap
	of := map[string]int{} // index in list, by area
	for _, m := range x.missing {
		if m.complete() && begin == x.known.From {
			continue
		}
		v := x.lacks(m, begin)
		for p := m.point; p != nil; p = p.next {
			area := p.tag.Equipment.Line.Area.Path
			i, ok := of[area]
			if !ok {
				i = len(list)
				of[area], list = i, append(list, plant.Gap{Area: area, Source: source, Interval: v, Cause: x.cause})
			}
			g := &list[i]
			g.From, g.To = min(g.From, v.From), max(g.To, v.To)
			g.Tags++
		}
	}
	return slices.DeleteFunc(list, func(g plant.Gap) bool { return g.From >= g.To })
}

// lacks returns of which time something of a point stays missing.
func (x *hole) lacks(m *missing, begin plant.Instant) plant.Interval {
	v := x.known
	switch {
	case x.away() && m.complete():
		v.To = begin
	case x.cause == plant.GapOverflow && m.last != 0:
		v.From = m.last
	}
	return v
}

// away reports whether the server was not in touch in the hole.
func (x *hole) away() bool { return x.cause == plant.GapOutage || x.cause == plant.GapServerRestart }

// beginsLocked returns from when on a history can have all that changed in a
// hole: what changed before the server started, nobody saw. That may be another
// server than the one that was in touch before.
func (f *filler) beginsLocked(x *hole) plant.Instant {
	if !x.away() || x.server.IsZero() {
		return x.known.From
	}
	switch at := plant.At(x.server.Add(-f.ahead)); {
	case at > x.known.From:
		return min(at, x.known.To)
	case x.cause == plant.GapServerRestart:
		return x.known.To // its clock makes no sense
	}
	return x.known.From
}

// knownOf returns the equipment of which everything is known in v: all tags
// that facts are made of were read, or were not lost.
func (f *filler) knownOf(x *hole, v plant.Interval) []plant.Known {
	var paths []string
	doubtful := map[string]bool{}
	for head, polled := range f.source.heads() {
		m := x.of[head]
		for p := head; p != nil; p = p.next {
			path := p.tag.Equipment.Path
			switch {
			case p.tag.Role == plant.RoleNone:
			case m != nil && m.complete():
				paths = append(paths, path)
			case m != nil, polled:
				doubtful[path] = true
			}
		}
	}
	slices.Sort(paths)
	var list []plant.Known
	for _, path := range slices.Compact(paths) {
		if !doubtful[path] {
			list = append(list, plant.Known{Equipment: path, Interval: v})
		}
	}
	return list
}

// heads yields the first points of all families of the source, and whether they
// are polled.
func (s *Source) heads() func(func(*point, bool) bool) {
	return func(yield func(*point, bool) bool) {
		for _, r := range s.subscribers {
			for _, p := range r.points {
				if !yield(p, false) {
					return
				}
			}
		}
		for _, g := range s.groups {
			for _, p := range g.points {
				if !yield(p, true) {
					return
				}
			}
		}
	}
}
