package engine

import (
	"context"
	"fmt"
	"time"

	"andon/plant"
	"andon/production"
)

// kpis computes every shift and hour that the recording touches, and the
// range asked for: first of all equipment, then of lines, areas and the site.
func (p *replay) kpis(ctx context.Context, r *Report) error {
	for _, c := range p.cores {
		for _, line := range c.area.Lines {
			for _, eq := range line.Equipment {
				if err := p.equipmentKPIs(ctx, c, eq, r); err != nil {
					return err
				}
			}
		}
	}
	return p.wholeKPIs(ctx, r)
}

// add adds KPIs of a window.
func (r *Report) add(k production.KPI, hash string, now plant.Instant) error {
	rev, err := NotKept(k, hash, now)
	r.KPIs, r.Revisions = append(r.KPIs, k), append(r.Revisions, rev)
	return err
}

// wholeKPIs computes the same windows of lines, areas and the site.
func (p *replay) wholeKPIs(ctx context.Context, r *Report) error {
	k, err := NewKPIs(p.o.Config.Production, p.o.Tree, p.o.Store)
	if err != nil {
		return err
	}
	compute := func(at *place, name string, w plant.Interval) error {
		x := &computing{k: k, window: w, name: name}
		kpi, hash, err := x.of(ctx, at)
		if err != nil {
			return fmt.Errorf("KPIs of %s: %w", at.path, err)
		}
		return r.add(kpi, hash, p.now)
	}
	for _, at := range k.all {
		if at.scope == production.ScopeEquipment {
			continue
		}
		for _, name := range []string{production.WindowShift, production.WindowHour} {
			for _, w := range k.windows(at, name, p.covers) {
				if err := compute(at, name, w); err != nil {
					return err
				}
			}
		}
		if p.o.Range.Duration() > 0 {
			if err := compute(at, production.WindowRange, p.o.Range); err != nil {
				return err
			}
		}
	}
	return p.orders(ctx, k, r)
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

func (p *replay) equipmentKPIs(ctx context.Context, c *core, eq *plant.Equipment, r *Report) error {
	compute := func(name string, w plant.Interval) error {
		in, err := kpiInput(ctx, kpiQuery{store: p.o.Store, prod: c.prod, defs: c.defs, equipment: eq, window: w, name: name, now: p.now})
		if err != nil {
			return fmt.Errorf("KPIs of %s: %w", eq.Path, err)
		}
		hash, err := production.Digest(in)
		if err != nil {
			return fmt.Errorf("KPIs of %s: %w", eq.Path, err)
		}
		return r.add(production.Compute(in), hash, p.now)
	}
	for _, s := range c.prod.Shifts(eq, p.covers) {
		if err := compute(production.WindowShift, s.Interval()); err != nil {
			return err
		}
	}
	for h := p.covers.From.Truncate(time.Hour); h < p.covers.To; h = h.Add(time.Hour) {
		if err := compute(production.WindowHour, plant.Interval{From: h, To: h.Add(time.Hour)}); err != nil {
			return err
		}
	}
	if p.o.Range.Duration() > 0 {
		return compute(production.WindowRange, p.o.Range)
	}
	return nil
}
