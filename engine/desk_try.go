package engine

import (
	"context"
	"slices"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// A StaleError says why a command would have no effect.
type StaleError struct{ Why string }

// Error says why.
func (e *StaleError) Error() string { return e.Why }

// Try reports why a review command would be refused or have no effect as the
// records are now: a *review.RefusedError or a *StaleError. It changes
// nothing.
func (d *Desk) Try(ctx context.Context, cmd plant.Command, now plant.Instant) error {
	area := d.areaOf(cmd.Target)
	if area == nil {
		return &review.RefusedError{Field: "target", What: "the plant has no such equipment"}
	}
	if cmd.Verb == review.VerbPrefix+string(review.KindUndo) {
		return nil // the book knows what there is to take back
	}
	book := review.NewBook(d.defs, area)
	if err := book.Command(now, 0, cmd); err != nil {
		return err
	}
	for _, e := range book.Edits() {
		eq := d.tree.FindEquipment(e.Equipment)
		r, err := d.reading(ctx, eq, plant.Interval{From: e.From, To: max(e.To, e.From+1)})
		if err != nil {
			return err
		}
		r.edits = append(slices.Clone(r.edits), e)
		res := r.apply(d.defs)
		if st := res.Status[len(res.Status)-1]; st.Stale != "" {
			return &StaleError{st.Stale}
		}
	}
	return nil
}

func (d *Desk) areaOf(path string) *plant.Area {
	for _, area := range d.tree.Areas {
		if path == area.Path || len(path) > len(area.Path) && path[:len(area.Path)+1] == area.Path+"/" {
			return area
		}
	}
	return nil
}

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
