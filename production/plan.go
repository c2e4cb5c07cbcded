package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A jobAt is an order that begins at from, or the time after one that ended
// before the next.
type jobAt struct {
	from, to       plant.Instant // to is 0 for until the next one
	order, product string
	none           bool // there is no order
}

// An idealAt is an ideal cycle time that holds from a time on.
type idealAt struct {
	product string
	from    plant.Instant
	cycle   time.Duration
}

// A plan says what equipment is to make, and how fast.
type plan struct {
	// configured are the jobs that the configuration has.
	configured []jobAt
	product    string // when nothing else says it
	ideals     []idealAt
	// microCycles is the threshold of micro-stops of products that have one.
	microCycles map[string]float64
}

func newPlan(c Config, eq *plant.Equipment, product string) plan {
	p := plan{product: product, microCycles: map[string]float64{}}
	for _, o := range c.Orders {
		if plant.Match(o.Line, eq.Line.Path) || plant.Match(o.Line, eq.Path) {
			p.configured = append(p.configured, jobAt{from: plant.At(o.From), to: plant.At(o.Until), order: o.Order, product: o.Product})
		}
	}
	for _, q := range c.Products {
		if q.MicroStopCycles > 0 {
			p.microCycles[q.Name] = q.MicroStopCycles
		}
		for _, ic := range q.Ideal {
			if ic.Equipment == "" || plant.Match(ic.Equipment, eq.Path) {
				p.ideals = append(p.ideals, idealAt{q.Name, plant.At(ic.ValidFrom), ic.Cycle})
			}
		}
	}
	return p
}

// job returns the order at t and when the next one begins. Before the first
// one it is not known whether there is any.
func (u *unit) job(t plant.Instant) (now jobAt, next plant.Instant) {
	now.product = u.set.plan.product
	i, _ := slices.BinarySearchFunc(u.jobs, t, func(j jobAt, t plant.Instant) int {
		if j.from <= t {
			return -1
		}
		return 1
	})
	next = endless
	if i < len(u.jobs) {
		next = u.jobs[i].from
	}
	if i > 0 {
		now = u.jobs[i-1]
	}
	return now, next
}

// productOf returns the product of an order, "" when nobody gave it.
func (u *unit) productOf(order string) string {
	for _, j := range slices.Backward(u.jobs) {
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

// cycleFrom returns the ideal time that what is made in the minute of t has, 0
// for none, and until when it holds.
func (p plan) cycleFrom(product string, t plant.Instant) (cycle time.Duration, until plant.Instant) {
	until = endless
	for _, i := range p.ideals {
		if first := (i.from + minute - 1).Truncate(time.Minute); i.product == product && first > t {
			until = min(until, first)
		}
	}
	return p.ideal(product, t.Truncate(time.Minute)), until
}

// slowest returns the longest ideal time of any product, 0 for none.
func (p plan) slowest() time.Duration {
	var worst time.Duration
	for _, i := range p.ideals {
		worst = max(worst, i.cycle)
	}
	return worst
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
