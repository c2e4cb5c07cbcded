package engine

import (
	"maps"
	"slices"
	"strings"
	"time"

	"andon/plant"
	"andon/store"
)

// longestGather is how many quiet times changes are gathered at the most, so
// that revisions are made also when something comes late for ever.
const longestGather = 15

// Changes are told apart by the quiet time, counted from 1970, in which they
// came, and known at its end. Where in it, and in which pieces the stream was
// read, leaves no trace.

// noticed returns when a change of now is known.
func noticed(now plant.Instant, quiet time.Duration) plant.Instant {
	return now.Truncate(quiet).Add(quiet)
}

// A gathering is what changed by itself in one area and is not revised yet.
type gathering struct {
	first, last plant.Instant
}

// over reports whether at t nothing has come for a quiet time, or for too long
// always something.
func (g gathering) over(t plant.Instant, quiet time.Duration) bool {
	long := longestGather * quiet
	if g.first > t.Add(2*long) {
		return true // the clock was put back since
	}
	return t >= g.last.Add(quiet) || t >= g.first.Truncate(long).Add(long)
}

// A pending is all changed time at the begin of a round.
type pending struct {
	rows []store.Dirty
	open map[*plant.Area]bool // still gathering
}

// gather finds out which areas are still gathering.
func (v *reviser) gather(rows []store.Dirty) pending {
	all := map[*plant.Area]gathering{}
	for _, d := range rows {
		eq := v.kpis.tree.FindEquipment(d.Equipment)
		if _, begun := v.sweeps[d]; begun || d.Kind != store.DirtyFacts || eq == nil {
			continue
		}
		g, ok := all[eq.Line.Area]
		if !ok {
			g = gathering{d.First, d.Last}
		}
		all[eq.Line.Area] = gathering{min(g.first, d.First), max(g.last, d.Last)}
	}
	p := pending{rows: rows, open: map[*plant.Area]bool{}}
	for area, g := range all {
		now, _ := v.complete(area)
		p.open[area] = !g.over(now, v.quiet)
	}
	return p
}

// waits reports whether a row is of an area that is still gathering.
func (v *reviser) waits(p pending, d store.Dirty) bool {
	if _, begun := v.sweeps[d]; begun || d.Kind != store.DirtyFacts {
		return false
	}
	eq := v.kpis.tree.FindEquipment(d.Equipment)
	return eq != nil && p.open[eq.Line.Area]
}

// gathered returns the changes that still wait and reach into a window of a
// place. Those that nobody knew of at the time t are not among them.
func (v *reviser) gathered(p pending, at *place, w plant.Interval, t plant.Instant) []store.Dirty {
	var all []store.Dirty
	for _, d := range p.rows {
		if v.waits(p, d) && at.has(d.Equipment) && d.Start < w.To && d.End > w.From && d.First <= t {
			all = append(all, d)
		}
	}
	return all
}

// lateSamples is the cause of what changed with samples of other equipment;
// with the name of equipment behind it, of what changed with its own.
const (
	lateSamples   = "late samples"
	lateSamplesOf = "late samples of "
	// inspectionChanged is a cause that may have changed nothing: it is named
	// only where no other is.
	inspectionChanged = "what is known of the quality changed"
)

// reason says why a revision is made: what people said, each for itself, and
// whose samples came late.
func (v *reviser) reason(j *job, p pending) string {
	if len(j.rows) == 0 {
		return "settled"
	}
	var said []string
	names, late := map[string]bool{}, false
	for _, d := range j.rows {
		name, own := strings.CutPrefix(d.Why, lateSamplesOf)
		switch {
		case d.Why == inspectionChanged:
		case own && d.Kind == store.DirtyFacts:
			names[name], late = true, true
		case d.Why == lateSamples:
			late = true
		case !slices.Contains(said, d.Why):
			said = append(said, d.Why)
		}
	}
	if late && len(names) == 0 {
		names = p.late(j.place.calendar.Line.Area)
	}
	switch {
	case len(names) > 0:
		said = append(said, lateSamplesOf+strings.Join(slices.Sorted(maps.Keys(names)), ", "))
	case late:
		said = append(said, lateSamples)
	case len(said) == 0:
		said = append(said, inspectionChanged)
	}
	return strings.Join(said, "; ")
}

// late returns the names of all equipment of an area whose samples came late.
func (p pending) late(area *plant.Area) map[string]bool {
	names := map[string]bool{}
	for _, d := range p.rows {
		if name, own := strings.CutPrefix(d.Why, lateSamplesOf); own && d.Kind == store.DirtyFacts && strings.HasPrefix(d.Equipment, area.Path+"/") {
			names[name] = true
		}
	}
	return names
}
