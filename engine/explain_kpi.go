package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// ErrNoExplanation says that a KPI of that name or place is not explained.
var ErrNoExplanation = errors.New("no explanation")

// An ExplainQuery asks for one value of the KPIs of a place. Of a line KPI may
// be the name of a value of its orders or of the plan of a shift besides, such
// as orders.PO-1002.eta and plan.target: as they are at the end of Span, or
// now when that is to come.
type ExplainQuery struct {
	Path string
	KPI  string // JSON name
	// Window is hour, shift or day: Span is one of these, and explained as its
	// latest revision is made, when it has one. Else it is a range.
	Window string
	Span   plant.Interval
}

// Explain takes one value of the KPIs of a place apart, as the records are
// now. The error wraps store.ErrNotFound when the plant has no such place.
func (k *KPIs) Explain(ctx context.Context, q ExplainQuery) (production.Explanation, error) {
	p, err := k.place(q.Path)
	if err != nil {
		return production.Explanation{}, err
	}
	kind, rest, _ := strings.Cut(q.KPI, ".")
	if p.scope == production.ScopeLine && (kind == "orders" || kind == "plan") {
		return k.explainPlan(ctx, p, planQuestion{kind, rest, q.Span.To})
	}
	x, err := k.window(ctx, p, q)
	if err != nil {
		return production.Explanation{}, err
	}
	s, err := x.subject(ctx, p)
	if err != nil {
		return production.Explanation{}, fmt.Errorf("explain %s: %w", q.Path, err)
	}
	out, err := production.NewExplainer(s).Explain(q.KPI)
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrNoExplanation, err)
	}
	return out, nil
}

// window returns how the KPIs of a query are computed.
func (k *KPIs) window(ctx context.Context, p *place, q ExplainQuery) (*computing, error) {
	x := &computing{k: k, window: q.Span, name: production.WindowRange}
	if !slices.Contains(kinds(), q.Window) {
		return x, nil
	}
	if x.name = q.Window; !slices.Contains(k.windows(p, q.Window, q.Span), q.Span) {
		return nil, fmt.Errorf("%w: %s to %s is no %s of %s", ErrNoExplanation, q.Span.From, q.Span.To, q.Window, p.path)
	}
	kept, err := k.store.KPIs(ctx, store.KPIFilter{Path: p.path, Window: q.Window, Span: plant.Interval{From: q.Span.From, To: q.Span.From + 1}})
	x.settled = len(kept) > 0
	return x, err
}

// subject reads all that the KPIs of a place come from.
func (x *computing) subject(ctx context.Context, p *place) (production.Subject, error) {
	s := production.Subject{Level: p.scope, Path: p.path, Config: x.k.cfg, Line: p.line}
	switch p.scope {
	case production.ScopeEquipment, production.ScopeLine:
		for _, eq := range p.equipment() {
			in, err := x.input(ctx, eq)
			if err != nil {
				return s, err
			}
			s.Inputs = append(s.Inputs, in)
		}
		var err error
		s.Stops, err = x.stops(ctx, p.calendar)
		return s, err
	}
	for _, part := range p.parts {
		kpi, _, err := x.of(ctx, part)
		if err != nil {
			return s, err
		}
		s.Parts = append(s.Parts, kpi)
	}
	return s, nil
}

// stops returns the stops of equipment in the window, as people say they
// were.
func (x *computing) stops(ctx context.Context, eq *plant.Equipment) ([]production.Stop, error) {
	r := reading{store: x.k.store, equipment: eq}
	if err := r.read(ctx, x.window, production.Facts{}); err != nil {
		return nil, err
	}
	if len(r.edits) == 0 {
		err := r.readStops(ctx)
		return r.stops, err
	}
	var out []production.Stop
	for _, s := range r.apply(x.k.defs).Stops {
		out = append(out, s.Stop)
	}
	return out, nil
}

