package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"andon/bus"
	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// oldPiece bounds the time whose points are made at once.
const oldPiece = 24 * time.Hour

// An oldTime is time of one equipment of which people said something, and
// which only the records still know.
type oldTime struct {
	eq *plant.Equipment
	plant.Interval
	now plant.Instant // stream time of its area
}

// rewriteOld publishes the points of changed time that is older than what
// engines hold: its stops, states and minutes. Points of KPIs come with their
// revisions. The same facts make the same points, so it does no harm to do it
// again after a crash.
func (v *reviser) rewriteOld(ctx context.Context, rows []store.Dirty) error {
	times, err := v.oldTimes(ctx, rows)
	if err != nil {
		return err
	}
	for _, t := range times {
		for from := t.From; from < t.To; from = from.Add(oldPiece) {
			piece := t
			piece.Interval = plant.Interval{From: from, To: min(t.To, from.Add(oldPiece))}
			lines, err := v.oldLines(ctx, piece)
			if err != nil {
				return fmt.Errorf("points of %s at %s: %w", t.eq.Path, from, err)
			}
			v.sent++
			id := fmt.Sprintf("old-%s-%d-%s", t.eq.Path, v.sent, v.process)
			if err := v.bus.Derived(ctx, t.eq.Line.Area, id, lines); err != nil && !errors.Is(err, bus.ErrTooLong) {
				return fmt.Errorf("publish points of old time: %w", err)
			}
		}
	}
	return nil
}

// oldTimes returns what of the rows is old, in whole minutes and over whole
// stops; what hangs together once.
func (v *reviser) oldTimes(ctx context.Context, rows []store.Dirty) ([]oldTime, error) {
	var all []oldTime
	for _, d := range rows {
		eq := v.kpis.tree.FindEquipment(d.Equipment)
		if eq == nil || d.Kind == store.DirtyRecompute {
			continue
		}
		now, _ := v.complete(eq.Line.Area)
		// The engine wrote what it held when it heard of the change.
		now = max(now, d.Last)
		edge := heldFrom(now, v.kpis.cfg.Horizon)
		if d.Start >= edge {
			continue
		}
		r := reading{store: v.kpis.store, equipment: eq}
		w := plant.Interval{From: d.Start, To: max(d.End, d.Start+1)}
		if err := r.read(ctx, w, production.Facts{}); err != nil {
			return nil, err
		}
		if len(r.edits) == 0 {
			continue // late samples do not reach so far
		}
		for _, s := range r.stops {
			if end := max(s.To, s.From+1); s.From < w.To && end > w.From {
				w = plant.Interval{From: min(w.From, s.From), To: max(w.To, end)}
			}
		}
		w = minutes(w)
		all = addOld(all, oldTime{eq, plant.Interval{From: w.From, To: min(w.To, edge)}, now})
	}
	return all, nil
}

func addOld(all []oldTime, t oldTime) []oldTime {
	for i := range all {
		if o := &all[i]; o.eq == t.eq && o.From <= t.To && o.To >= t.From {
			o.From, o.To = min(o.From, t.From), max(o.To, t.To)
			return all
		}
	}
	return append(all, t)
}

// oldLines makes the points of t from the records.
func (v *reviser) oldLines(ctx context.Context, t oldTime) ([]byte, error) {
	o := v.oldOrigin(t)
	r, err := readingOf(ctx, v.kpis.store, t.eq, t.Interval)
	if err != nil {
		return nil, err
	}
	res := r.apply(v.kpis.defs)
	known := map[*plant.Equipment]production.Facts{t.eq: res.Facts}
	o.facts = func(eq *plant.Equipment, w plant.Interval) production.Facts { return tail(known[eq], w.From) }
	p := pointWriter{states: map[*plant.Equipment][]plant.Instant{t.eq: starts(t, r, res)}}
	p.rewriteStates(o, production.Rewrite{Equipment: t.eq, From: t.From, Segments: startingIn(t.Interval, res.Facts.Segments)})
	for _, s := range stopsToTell(t.eq, t.Interval, res, r.edits) {
		p.stop(s)
	}
	for _, of := range o.subjects() {
		if !slices.Contains(of.sources(), t.eq) {
			continue
		}
		for _, eq := range of.sources() {
			if _, ok := known[eq]; ok {
				continue
			}
			mate, err := readingOf(ctx, v.kpis.store, eq, t.Interval)
			if err != nil {
				return nil, err
			}
			known[eq] = mate.apply(v.kpis.defs).Facts
		}
		p.buckets(o, of, t.Interval)
	}
	return p.buf, nil
}

// oldOrigin is that of points of t, but for the facts.
func (v *reviser) oldOrigin(t oldTime) origin {
	k, area := v.kpis, t.eq.Line.Area
	prod := k.areas[area]
	return origin{area: area, prod: prod, now: t.now,
		good: func(line *plant.Line) *plant.Equipment {
			if !prod.HasLine(line) {
				return nil
			}
			return production.GoodCounter(k.cfg, line, t.To)
		},
		line: func(line *plant.Line, of func(*plant.Equipment) production.Facts) production.Facts {
			f, _ := production.LineFacts(k.cfg, line, t.To, func(eq *plant.Equipment) (production.Facts, error) { return of(eq), nil }) // of gives no error
			return f
		}}
}

// starts returns when in t there may be points of states: where states began
// as they were derived, and where parts of stops did that may be no more.
func starts(t oldTime, r *reading, res review.Result) []plant.Instant {
	var all []plant.Instant
	add := func(at plant.Instant) {
		if t.Contains(at) {
			all = append(all, at)
		}
	}
	for _, s := range r.facts.Segments {
		add(s.From)
	}
	for _, s := range res.Facts.Segments {
		add(s.From)
	}
	for _, e := range r.edits {
		add(e.Args.At)
		add(e.From)
		add(e.To)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// startingIn returns the segments that begin in w.
func startingIn(w plant.Interval, all []production.Segment) []production.Segment {
	return slices.DeleteFunc(slices.Clone(all), func(s production.Segment) bool { return !w.Contains(s.From) })
}
