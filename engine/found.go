package engine

import (
	"context"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// StopAt returns of the stops that the engine holds, as people say they are,
// that of the id or, without one, that which holds t; nil for none.
func (c *core) StopAt(path, id string, t plant.Instant) *review.Was {
	eq := c.find(path)
	if eq == nil {
		return nil
	}
	res, ok := c.overlay(eq, plant.Interval{From: t, To: t + 1})
	if !ok {
		res = review.Apply(c.defs, review.Input{Equipment: path, Stops: c.prod.Stops(eq)})
	}
	var holds *review.Was
	for _, s := range res.Stops {
		if id != "" && s.ID == id {
			return review.WasOf(s)
		}
		if s.From <= t && (s.To == 0 || t < s.To) {
			holds = review.WasOf(s)
		}
	}
	return holds
}

// CountedIn returns what was counted in v, as people say it was; nil when the
// engine does not hold all of it.
func (c *core) CountedIn(path string, v plant.Interval) *review.Was {
	eq := c.find(path)
	if held, ok := c.holds(v); eq == nil || !ok || held != v {
		return nil
	}
	return countsIn(c.facts(eq, v).Counts, v)
}

// CountedIn returns what was counted of one equipment in v by the records, as
// people say it was; nil for what is no equipment or no time.
func (d *Desk) CountedIn(ctx context.Context, path string, v plant.Interval) (*review.Was, error) {
	eq := d.tree.FindEquipment(path)
	if eq == nil || v.To <= v.From {
		return nil, nil
	}
	res, err := d.result(ctx, eq, v)
	if err != nil {
		return nil, err
	}
	return countsIn(res.Facts.Counts, v), nil
}

// countsIn sums up what an adjustment of v changes: the counts of its minutes.
func countsIn(counts []production.Count, v plant.Interval) *review.Was {
	sum := review.Counted{}
	for _, n := range counts {
		if n.Minute >= v.From.Truncate(minute) && n.Minute < v.To {
			sum.Good, sum.Scrap, sum.Rework = sum.Good+n.Good, sum.Scrap+n.Reject-n.Rework, sum.Rework+n.Rework
		}
	}
	return &review.Was{Counts: &sum}
}
