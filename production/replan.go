package production

import (
	"slices"

	"andon/plant"
)

// replan gives the equipment of a line its orders anew, and derives again
// from where they are others.
func (a *Area) replan(line *plant.Line) {
	for _, u := range a.units {
		if u.eq.Line != line {
			continue
		}
		jobs := u.set.plan.withOrders(a.ordersByLine(line.Path))
		if t := jobsDiffer(u.jobs, jobs); t != endless {
			u.jobs = jobs
			u.touchPlan(t)
			a.mark(u)
		}
	}
}

// withOrders returns the configured jobs and those that people gave, which
// take the place of configured ones of the same name. Where one ends before
// the next begins, nothing is ordered.
func (p plan) withOrders(given []OrderRecord) []jobAt {
	var jobs []jobAt
	for _, j := range p.configured {
		if !slices.ContainsFunc(given, func(o OrderRecord) bool { return o.Order == j.order }) {
			jobs = append(jobs, j)
		}
	}
	for _, o := range given {
		j := jobAt{from: o.From, to: o.To, order: o.Order, product: o.Product}
		if j.product == "" {
			j.product = p.product
		}
		jobs = append(jobs, j)
	}
	slices.SortStableFunc(jobs, func(x, y jobAt) int { return int(min(1, max(-1, x.from-y.from))) })
	var out []jobAt
	for i, j := range jobs {
		out = append(out, j)
		if j.to != 0 && (i+1 == len(jobs) || j.to < jobs[i+1].from) {
			out = append(out, jobAt{from: j.to, product: p.product, none: true})
		}
	}
	return out
}

// jobsDiffer returns from when on two lists of jobs say different things.
func jobsDiffer(a, b []jobAt) plant.Instant {
	n := 0
	for n < len(a) && n < len(b) && a[n].same(b[n]) {
		n++
	}
	t := endless
	for _, list := range [][]jobAt{a, b} {
		if n < len(list) {
			t = min(t, list[n].from)
		}
	}
	return t
}

func (j jobAt) same(k jobAt) bool {
	return j.from == k.from && j.order == k.order && j.product == k.product && j.none == k.none
}

// forgetOrders drops orders that were over before t, when another had begun
// by then. One that takes the place of a configured order stays, or that would
// run again, and the last one: that there was one is known by it.
func (a *Area) forgetOrders(t plant.Instant) {
	all := slices.Clone(a.orders)
	a.orders = slices.DeleteFunc(a.orders, func(o OrderRecord) bool {
		followed := slices.ContainsFunc(all, func(next OrderRecord) bool {
			return next.Line == o.Line && next.From > o.From && next.From < t
		})
		planned := slices.ContainsFunc(a.planned, func(p Order) bool { return p.Order == o.Order })
		return followed && !planned
	})
}

func (w *writer) orders(list []OrderRecord) {
	w.len(len(list))
	for _, o := range list {
		w.text(o.ID)
		w.text(o.Line)
		w.text(o.Order)
		w.text(o.Product)
		w.int(o.Quantity)
		w.time(o.From)
		w.time(o.To)
		w.time(o.Due)
		w.int(o.DoneBefore)
		w.text(o.User)
		w.text(o.Comment)
		w.text(o.Command)
		w.time(o.Time)
	}
}

func (r *reader) orders() []OrderRecord {
	var list []OrderRecord
	for range r.len() {
		list = append(list, OrderRecord{ID: r.text(), Line: r.text(), Order: r.text(), Product: r.text(), Quantity: r.int(),
			From: r.time(), To: r.time(), Due: r.time(), DoneBefore: r.int(), User: r.text(), Comment: r.text(),
			Command: r.text(), Time: r.time()})
	}
	return list
}
