package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// selects reports whether the filters of q let a stop of its equipment
// through.
func (q StopQuery) selects(s foundStop, defs *review.Definitions) bool {
	w := q.Window
	switch {
	case w.To != 0 && s.From >= w.To, w.From != 0 && s.To != 0 && s.To <= w.From:
		return false
	case q.Open && s.To != 0, q.NeedsReason && !s.NeedsReason, q.Shift != "" && s.Shift != q.Shift:
		return false
	case len(q.States) > 0 && !slices.Contains(q.States, s.State), len(q.Lives) > 0 && !slices.Contains(q.Lives, s.Life):
		return false
	}
	return q.Reason == "" || defs.Within(s.equipment.Path, s.Reason, q.Reason)
}

// began returns the stops of the equipment that began in w, as people say
// they were.
func (d *Desk) began(ctx context.Context, all []*plant.Equipment, w plant.Interval) ([]foundStop, error) {
	active, err := d.store.StoppedIn(ctx, w)
	if err != nil {
		return nil, err
	}
	busy := map[string]bool{}
	for _, path := range active {
		busy[path] = true
	}
	var out []foundStop
	for _, eq := range all {
		if !busy[eq.Path] {
			continue
		}
		found, err := d.said(ctx, eq, w)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if s.From >= w.From && s.From < w.To {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// reachInto returns the stops of the equipment that began before t and went
// on then.
func (d *Desk) reachInto(ctx context.Context, all []*plant.Equipment, t plant.Instant) ([]foundStop, error) {
	var out []foundStop
	for _, eq := range all {
		found, err := d.said(ctx, eq, plant.Interval{From: t, To: t + 1})
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if s.From < t && (s.To == 0 || s.To > t) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// said returns the stops of one equipment around w as people say they were,
// which for w are all.
func (d *Desk) said(ctx context.Context, eq *plant.Equipment, w plant.Interval) ([]foundStop, error) {
	r := &reading{store: d.store, equipment: eq, bare: true}
	if err := r.read(ctx, w, production.Facts{}); err != nil {
		return nil, fmt.Errorf("stops of %s: %w", eq.Path, err)
	}
	if len(r.edits) == 0 { // then it read nothing
		if err := r.readStops(ctx); err != nil {
			return nil, fmt.Errorf("stops of %s: %w", eq.Path, err)
		}
	}
	var out []foundStop
	for _, s := range r.apply(d.defs).Stops {
		out = append(out, foundStop{eq, s})
	}
	return out, nil
}

// apart is how far stops of one equipment are from each other when their
// facts are read each on its own.
const apart = time.Hour

// views returns the stops with what they cost, in their order.
func (d *Desk) views(ctx context.Context, found []foundStop, now plant.Instant) ([]StopView, error) {
	of := map[*plant.Equipment][]review.Stop{}
	var order []*plant.Equipment
	for _, s := range found {
		if of[s.equipment] == nil {
			order = append(order, s.equipment)
		}
		of[s.equipment] = append(of[s.equipment], s.Stop)
	}
	byID := map[string]StopView{}
	for _, eq := range order {
		mine := of[eq]
		slices.SortFunc(mine, func(a, b review.Stop) int { return int(max(-1, min(1, a.From-b.From))) })
		for len(mine) > 0 {
			v, n := together(mine, now)
			priced, err := d.price(ctx, eq, v, now)
			if err != nil {
				return nil, fmt.Errorf("stops of %s: %w", eq.Path, err)
			}
			for _, p := range priced {
				byID[p.ID] = p
			}
			mine = mine[n:]
		}
	}
	out := make([]StopView, len(found))
	for i, s := range found {
		v, ok := byID[s.ID]
		if !ok { // it changed since it was found
			v = StopView{Equipment: s.equipment.Path, Stop: s.Stop}
		}
		out[i] = v
	}
	return out, nil
}

// together returns how many of the stops, from the first on, are near each
// other, and their time.
func together(stops []review.Stop, now plant.Instant) (v plant.Interval, n int) {
	v = plant.Interval{From: stops[0].From}
	for n < len(stops) && (n == 0 || stops[n].From.Sub(v.To) <= apart) {
		end := stops[n].To
		if end == 0 {
			end = max(now, stops[n].From) + 1
		}
		v.To = max(v.To, end)
		n++
	}
	return v, n
}

// price returns the stops of one equipment in v with what they cost.
func (d *Desk) price(ctx context.Context, eq *plant.Equipment, v plant.Interval, now plant.Instant) ([]StopView, error) {
	v, err := d.untilRun(ctx, eq, v)
	if err != nil {
		return nil, err
	}
	r, err := d.reading(ctx, eq, v)
	if err != nil {
		return nil, err
	}
	res := r.apply(d.defs)
	out := make([]StopView, len(res.Stops))
	for i, s := range res.Stops {
		out[i] = d.view(r, s, res, now)
	}
	return out, nil
}

// untilRun widens v to the first run that begins after it: it decides what a
// changeover that v ends in costs.
func (d *Desk) untilRun(ctx context.Context, eq *plant.Equipment, v plant.Interval) (plant.Interval, error) {
	for from, end := v.To, v.To.Add(longestRepair); from < end; {
		rows, err := d.store.SegmentsFrom(ctx, eq.Path, from, segmentsAtOnce)
		if err != nil {
			return v, err
		}
		next, err := facts(rows, nil)
		if err != nil {
			return v, err
		}
		for _, s := range next.Segments {
			if s.From >= end {
				return v, nil
			}
			if v.To = s.From + 1; s.Loss == production.LossRun {
				return v, nil
			}
		}
		if len(rows) < segmentsAtOnce {
			return v, nil
		}
		from = v.To
	}
	return v, nil
}

// segmentsAtOnce is how many segments are looked at for a run at once: mostly
// it is the first of them.
const segmentsAtOnce = 20
