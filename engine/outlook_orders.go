package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"andon/plant"
	"andon/production"
)

// An OrderView is an order with how far it is.
type OrderView struct {
	production.OrderRecord
	// Attainment is nil of an order that has not begun, or long ago: then its
	// records are not read for a list.
	Attainment *production.Attainment
}

// What a list of orders costs is bounded by how many of a line, and how long
// ago, are worked out.
const (
	maxAttained  = 10
	longestOrder = 31 * 24 * time.Hour
)

// Orders returns the orders of all lines at and below a path, by line and
// start, each up to where the next begins.
func (o *Outlook) Orders(ctx context.Context, path string) ([]OrderView, error) {
	if err := o.take(ctx); err != nil {
		return nil, err
	}
	defer o.give()
	var all []OrderView
	for _, area := range o.tree.Areas {
		for _, line := range area.Lines {
			if !isBelow(line.Path, path) {
				continue
			}
			views, err := o.ordersOf(ctx, line)
			if err != nil {
				return nil, err
			}
			all = append(all, views...)
		}
	}
	return all, nil
}

func (o *Outlook) ordersOf(ctx context.Context, line *plant.Line) ([]OrderView, error) {
	orders, err := o.records(ctx, line)
	if err != nil {
		return nil, err
	}
	now, err := o.k.now(ctx, line.Area)
	if err != nil {
		return nil, err
	}
	views := make([]OrderView, len(orders))
	begun := 0
	for i := len(orders) - 1; i >= 0; i-- {
		r := orders[i]
		views[i].OrderRecord = r
		if r.From > now || begun >= maxAttained || r.From < now.Add(-longestOrder) {
			continue
		}
		begun++
		if views[i].Attainment, err = o.attainment(ctx, line, r, now); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// attainment returns how far an order is; nil when the line has no figures.
func (o *Outlook) attainment(ctx context.Context, line *plant.Line, r production.OrderRecord, now plant.Instant) (*production.Attainment, error) {
	if len(o.lines(line.Path)) == 0 {
		return nil, nil
	}
	age := keepAnswer
	if r.To != 0 && r.To < now.Add(-o.k.cfg.Horizon) {
		age = keepPast
	}
	question, err := json.Marshal(r) // whatever is changed about an order is another question
	if err != nil {
		return nil, fmt.Errorf("encode order %s: %w", r.Order, err)
	}
	clock := o.clock()
	return o.attained.get(clock, clock.Add(age), string(question), func() (*production.Attainment, error) {
		work, err := o.workOf(line)
		if err != nil {
			return nil, err
		}
		end := now
		if r.To != 0 {
			end = min(now, r.To)
		}
		f, err := o.facts(ctx, line, plant.Interval{From: r.From, To: max(end, r.From+1)})
		if err != nil {
			return nil, err
		}
		a := production.Attain(production.OrderInput{Config: o.k.cfg, Line: line, Work: work, Order: r, Facts: f, Now: now})
		return &a, nil
	})
}
