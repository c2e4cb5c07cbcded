package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A jobAt is a configured order that begins at from.
type jobAt struct {
	from           plant.Instant
	order, product string
}

// An idealAt is an ideal cycle time that holds from a time on.
type idealAt struct {
	product string
	from    plant.Instant
	cycle   time.Duration
}

// A plan says what equipment is to make, and how fast.
type plan struct {
	jobs    []jobAt // sorted by from
	product string  // when nothing else says it
	ideals  []idealAt
}

func newPlan(c Config, eq *plant.Equipment, product string) plan {
	p := plan{product: product}
	for _, o := range c.Orders {
		if plant.Match(o.Line, eq.Line.Path) || plant.Match(o.Line, eq.Path) {
			p.jobs = append(p.jobs, jobAt{plant.At(o.From), o.Order, o.Product})
		}
	}
	slices.SortStableFunc(p.jobs, func(a, b jobAt) int { return int(min(1, max(-1, a.from-b.from))) })
	for _, q := range c.Products {
		for _, ic := range q.Ideal {
			if ic.Equipment == "" || plant.Match(ic.Equipment, eq.Path) {
				p.ideals = append(p.ideals, idealAt{q.Name, plant.At(ic.ValidFrom), ic.Cycle})
			}
		}
	}
	return p
}

// job returns the configured order at t and when the next one begins.
func (p plan) job(t plant.Instant) (now jobAt, next plant.Instant) {
	now.product = p.product
	for _, j := range p.jobs {
		if j.from > t {
			return now, j.from
		}
		now = j
	}
	return now, endless
}

// productOf returns the product of a configured order, "" when there is none.
func (p plan) productOf(order string) string {
	for _, j := range p.jobs {
		if j.order == order {
			return j.product
		}
	}
	return ""
}

// ideal returns the ideal time for one unit of product at t, 0 when the
// product table has none. Of several the one that began last holds, and of
// those the first declared.
func (p plan) ideal(product string, t plant.Instant) time.Duration {
	var best idealAt
	for _, i := range p.ideals {
		if i.product == product && i.from <= t && (best.cycle == 0 || i.from > best.from) {
			best = i
		}
	}
	return best.cycle
}

// fastest returns the shortest ideal time of any product, 0 for none.
func (p plan) fastest() time.Duration {
	var best time.Duration
	for _, i := range p.ideals {
		if best == 0 || i.cycle < best {
			best = i.cycle
		}
	}
	return best
}
