package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// A Check is what became of recomputing kept KPIs from facts and edits.
type Check struct {
	Checked     int          `json:"checked"` // latest revisions
	Pending     int          `json:"pending"` // left out: changed time of theirs is still to be looked at
	Differences []Difference `json:"differences"`
}

// A Difference is one field of a kept revision that is not what its facts and
// definitions give now.
type Difference struct {
	Path       string        `json:"path"`
	Window     string        `json:"window"`
	Start      plant.Instant `json:"start"`
	Revision   int           `json:"revision"`
	Field      string        `json:"field"`
	Stored     string        `json:"stored"` // JSON, "" when there is none
	Recomputed string        `json:"recomputed"`
}

// Verify recomputes the latest revision of every window that starts in span,
// of all places that pick accepts, and says where it differs.
func (k *KPIs) Verify(ctx context.Context, span plant.Interval, pick func(path string) bool) (Check, error) {
	var c Check
	err := k.recompute(ctx, span, pick, func(x compared) error {
		c.Checked++
		d, err := differences(x.old, x.now)
		c.Differences = append(c.Differences, d...)
		return err
	}, &c.Pending)
	return c, err
}

// Recompute writes a further revision of each such window whose latest one
// differs, for a reason that people gave, and returns how many it wrote. No
// daemon may run meanwhile; the next one publishes their points.
func (k *KPIs) Recompute(ctx context.Context, span plant.Interval, pick func(path string) bool, reason string) (int, error) {
	var fresh store.Revised
	pending := 0
	lines := map[string][]byte{}
	err := k.recompute(ctx, span, pick, func(c compared) error {
		if same(&c.old, c.now) {
			return nil
		}
		c.now.Revision, c.now.Why = c.old.Revision+1, reason
		fresh.KPIs = append(fresh.KPIs, c.now)
		area := c.place.calendar.Line.Area.Path
		if lines[area] = appendKPI(lines[area], c.place, c.kpi, c.now.Revision); len(lines[area]) >= queuedPoints {
			fresh.Points = append(fresh.Points, store.Points{Area: area, Lines: lines[area]})
			lines[area] = nil
		}
		return nil
	}, &pending)
	if err != nil || len(fresh.KPIs) == 0 {
		return 0, err
	}
	for _, area := range k.tree.Areas {
		if len(lines[area.Path]) > 0 {
			fresh.Points = append(fresh.Points, store.Points{Area: area.Path, Lines: lines[area.Path]})
		}
	}
	return len(fresh.KPIs), k.store.Revise(ctx, fresh)
}

// queuedPoints is how many bytes of points make one message of the stream.
const queuedPoints = 64 << 10

// A compared is a kept revision and what it would be now.
type compared struct {
	place    *place
	old, now store.KPI
	kpi      production.KPI
}

func (k *KPIs) recompute(ctx context.Context, span plant.Interval, pick func(path string) bool, do func(compared) error, pending *int) error {
	dirty, err := k.store.DirtyTime(ctx)
	if err != nil {
		return err
	}
	shared := map[windowKey]*computing{}
	for _, p := range k.all {
		if !pick(p.path) {
			continue
		}
		rows, err := k.store.KPIs(ctx, store.KPIFilter{Path: p.path, Span: span, Limit: store.All})
		if err != nil {
			return err
		}
		for _, old := range rows {
			if waits(p, old, dirty) {
				*pending++
				continue
			}
			key := windowKey{old.Window, plant.Interval{From: old.Start, To: old.End}}
			if shared[key] == nil {
				shared[key] = &computing{k: k, window: key.Interval, name: old.Window, settled: true}
			}
			kpi, now, err := shared[key].revision(ctx, p)
			if err != nil {
				return fmt.Errorf("recompute %s of %s at %s: %w", old.Window, p.path, old.Start, err)
			}
			if err := do(compared{p, old, now, kpi}); err != nil {
				return err
			}
		}
	}
	return nil
}

// waits reports whether changed time of a window is still to be looked at.
func waits(p *place, k store.KPI, dirty []store.Dirty) bool {
	return slices.ContainsFunc(dirty, func(d store.Dirty) bool {
		if d.Kind == store.DirtyRecompute {
			return matches(d.Equipment, p.path) && d.Start <= k.Start && k.Start < d.End
		}
		return p.has(d.Equipment) && d.Start < k.End.Add(longestRepair) && max(d.End, d.End.Add(lead)) > k.Start
	})
}

// differences compares field by field, the hash of the inputs first.
func differences(old, now store.KPI) ([]Difference, error) {
	var out []Difference
	add := func(field, stored, recomputed string) {
		if stored != recomputed {
			out = append(out, Difference{Path: old.Path, Window: old.Window, Start: old.Start, Revision: old.Revision,
				Field: field, Stored: stored, Recomputed: recomputed})
		}
	}
	add("inputs_hash", old.Hash, now.Hash)
	if string(old.Body) == string(now.Body) {
		return out, nil
	}
	a, b := map[string]string{}, map[string]string{}
	if err := errors.Join(flatten(a, "", old.Body), flatten(b, "", now.Body)); err != nil {
		add("body", string(old.Body), string(now.Body)) // it is no JSON any more
		return out, nil
	}
	fields := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	slices.Sort(fields)
	before := len(out)
	for _, f := range slices.Compact(fields) {
		add(f, a[f], b[f])
	}
	if len(out) == before {
		add("body", string(old.Body), string(now.Body)) // the same fields, written otherwise
	}
	return out, nil
}

// flatten collects the scalar values of JSON by their path.
func flatten(to map[string]string, at string, body []byte) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) == nil && object != nil {
		for name, v := range object {
			if at != "" {
				name = at + "." + name
			}
			if err := flatten(to, name, v); err != nil {
				return err
			}
		}
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && list != nil {
		for i, v := range list {
			if err := flatten(to, at+"["+strconv.Itoa(i)+"]", v); err != nil {
				return err
			}
		}
		return nil
	}
	if at == "" || !json.Valid(body) {
		return fmt.Errorf("read KPIs at %q: not JSON", at)
	}
	to[at] = string(body)
	return nil
}
