package engine

import (
	"context"
	"slices"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// A ReasonView is a reason that people can choose.
type ReasonView struct {
	production.Reason
	Group bool // others stand below it, it is not itself one to choose
	Uses  int  // of late
}

// historyOf is how far back uses of reasons count.
const historyOf = plant.Instant(30 * 24 * 3600 * 1e9)

// Reasons returns the reasons of one equipment for a stop that begins at, the
// most used of late first, and for the stop of that id what similar stops
// had.
func (d *Desk) Reasons(ctx context.Context, equipment, stop string, at plant.Instant) ([]ReasonView, []review.Suggestion, error) {
	stops, err := d.Past(ctx, equipment, at)
	if err != nil {
		return nil, nil, err
	}
	uses := map[string]int{}
	var of *review.Stop
	for i, s := range stops {
		uses[s.Reason]++
		if s.ID == stop {
			of = &stops[i]
		}
	}
	var out []ReasonView
	for _, r := range d.defs.Reasons(equipment, at) {
		out = append(out, ReasonView{Reason: r, Group: d.defs.Group(equipment, r.ID), Uses: uses[r.ID]})
	}
	slices.SortStableFunc(out, func(a, b ReasonView) int { return b.Uses - a.Uses })
	if of == nil {
		return out, nil, nil
	}
	return out, review.Suggest(*of, stops, 5, at), nil
}
