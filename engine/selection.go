package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// Which revisions a Selection asks for besides one by its number.
const (
	LatestRevision = 0
	AllRevisions   = -1
)

// A Selection asks for KPIs of one place.
type Selection struct {
	Path     string
	Window   string         // hour, shift, day; "" for all of these; or range: Span itself, computed now
	Span     plant.Interval // windows that start in it
	Revision int
	// Running asks besides for windows that have no revision yet, computed now.
	Running bool
	Limit   int // at most so many, 0 means 1,000
}

// Select returns what s asks for, by start and revision.
func (k *KPIs) Select(ctx context.Context, s Selection) ([]Revision, error) {
	p, err := k.place(s.Path)
	if err != nil {
		return nil, err
	}
	if s.Window == production.WindowRange {
		r, err := k.Compute(ctx, s.Path, s.Window, s.Span)
		return []Revision{r}, err
	}
	rows, err := k.store.KPIs(ctx, store.KPIFilter{Path: s.Path, Window: s.Window, Span: s.Span, Revision: s.Revision, Limit: s.Limit})
	if err != nil {
		return nil, err
	}
	all, err := k.stand(ctx, p, rows)
	if err != nil || !s.Running {
		return all, err
	}
	more, err := k.running(ctx, p, s)
	all = append(all, more...)
	slices.SortStableFunc(all, func(a, b Revision) int { return cmp.Compare(a.Start, b.Start) })
	return all, err
}

// running computes the windows that have no revision yet and have begun.
func (k *KPIs) running(ctx context.Context, p *place, s Selection) ([]Revision, error) {
	now, err := k.now(ctx, p.calendar.Line.Area)
	if err != nil {
		return nil, err
	}
	var all []Revision
	for _, kind := range kinds() {
		if s.Window != "" && s.Window != kind {
			continue
		}
		last, err := k.store.LastWindow(ctx, p.path, kind)
		if err != nil {
			return nil, err
		}
		from := max(s.Span.From, last+1)
		for _, w := range k.windows(p, kind, plant.Interval{From: from, To: min(s.Span.To, now)}) {
			if w.From < from {
				continue
			}
			r, err := k.Compute(ctx, p.path, kind, w)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// Compute works out the KPIs of a place over any window, as the records are
// now; name says what the window is. The error wraps store.ErrNotFound when
// the plant has no such place.
func (k *KPIs) Compute(ctx context.Context, path, name string, w plant.Interval) (Revision, error) {
	p, err := k.place(path)
	if err != nil {
		return Revision{}, err
	}
	x := &computing{k: k, window: w, name: name}
	kpi, hash, err := x.of(ctx, p)
	if err != nil {
		return Revision{}, fmt.Errorf("compute KPIs of %s: %w", path, err)
	}
	return NotKept(kpi, hash, x.now)
}
