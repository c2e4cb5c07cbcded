package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// A Desk answers from the records what stops were, as people say they were.
// All methods are safe for concurrent use.
type Desk struct {
	store   *store.Store
	tree    *plant.Tree
	defs    *review.Definitions
	pricing map[string]*production.Pricing // by path
	// calendars are those of equipment, by path.
	calendars map[string]*plant.Calendar
	checking  chan struct{} // held by who checks the chains
}

// NewDesk returns a Desk; cfg must be valid.
func NewDesk(cfg production.Config, tree *plant.Tree, records *store.Store) *Desk {
	d := &Desk{store: records, tree: tree, defs: review.NewDefinitions(cfg, tree), pricing: map[string]*production.Pricing{},
		calendars: calendars(cfg, tree), checking: make(chan struct{}, 1)}
	for _, eq := range tree.Equipment() {
		d.pricing[eq.Path] = production.NewPricing(cfg, eq)
	}
	return d
}

// A StopView is a stop with what it cost so far.
type StopView struct {
	Equipment string
	review.Stop
	Cost     production.Amount
	Revision int64 // rises with all that is said of the stop or its time
}

// result reads one equipment over v and lays the edits over it.
func (d *Desk) result(ctx context.Context, eq *plant.Equipment, v plant.Interval) (review.Result, error) {
	r, err := d.reading(ctx, eq, v)
	if err != nil {
		return review.Result{}, err
	}
	return r.apply(d.defs), nil
}

func (d *Desk) reading(ctx context.Context, eq *plant.Equipment, v plant.Interval) (*reading, error) {
	return readingOf(ctx, d.store, eq, v)
}

// readingOf reads all that matters for v, whether or not anybody said anything.
func readingOf(ctx context.Context, s *store.Store, eq *plant.Equipment, v plant.Interval) (*reading, error) {
	r := &reading{store: s, equipment: eq}
	if err := r.read(ctx, v, production.Facts{}); err != nil {
		return nil, err
	}
	if len(r.edits) == 0 { // then it read nothing
		if err := errors.Join(r.readStops(ctx), r.readFacts(ctx)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// view returns one of the stops that a reading came to.
func (d *Desk) view(r *reading, s review.Stop, res review.Result, now plant.Instant) StopView {
	near := production.Facts{Segments: around(res.Facts.Segments, s)}
	path := r.equipment.Path
	return StopView{Equipment: path, Stop: s, Cost: d.pricing[path].CostOf(s.Stop, near, now),
		Revision: review.Revision(r.edits, path, plant.Interval{From: s.From, To: endOf(s)})}
}

// An EditView is an edit with what became of it.
type EditView struct {
	review.Edit
	Text   string // for people
	Status review.Status
	Broken string // what somebody changed of it in the records, "" for nothing
}

// Stop returns one stop, that which was split or merged too, with everything
// that was said of its time, or store.ErrNotFound.
func (d *Desk) Stop(ctx context.Context, id string, now plant.Instant) (StopView, []EditView, error) {
	base, _, _ := strings.Cut(id, ".") // parts carry the id of what was split
	row, err := d.store.Stop(ctx, base)
	if err != nil {
		return StopView{}, nil, err
	}
	eq := d.tree.FindEquipment(row.Equipment)
	if eq == nil {
		return StopView{}, nil, fmt.Errorf("stop %.64q: %w", id, store.ErrNotFound)
	}
	end := row.End
	if end == 0 {
		end = max(now, row.Start) + 1
	}
	v, err := d.untilRun(ctx, eq, plant.Interval{From: row.Start, To: end})
	if err != nil {
		return StopView{}, nil, err
	}
	r, err := d.reading(ctx, eq, v)
	if err != nil {
		return StopView{}, nil, err
	}
	res := r.apply(d.defs)
	for _, s := range append(slices.Clone(res.Stops), res.Replaced...) {
		if s.ID == id {
			return d.view(r, s, res, now), noteBroken(d.history(r.edits, res, s), r.broken), nil
		}
	}
	return StopView{}, nil, fmt.Errorf("stop %.64q: %w", id, store.ErrNotFound)
}

// history returns the edits that speak of the stop's time.
func (d *Desk) history(edits []review.Edit, res review.Result, s review.Stop) []EditView {
	out := []EditView{}
	for _, v := range d.editViews(edits, res) {
		if v.Edit.From < endOf(s) && max(v.To, v.Edit.From+1) > s.From && v.Kind != review.KindAdjust {
			out = append(out, v)
		}
	}
	return out
}

func endOf(s review.Stop) plant.Instant {
	if s.To == 0 {
		return endOfTime
	}
	return s.To
}

func (d *Desk) editViews(edits []review.Edit, res review.Result) []EditView {
	status := map[string]review.Status{}
	for _, st := range res.Status {
		status[st.Edit] = st
	}
	var out []EditView
	for _, e := range edits {
		out = append(out, EditView{Edit: e, Text: review.Text(d.defs, []review.Edit{e}, edits), Status: status[e.ID]})
	}
	return out
}

// noteBroken sets what somebody changed of the edits in the records.
func noteBroken(views []EditView, broken map[string]string) []EditView {
	for i := range views {
		views[i].Broken = broken[views[i].ID]
	}
	return views
}

// ByCommand puts one view in the place of those of one command, with the id of
// the command and a text for all: a sign-off of a line is one thing that
// somebody said, not one for each equipment. It is taken back, or without
// effect, when all of it is.
func (d *Desk) ByCommand(views []EditView) []EditView {
	known := make([]review.Edit, len(views))
	of := map[string][]EditView{}
	for i, v := range views {
		known[i] = v.Edit
		of[v.Command] = append(of[v.Command], v)
	}
	var out []EditView
	for _, v := range views {
		if all := of[v.Command]; len(all) > 1 {
			v = d.asOne(all, known)
		} else if len(all) == 0 {
			continue // told with the first of them
		}
		delete(of, v.Command)
		out = append(out, v)
	}
	return out
}

// asOne returns one view in the place of those of one command.
func (d *Desk) asOne(views []EditView, known []review.Edit) EditView {
	one := views[0]
	var edits []review.Edit
	for _, v := range views {
		edits = append(edits, v.Edit)
		if v.Status.Undone == "" {
			one.Status.Undone = ""
		}
		if v.Status.Stale == "" {
			one.Status.Stale = ""
		}
		one.Status.Correction = one.Status.Correction || v.Status.Correction
	}
	one.ID, one.Text = one.Command, review.Text(d.defs, edits, known)
	return one
}
