package engine

import (
	"andon/plant"
	"andon/production"
)

// qualityConservation is the kind of a clock hour in which neighbours on a
// line do not agree about the units between them.
const qualityConservation production.QualityKind = "conservation"

// A qualityWatch counts samples that production could not use, and what makes
// data less sure. What late data brings to light is not counted again.
type qualityWatch struct {
	area string
	told production.Stats
	next plant.Instant // first minute that was not looked at
}

// longestLook bounds how many minutes are looked at after a pause.
const longestLook = 60 * minute

// look counts what is new since the last look; events are those drained since.
func (q *qualityWatch) look(m *Metrics, core *core, events []production.QualityEvent) {
	q.unused(m, core.prod.Stats())
	for _, e := range events {
		q.count(m, e.Kind)
	}
	end := core.now.Truncate(minute)
	if q.next == 0 || q.next > end { // or the clock was put back
		q.next = end
	}
	w := plant.Interval{From: max(q.next, end.Add(-longestLook)), To: end}
	q.next = end
	if w.Duration() == 0 {
		return
	}
	for _, eq := range core.equipment() {
		for _, e := range core.prod.Quality(eq, w) {
			if e.Kind == production.QualityContradiction {
				q.count(m, e.Kind)
			}
		}
	}
	if hour := end.Truncate(60 * minute); hour > w.From {
		for _, c := range core.prod.Conservation(plant.Interval{From: hour.Add(-60 * minute), To: hour}) {
			if !c.OK {
				q.count(m, qualityConservation)
			}
		}
	}
}

func (q *qualityWatch) count(m *Metrics, kind production.QualityKind) {
	m.quality.WithLabelValues(q.area, string(kind)).Inc()
}

func (q *qualityWatch) unused(m *Metrics, now production.Stats) {
	for _, c := range []struct {
		reason   string
		was, now uint64
	}{{"too_late", q.told.TooLate, now.TooLate}, {"too_early", q.told.TooEarly, now.TooEarly}, {"repeated", q.told.Repeated, now.Repeated},
		{"no_number", q.told.NoNumber, now.NoNumber}, {"unmatched", q.told.Unmatched, now.Unmatched}} {
		m.unused.WithLabelValues(q.area, c.reason).Add(float64(c.now - min(c.was, c.now)))
	}
	q.told = now
}

// equipment returns all equipment of the area, in order of the tree.
func (c *core) equipment() []*plant.Equipment {
	var all []*plant.Equipment
	for _, line := range c.area.Lines {
		all = append(all, line.Equipment...)
	}
	return all
}