// A planQuestion asks for a value of an order or a shift as of a time.
type planQuestion struct {
	kind, name string
	at         plant.Instant
}

func (k *KPIs) explainPlan(ctx context.Context, p *place, q planQuestion) (production.Explanation, error) {
	now, err := k.now(ctx, p.area)
	if err != nil {
		return production.Explanation{}, err
	}
	if now = min(now, q.at); q.kind == "plan" {
		return k.explainShift(ctx, p, q.name, now)
	}
	return k.explainOrder(ctx, p, q.name, now)
}

// explainOrder takes a value of an order apart; name is that of the order and
// of the value.
func (k *KPIs) explainOrder(ctx context.Context, p *place, name string, now plant.Instant) (production.Explanation, error) {
	o := NewOutlook(k, k.tree)
	orders, err := o.records(ctx, p.line)
	if err != nil {
		return production.Explanation{}, err
	}
	dot := strings.LastIndex(name, ".")
	i := slices.IndexFunc(orders, func(r production.OrderRecord) bool { return dot > 0 && r.Order == name[:dot] })
	if i < 0 {
		var names []string
		for _, r := range orders {
			names = append(names, "orders."+r.Order+".eta")
		}
		return production.Explanation{}, fmt.Errorf("%w: orders.%.100s: want the order and what of it, such as %s", ErrNoExplanation, name,
			strings.Join(names[max(0, len(names)-6):], ", "))
	}
	r := orders[i]
	work, err := o.workOf(p.line)
	if err != nil {
		return production.Explanation{}, err
	}
	end := now
	if r.To != 0 {
		end = min(now, r.To)
	}
	f, err := o.facts(ctx, p.line, plant.Interval{From: r.From, To: max(end, r.From+1)})
	if err != nil {
		return production.Explanation{}, err
	}
	x, err := production.ExplainOrder(production.OrderInput{Config: k.cfg, Line: p.line, Work: work, Order: r, Facts: f, Now: now}, name[dot+1:])
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrNoExplanation, err)
	}
	return x, err
}

// explainShift takes a value of the plan of the shift apart that runs at now.
func (k *KPIs) explainShift(ctx context.Context, p *place, name string, now plant.Instant) (production.Explanation, error) {
	shifts := k.areas[p.area].Shifts(p.calendar, plant.Interval{From: now - 1, To: now})
	if len(shifts) == 0 {
		return production.Explanation{}, fmt.Errorf("%w: plan of %s: no shift runs at %s", ErrNoExplanation, p.path, now)
	}
	o := NewOutlook(k, k.tree)
	work, err := o.workOf(p.line)
	if err != nil {
		return production.Explanation{}, err
	}
	shift := shifts[0]
	f, err := o.facts(ctx, p.line, plant.Interval{From: shift.From, To: max(now, shift.From+1)})
	if err != nil {
		return production.Explanation{}, err
	}
	x, err := production.ExplainShift(production.ShiftInput{Config: k.cfg, Line: p.line, Work: work, Shift: shift, Facts: f, Now: now}, name)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrNoExplanation, err)
	}
	return x, err
}

// records returns the orders of a line, configured and given, each up to
// where the next begins.
func (o *Outlook) records(ctx context.Context, line *plant.Line) ([]production.OrderRecord, error) {
	rows, err := o.k.store.Orders(ctx, line.Path)
	if err != nil {
		return nil, err
	}
	var given []production.OrderRecord
	for _, row := range rows {
		var r production.OrderRecord
		if err := json.Unmarshal(row.Body, &r); err != nil {
			return nil, fmt.Errorf("read order %s: %w", row.ID, err)
		}
		given = append(given, r)
	}
	orders := production.OrdersOf(line, o.k.cfg.Orders, given)
	for i := range len(orders) - 1 {
		if next := orders[i+1].From; orders[i].To == 0 || next < orders[i].To {
			orders[i].To = next
		}
	}
	return orders, nil
}
