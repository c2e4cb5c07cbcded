package engine

import (
	"context"
	"slices"

	"andon/plant"
	"andon/production/review"
	"andon/store"
)

// The standings of a revision.
const (
	Provisional = "provisional" // computed when it was asked for, not kept
	Settled     = "settled"     // kept
	Final       = "final"       // kept, and the whole window was signed off with it
	Correction  = "correction"  // made after the window was signed off
)

// stand sets how each of some revisions of one place stands. rows are in the
// order of window and number.
func (k *KPIs) stand(ctx context.Context, p *place, rows []store.KPI) ([]Revision, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	span := plant.Interval{From: rows[0].Start, To: rows[0].End}
	for _, r := range rows {
		span = plant.Interval{From: min(span.From, r.Start), To: max(span.To, r.End)}
	}
	found, err := k.store.Edits(ctx, p.path, span)
	if err != nil {
		return nil, err
	}
	edits, err := readEdits(found)
	if err != nil {
		return nil, err
	}
	out := make([]Revision, len(rows))
	for i, row := range rows {
		out[i] = stored(row)
		at := signed(p, edits, plant.Interval{From: row.Start, To: row.End})
		later := slices.ContainsFunc(rows, func(r store.KPI) bool {
			return r.Window == row.Window && r.Start == row.Start && r.Revision > row.Revision && r.Time <= at
		})
		switch {
		case at == 0 || later:
		case row.Time > at && (row.Revision > 1 || corrected(p, edits, row, at)): // the first one may come after the sign-off, too
			out[i].Standing = Correction
		default:
			out[i].Standing = Final
		}
	}
	return out, nil
}

// corrected reports whether a revision has what somebody said of its window
// after it was signed off.
func corrected(p *place, edits []review.Edit, row store.KPI, signed plant.Instant) bool {
	return slices.ContainsFunc(p.equipment(), func(eq *plant.Equipment) bool {
		return review.Corrected(edits, eq.Path, plant.Interval{From: row.Start, To: row.End}, plant.Interval{From: signed, To: row.Time})
	})
}

// signed returns when all equipment of a place was first signed off for the
// whole of w, 0 when it was not.
func signed(p *place, edits []review.Edit, w plant.Interval) plant.Instant {
	var last plant.Instant
	for _, eq := range p.equipment() {
		at := review.SignedOff(edits, eq.Path, w)
		if at == 0 {
			return 0
		}
		last = max(last, at)
	}
	return last
}
