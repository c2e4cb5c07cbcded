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
	err := k.recompute(ctx, span, pick, func(old, now store.KPI) error {
		c.Checked++
		d, err := differences(old, now)
		c.Differences = append(c.Differences, d...)
		return err
	}, &c.Pending)
	return c, err
}

// Recompute writes a further revision of each such window whose latest one
// differs, for a reason that people gave. It returns how many it wrote.
func (k *KPIs) Recompute(ctx context.Context, span plant.Interval, pick func(path string) bool, reason string) (int, error) {
	var fresh []store.KPI
	pending := 0
	err := k.recompute(ctx, span, pick, func(old, now store.KPI) error {
		if !same(&old, now) {
			now.Revision, now.Why = old.Revision+1, "recomputed: "+reason
			fresh = append(fresh, now)
		}
		return nil
	}, &pending)
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	return len(fresh), k.store.Revise(ctx, fresh, nil)
}

func (k *KPIs) recompute(ctx context.Context, span plant.Interval, pick func(path string) bool, do func(old, now store.KPI) error, pending *int) error {
	dirty, err := k.store.DirtyTime(ctx, "", store.All)
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
			_, now, err := shared[key].revision(ctx, p)
			if err != nil {
				return fmt.Errorf("recompute %s of %s at %s: %w", old.Window, p.path, old.Start, err)
			}
			if err := do(old, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// waits reports whether changed time of a window is still to be looked at.
func waits(p *place, k store.KPI, dirty []store.Dirty) bool {
	return slices.ContainsFunc(dirty, func(d store.Dirty) bool {
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
