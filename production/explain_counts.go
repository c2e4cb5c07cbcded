package production

import (
	"slices"

	"andon/plant"
)

// countedBy lists what units of each count are something, by product, order
// and ideal cycle time.
func countedBy(units func(*Explainer, Count) int64) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, c := range e.in.Facts.Counts {
			if n := units(e, c); e.window.Contains(c.Minute) && n != 0 {
				t.rate(e.counter(c), c, n)
			}
		}
	}
}

// rate adds n units of a count.
func (t *Term) rate(equipment string, c Count, n int64) {
	i := slices.IndexFunc(t.Counts, func(r Rated) bool {
		return r.Equipment == equipment && r.Product == c.Product && r.Order == c.Order && r.IdealCycle == Seconds(c.IdealCycle)
	})
	if i < 0 {
		i = len(t.Counts)
		t.Counts = append(t.Counts, Rated{Equipment: equipment, Product: c.Product, Order: c.Order, IdealCycle: Seconds(c.IdealCycle)})
	}
	t.Counts[i].Units += n
	t.Counts[i].StandardTime += Seconds(c.IdealCycle) * Seconds(n)
}

// counter returns whose counter a count is of: on a line the good units are
// those of another than the constraint, less those that people find bad.
func (e *Explainer) counter(c Count) string {
	switch {
	case e.kpi.Level != ScopeLine || c.Total != 0 || c.Reject != -c.Good:
		return e.in.Equipment
	case c.Good < 0 || c.Rework != 0:
		return ""
	}
	return e.good
}

func unitsProduced(_ *Explainer, c Count) int64     { return c.Total }
func unitsGood(_ *Explainer, c Count) int64         { return c.Good }
func unitsRejected(_ *Explainer, c Count) int64     { return c.Reject }
func unitsReworked(_ *Explainer, c Count) int64     { return c.Rework }
func unitsInferred(_ *Explainer, c Count) int64     { return c.Inferred }
func unitsInferredGood(_ *Explainer, c Count) int64 { return c.InferredGood }
func unitsIdle(_ *Explainer, c Count) int64         { return c.Idle }

func unitsScrapped(_ *Explainer, c Count) int64 { return c.Reject - c.Rework }

func unitsUnrated(_ *Explainer, c Count) int64 {
	if c.IdealCycle == 0 {
		return c.Total
	}
	return 0
}

// standardProduced are the units whose standard time counts.
func standardProduced(e *Explainer, c Count) int64 {
	if e.in.Unknown == UnknownExclude {
		return c.Total - c.Inferred
	}
	return c.Total
}

func standardGood(e *Explainer, c Count) int64 {
	if e.in.Unknown == UnknownExclude {
		return c.Good - c.InferredGood
	}
	return c.Good
}

// spoiled lists the rejects of start-ups, or the others; lost says that their
// standard time counts, by the policy for unknown time.
func spoiled(startup, lost bool) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		began := restarts(e.in.Facts.Segments)
		for _, c := range e.in.Facts.Counts {
			if !e.window.Contains(c.Minute) || c.Total == c.Good {
				continue
			}
			n := c.Reject
			if lost {
				n = standardProduced(e, c) - standardGood(e, c)
			}
			if n != 0 && e.in.starting(began, c.Minute) == startup {
				t.rate(e.counter(c), c, n)
			}
		}
	}
}

// starting reports whether a minute touches a start-up.
func (in KPIInput) starting(restarts []plant.Instant, m plant.Instant) bool {
	return slices.ContainsFunc(restarts, func(t plant.Instant) bool { return t <= m+minute && m < t.Add(in.StartupWindow) })
}

// compared lists the neighbours of a line and what they counted.
func compared(e *Explainer, t *Term) {
	if e.kpi.Level == ScopeLine {
		t.Neighbours = conservedParts(e.subject.Config, e.subject.Line, e.subject.Inputs)
	}
}
