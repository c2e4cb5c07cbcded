package production

import (
	"math"
	"slices"
	"time"

	"andon/plant"
)

// Cut returns the input with the counts and the energy of the minutes at the
// edges of a window that is not on full minutes reduced to what falls into
// it, by run time: units are made while the equipment runs. What one window
// does not get, the window beside it gets. Facts.Segments must cover the whole
// minutes at the edges. Safety events stay with the window in which their
// minute begins.
func (in KPIInput) Cut() KPIInput {
	w := in.Window
	if in.Now <= w.To {
		w.To = endless // nothing was counted after now
	}
	edges := []plant.Instant{w.From, w.To}
	edges = slices.DeleteFunc(edges, func(t plant.Instant) bool { return t == endless || t == t.Truncate(time.Minute) })
	if len(edges) == 0 {
		return in
	}
	atEdge := func(m plant.Instant) bool {
		return slices.ContainsFunc(edges, func(t plant.Instant) bool { return t.Truncate(time.Minute) == m })
	}
	counts, meters := slices.Clone(in.Facts.Counts), in.Facts.Meters
	for i, c := range counts {
		if atEdge(c.Minute) {
			counts[i] = in.Facts.cutCount(c, w)
		}
	}
	in.Facts.Meters = nil
	for _, m := range meters {
		if atEdge(m.Minute) {
			in.Facts.Meters = append(in.Facts.Meters, in.Facts.cutMeter(m, w)...)
		} else {
			in.Facts.Meters = append(in.Facts.Meters, m)
		}
	}
	in.Facts.Counts = counts
	return in
}

// cutCount returns the units of a count that fall into the window. Rejects,
// rework, inferred and idle units are spread evenly over the units of the
// minute, so that no window has more of them than units.
func (f Facts) cutCount(c Count, w plant.Interval) Count {
	p := f.portionOf(w, c.Minute, func(s Segment) bool { return s.Loss == LossRun && s.Product == c.Made() })
	total := func(t float64) int64 { return p.upTo(t, c.Total) }
	// of returns how many of n are among the units up to a time: evenly, and
	// by time where there are none of those.
	of := func(n, whole int64, units func(float64) int64) func(float64) int64 {
		return func(t float64) int64 {
			if whole == 0 {
				return p.upTo(t, n)
			}
			return units(t) * n / whole
		}
	}
	reject, inferred := of(c.Reject, c.Total, total), of(c.Inferred, c.Total, total)
	part := func(units func(float64) int64) int64 { return units(p.to) - units(p.from) }
	cut := c
	cut.Minute = max(c.Minute, w.From)
	cut.Total, cut.Reject, cut.Inferred, cut.Idle = part(total), part(reject), part(inferred), part(of(c.Idle, c.Total, total))
	cut.Good = cut.Total - cut.Reject
	cut.Said = Said{Bad: part(of(c.Said.Bad, c.Total, total)), Rework: part(of(c.Said.Rework, c.Total, total))}
	cut.Rework, cut.InferredGood = part(of(c.Rework, c.Reject, reject)), part(of(c.InferredGood, c.Inferred, inferred))
	return cut
}

// cutMeter returns the meter with the energy that falls into the window, apart
// from what was before it: levels and safety events keep their minute.
func (f Facts) cutMeter(m Meter, w plant.Interval) []Meter {
	run := f.portionOf(w, m.Minute, func(s Segment) bool { return s.Loss == LossRun })
	idle := f.portionOf(w, m.Minute, func(s Segment) bool { return s.Loss != LossRun })
	energy := Meter{Minute: w.From, EnergyRun: run.of(m.EnergyRun), EnergyIdle: idle.of(m.EnergyIdle)}
	m.EnergyRun, m.EnergyIdle = 0, 0
	if m.Minute < w.From {
		return []Meter{m, energy}
	}
	m.EnergyRun, m.EnergyIdle = energy.EnergyRun, energy.EnergyIdle
	return []Meter{m}
}

// A portion is the part of a minute that a window has, in the time that counts.
type portion struct{ from, to, whole float64 }

// of returns the share of n, whole units: those up to the end of the window
// less those up to its beginning, so that windows side by side share all.
func (p portion) of(n int64) int64 { return p.upTo(p.to, n) - p.upTo(p.from, n) }

func (p portion) upTo(t float64, n int64) int64 { return int64(math.Round(float64(n) * t / p.whole)) }

// portionOf returns the share of the window in the time of a minute that counts;
// of all its time where none of it does.
func (f Facts) portionOf(w plant.Interval, m plant.Instant, counts func(Segment) bool) portion {
	upTo := func(t plant.Instant) (d float64) {
		v := plant.Interval{From: m, To: max(m, min(t, m+minute))}
		for _, s := range f.Segments {
			if counts(s) {
				d += float64(s.Interval(endless).Clip(v).Duration())
			}
		}
		return d
	}
	s := portion{upTo(w.From), upTo(w.To), upTo(endless)}
	if s.whole == 0 {
		inside := func(t plant.Instant) float64 { return float64(max(0, min(t-m, minute))) }
		s = portion{inside(w.From), inside(w.To), float64(minute)}
	}
	return s
}
