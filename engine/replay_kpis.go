package engine

import (
	"context"
	"fmt"

	"andon/plant"
	"andon/production"
)

// A reported is one window of one place that a report has KPIs of.
type reported struct {
	at *place
	windowKey
}

// kpis computes every shift and hour that the recording touches, and the
// range asked for: first of all equipment, then of lines, areas and the site.
// All places that have the same window are worked out together, for they share
// what is read of the records.
func (p *replay) kpis(ctx context.Context, r *Report) error {
	k, err := NewKPIs(p.o.Config.Production, p.o.Tree, p.o.Store)
	if err != nil {
		return err
	}
	all := p.reported(k)
	at := map[windowKey][]int{} // indexes of all
	var keys []windowKey        // in their order
	for i, a := range all {
		if at[a.windowKey] == nil {
			keys = append(keys, a.windowKey)
		}
		at[a.windowKey] = append(at[a.windowKey], i)
	}
	found := make([]computed, len(all))
	for _, key := range keys {
		x := &computing{k: k, window: key.Interval, name: key.kind}
		for _, i := range at[key] {
			if found[i].kpi, found[i].hash, err = x.of(ctx, all[i].at); err != nil {
				return fmt.Errorf("KPIs of %s: %w", all[i].at.path, err)
			}
		}
	}
	for _, c := range found {
		rev, err := NotKept(c.kpi, c.hash, p.now)
		if err != nil {
			return err
		}
		r.KPIs, r.Revisions = append(r.KPIs, c.kpi), append(r.Revisions, rev)
	}
	return p.orders(ctx, k, r)
}

// reported returns what the report has KPIs of, in its order.
func (p *replay) reported(k *KPIs) []reported {
	var all []reported
	for _, at := range p.places(k) {
		for _, name := range []string{production.WindowShift, production.WindowHour} {
			for _, w := range k.windows(at, name, p.covers) {
				all = append(all, reported{at, windowKey{name, w}})
			}
		}
		if p.o.Range.Duration() > 0 {
			all = append(all, reported{at, windowKey{production.WindowRange, p.o.Range}})
		}
	}
	return all
}

// places returns all equipment, also that of which nothing is known, and then
// the wholes.
func (p *replay) places(k *KPIs) []*place {
	known := map[*plant.Equipment]*place{}
	var wholes []*place
	for _, at := range k.all {
		if at.scope == production.ScopeEquipment {
			known[at.calendar] = at
		} else {
			wholes = append(wholes, at)
		}
	}
	var all []*place
	for _, eq := range p.o.Tree.Equipment() {
		at := known[eq]
		if at == nil {
			at = &place{path: eq.Path, scope: production.ScopeEquipment, area: eq.Line.Area, line: eq.Line, calendar: eq}
		}
		all = append(all, at)
	}
	return append(all, wholes...)
}

// orders works out how far the orders of all lines are at the end.
func (p *replay) orders(ctx context.Context, k *KPIs, r *Report) error {
	views, err := NewOutlook(k, p.o.Tree).Orders(ctx, "")
	if err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	for _, v := range views {
		if v.Attainment != nil {
			r.Orders = append(r.Orders, *v.Attainment)
		}
	}
	return nil
}
