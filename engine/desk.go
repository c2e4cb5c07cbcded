package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

func readEdits(rows []store.Edit) ([]review.Edit, error) {
	var out []review.Edit
	for _, row := range rows {
		var e review.Edit
		if err := json.Unmarshal(row.Body, &e); err != nil {
			return nil, fmt.Errorf("read edit %s: %w", row.ID, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// A reading is what the records have of one equipment over some time.
type reading struct {
	store     *store.Store
	equipment *plant.Equipment
	timeline  plant.Interval
	counts    plant.Interval
	facts     production.Facts // base
	stops     []production.Stop
	edits     []review.Edit
	broken    map[string]string // by id of the edits, see misfiled
	bare      bool              // without facts: then the time without data in parts of stops is not known
}

// longestReach bounds how often a reading is widened: edits that hang
// together over more than that do not happen.
const longestReach = 12

// read reads all that matters for what people say of w; nothing but base
// facts when nobody says anything.
func (r *reading) read(ctx context.Context, w plant.Interval, base production.Facts) error {
	r.facts, r.timeline, r.counts = base, w, minutes(w)
	for _, s := range base.Segments {
		if s.StopStart != 0 {
			r.timeline.From = min(r.timeline.From, s.StopStart)
		}
	}
	for range longestReach {
		span := plant.Interval{From: min(r.timeline.From, r.counts.From), To: max(r.timeline.To, r.counts.To)}
		rows, err := r.store.Edits(ctx, r.equipment.Path, span)
		if err != nil || len(rows) == 0 {
			return err
		}
		if r.edits, err = readEdits(rows); err != nil {
			return err
		}
		r.broken = misfiled(rows, r.edits)
		if err := r.readStops(ctx); err != nil {
			return err
		}
		timeline, _ := review.Reach(r.timeline, r.stops, r.edits)
		_, counts := review.Reach(r.counts, nil, r.edits)
		if timeline == r.timeline && counts == r.counts {
			break
		}
		r.timeline, r.counts = timeline, counts
	}
	if r.bare {
		return nil
	}
	return r.readFacts(ctx)
}

// readStops reads the stops of the timeline.
func (r *reading) readStops(ctx context.Context) error {
	rows, err := r.store.StopsOf(ctx, r.equipment.Path, r.timeline)
	if err != nil {
		return err
	}
	r.stops = make([]production.Stop, len(rows))
	for i, row := range rows {
		if r.stops[i], err = readStop(row, r.equipment); err != nil {
			return err
		}
	}
	return nil
}

func readStop(row store.Stop, eq *plant.Equipment) (production.Stop, error) {
	var s production.Stop
	if err := json.Unmarshal(row.Body, &s); err != nil {
		return s, fmt.Errorf("read stop %s: %w", row.ID, err)
	}
	s.Equipment, s.ID, s.From, s.To = eq, row.ID, row.Start, row.End
	return s, nil
}

func (r *reading) readFacts(ctx context.Context) error {
	segments, err := r.store.Segments(ctx, r.equipment.Path, r.timeline)
	if err != nil {
		return err
	}
	counts, err := r.store.Counts(ctx, r.equipment.Path, r.counts)
	if err != nil {
		return err
	}
	meters := r.facts.Meters
	r.facts, err = facts(segments, counts)
	r.facts.Meters = meters
	return err
}

// apply lays the edits over what was read.
func (r *reading) apply(d *review.Definitions) review.Result {
	return review.Apply(d, review.Input{Equipment: r.equipment.Path, Facts: r.facts, Stops: r.stops, Edits: r.edits})
}

// reviewedFacts returns the facts of a window as people say they were. base
// are those of the records from a time on, at the latest the window's begin.
func reviewedFacts(ctx context.Context, q kpiQuery, from plant.Instant, base production.Facts) (production.Facts, error) {
	if q.defs == nil {
		return base, nil
	}
	// Segments that were read show how far repairs go on after the window.
	w := plant.Interval{From: from, To: q.window.To}
	for _, s := range base.Segments {
		w.To = max(w.To, s.From+1)
	}
	r := reading{store: q.store, equipment: q.equipment}
	if err := r.read(ctx, w, base); err != nil || len(r.edits) == 0 {
		return base, err
	}
	return tail(r.apply(q.defs).Facts, from), nil
}
