package production

import (
	"cmp"
	"math"
	"slices"
	"time"

	"andon/plant"
)

// A debt is time that units take: left at the ideal cycle.
type debt struct{ left, cycle time.Duration }

// at returns what is left at another ideal cycle, which holds from now on; 0
// stands for an unknown one, at which it stays as it is.
func (d *debt) at(cycle time.Duration) time.Duration {
	switch {
	case cycle == 0 || cycle == d.cycle:
	case d.cycle == 0:
		d.cycle = cycle
	default:
		d.left, d.cycle = bounded(math.Round(float64(d.left)*float64(cycle)/float64(d.cycle))), cycle
	}
	return d.left
}

// pay takes off what was made in run at an ideal cycle.
func (d *debt) pay(run, cycle time.Duration) {
	d.at(cycle)
	d.left -= run
}

// bounded keeps a time within what sums can hold.
func bounded(ns float64) time.Duration { return time.Duration(max(-1<<61, min(ns, 1<<61))) }

// A stretch is a part of a gap in which one ideal cycle holds. Run is looked
// for in those of low rank first: where it was planned.
type stretch struct {
	plant.Interval
	rank  int
	cycle time.Duration
}

// inferRun sets when the equipment must have run in g to make what its counter
// shows afterwards: the ideal time for the units less the run that is known
// around g. It runs from the start on, in working time and only then in breaks
// and outside the calendar.
func (u *unit) inferRun(g *gap) {
	if u.main() == nil {
		return
	}
	parts := u.stretches(g.Interval)
	slices.SortStableFunc(parts, func(a, b stretch) int { return cmp.Compare(a.rank, b.rank) })
	known := slices.IndexFunc(parts, func(p stretch) bool { return p.cycle > 0 })
	if known < 0 {
		return
	}
	n, around := u.madeAround(g.Interval)
	if n == 0 {
		return
	}
	g.until = around.To
	d := debt{bounded(float64(n) * float64(parts[known].cycle)), parts[known].cycle}
	u.payKnown(&d, plant.Interval{From: around.From, To: g.From})
	u.payRun(&d, plant.Interval{From: g.To, To: around.To})
	for _, p := range parts {
		if run := min(d.at(p.cycle), p.Duration()); p.cycle > 0 && run > 0 {
			g.runs = append(g.runs, plant.Interval{From: p.From, To: p.From.Add(run)})
			d.pay(run, p.cycle)
		}
	}
	g.runs = joined(g.runs)
}

// joined sorts intervals that do not overlap and joins those that touch.
func joined(list []plant.Interval) []plant.Interval {
	slices.SortFunc(list, func(a, b plant.Interval) int { return cmp.Compare(a.From, b.From) })
	var out []plant.Interval
	for _, v := range list {
		if n := len(out); n > 0 && out[n-1].To == v.From {
			out[n-1].To = v.To
		} else {
			out = append(out, v)
		}
	}
	return out
}

// stretches cuts v where the calendar, the order, the product or the ideal
// cycle change.
func (u *unit) stretches(v plant.Interval) []stretch {
	var out []stretch
	for t := v.From; t < v.To; {
		f := u.fragAt(t, v.To)
		cycle, until := u.set.plan.cycleFrom(f.product, t)
		to := min(f.to, until)
		rank := 2 * int(f.sched)
		if f.noOrder {
			rank++
		}
		out = append(out, stretch{plant.Interval{From: t, To: to}, rank, cycle})
		t = to
	}
	return out
}

// madeAround returns how many units were made in what the counter shows of v,
// and how far that goes beyond v.
func (u *unit) madeAround(v plant.Interval) (n int64, around plant.Interval) {
	c := u.main()
	around = v
	c.walk(c.lim, v.From, func(inc increment) bool {
		if inc.from < v.To && inc.to > v.From && inc.n > 0 {
			f := frag{from: max(inc.from, inc.to-1), to: endless}
			u.placeInPlan(&f)
			n += inc.n * u.mainUnitsAt(inc.to, f.product)
			around.From, around.To = min(around.From, inc.from), max(around.To, inc.to)
		}
		return inc.from < v.To
	})
	return n, around
}

// payKnown pays for the run in v, known or as the counter showed. Before the
// base, v may begin only where the last increment did.
func (u *unit) payKnown(d *debt, v plant.Interval) {
	if base := u.checks[0].pos; v.From < base {
		d.pay(u.ran, u.cycleAt(base))
		v.From = base
	}
	u.payRun(d, v)
	for i := len(u.gaps) - 1; i >= 0 && u.gaps[i].To > v.From; i-- {
		for _, run := range u.gaps[i].runs {
			for _, p := range u.stretches(run.Clip(v)) {
				d.pay(p.Duration(), p.cycle)
			}
		}
	}
}

// payRun pays for the run that is known in v.
func (u *unit) payRun(d *debt, v plant.Interval) {
	for t := max(v.From, u.begin); t < v.To; {
		f := u.fragAt(t, v.To)
		cycle, until := u.set.plan.cycleFrom(f.product, t)
		to := min(f.to, until)
		if f.cls == clsRun {
			d.pay(to.Sub(t), cycle)
		}
		t = to
	}
}

// cycleAt returns the ideal cycle at t, 0 when it is not known.
func (u *unit) cycleAt(t plant.Instant) time.Duration {
	f := frag{from: t, to: endless}
	u.placeInPlan(&f)
	cycle, _ := u.set.plan.cycleFrom(f.product, t)
	return cycle
}

// ranIn returns how long the equipment ran in v, known or as its counter
// showed, as time at the ideal cycle of the end of v.
func (u *unit) ranIn(v plant.Interval) time.Duration {
	d := debt{cycle: u.cycleAt(v.To)}
	u.payKnown(&d, v)
	return -d.at(u.cycleAt(v.To))
}
