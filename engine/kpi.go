package engine

import (
	"context"
	"fmt"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// longestRepair bounds how far after a window its last stop is followed.
const longestRepair = 24 * time.Hour

// A kpiQuery asks for the KPIs of one equipment over one window.
type kpiQuery struct {
	store     *store.Store
	prod      *production.Definitions
	defs      *review.Definitions
	equipment *plant.Equipment
	window    plant.Interval
	name      string // of the window
	now       plant.Instant
	// settled asks for what revisions are made of: nothing that comes after
	// the window changes it, but the end of what began in it.
	settled bool
}

// kpi computes what q asks for.
func kpi(ctx context.Context, q kpiQuery) (production.KPI, error) {
	in, err := kpiInput(ctx, q)
	if err != nil {
		return production.KPI{}, err
	}
	return production.Compute(in), nil
}

// kpiInput is all that the KPIs of q come from: definitions and effective
// facts, which are those of the records with everything that people said of
// them. Answers, revisions and explanations all begin here.
func kpiInput(ctx context.Context, q kpiQuery) (production.KPIInput, error) {
	// A repair that goes on after the window counts as a whole.
	if q.settled {
		q.now = q.window.To.Add(longestRepair)
	}
	in := q.prod.Definition(q.equipment, q.window, q.name)
	// And a start-up begins with a run from before the window.
	long := plant.Interval{From: q.window.From.Add(-in.StartupWindow - time.Minute), To: min(q.window.To.Add(longestRepair), max(q.now, q.window.To))}
	segments, err := q.store.Segments(ctx, q.equipment.Path, long)
	if err != nil {
		return in, err
	}
	counts, err := q.store.Counts(ctx, q.equipment.Path, minutes(q.window))
	if err != nil {
		return in, err
	}
	in.Now = q.now
	if in.Facts, err = facts(segments, counts); err != nil {
		return in, fmt.Errorf("facts of %s: %w", q.equipment.Path, err)
	}
	if in.Facts, err = reviewedFacts(ctx, q, long.From, in.Facts); err != nil {
		return in, err
	}
	if in.InspectedBy != "" {
		if segments, err = q.store.Segments(ctx, in.InspectedBy, q.window); err != nil {
			return in, err
		}
		seen, err := facts(segments, nil)
		if err != nil {
			return in, fmt.Errorf("facts of %s: %w", in.InspectedBy, err)
		}
		in.Uninspected = production.Uninspected(seen.Segments, plant.Interval{From: q.window.From, To: max(q.window.From, min(q.window.To, q.now))})
	}
	if err = readMeters(ctx, q, &in); err != nil {
		return in, err
	}
	if err = readAcknowledged(ctx, q, &in); err != nil {
		return in, err
	}
	in = in.Cut()
	if q.settled {
		in.Now, in.Facts = q.window.To, settledFacts(in.Facts, long.From, q.window)
	}
	return in, nil
}
