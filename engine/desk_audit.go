package engine

import (
	"context"
	"math"
	"slices"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// Edits returns what was said of the time w of everything at and below path,
// at most n of the latest, in the order in which it was said.
func (d *Desk) Edits(ctx context.Context, path string, w plant.Interval, n int) ([]EditView, error) {
	if w.To == 0 {
		w.To = math.MaxInt64
	}
	rows, err := d.store.LatestEdits(ctx, path, w, n)
	if err != nil {
		return nil, err
	}
	edits, err := readEdits(rows)
	if err != nil {
		return nil, err
	}
	var all review.Result
	for _, eq := range d.tree.Equipment() {
		mine := slices.DeleteFunc(slices.Clone(edits), func(e review.Edit) bool { return e.Equipment != eq.Path })
		slices.SortFunc(mine, func(a, b review.Edit) int { return int(max(-1, min(1, a.From-b.From))) })
		for len(mine) > 0 {
			n := nearby(mine)
			status, err := d.status(ctx, eq, mine[:n])
			if err != nil {
				return nil, err
			}
			all.Status, mine = append(all.Status, status...), mine[n:]
		}
	}
	return noteBroken(d.editViews(edits, all), misfiled(rows, edits)), nil
}

// nearby returns how many of the edits, from the first on, speak of times that
// are near each other.
func nearby(edits []review.Edit) (n int) {
	end := edits[0].From
	for n < len(edits) && edits[n].From.Sub(end) <= apart {
		end = max(end, edits[n].To)
		n++
	}
	return n
}

// status returns what became of edits of one equipment.
func (d *Desk) status(ctx context.Context, eq *plant.Equipment, edits []review.Edit) ([]review.Status, error) {
	v := plant.Interval{From: edits[0].From, To: edits[0].From + 1}
	r := &reading{store: d.store, equipment: eq, bare: true}
	for _, e := range edits {
		v.To = max(v.To, e.To, e.From+1)
		// What was counted decides whether counts can be adjusted.
		r.bare = r.bare && e.Kind != review.KindAdjust && e.Kind != review.KindUndo
	}
	if err := r.read(ctx, v, production.Facts{}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.apply(d.defs).Status, func(s review.Status) bool {
		return !slices.ContainsFunc(edits, func(e review.Edit) bool { return e.ID == s.Edit })
	}), nil
}
