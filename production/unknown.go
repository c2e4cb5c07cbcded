package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A gap is a stretch without data; up to runTo the counter shows run. What
// happened up to until decided that.
type gap struct {
	plant.Interval
	runTo, until plant.Instant
}

// newGap finds what was made in v, a stretch without data, and remembers it,
// so that what comes later and tells more of it can touch it.
func (u *unit) newGap(v plant.Interval, product string) gap {
	g := gap{Interval: v, runTo: v.From, until: v.To}
	u.inferRun(&g, product)
	n := len(u.gaps)
	for n > 0 && u.gaps[n-1].From >= g.From {
		n--
	}
	u.gaps = append(u.gaps[:n], g)
	return g
}

// decides returns t, or the start of the first stretch without data in which
// the run depends on what happened at t or after.
func (u *unit) decides(t plant.Instant) plant.Instant {
	for i := len(u.gaps) - 1; i >= 0; i-- {
		if g := u.gaps[i]; g.From < t && g.until >= t {
			t = g.From
		}
	}
	return t
}

// independent reports whether no stretch without data before t depends on
// what happens after t.
func (u *unit) independent(t plant.Instant) bool {
	return !slices.ContainsFunc(u.gaps, func(g gap) bool { return g.From < t && g.until > t })
}

// touchGaps touches the stretches without data that end after t.
func (u *unit) touchGaps(t plant.Instant) {
	for i := len(u.gaps) - 1; i >= 0 && u.gaps[i].To > t; i-- {
		u.touch(u.gaps[i].From)
	}
}

// inferRun sets how long the equipment must have run in g to make what its
// counter shows afterwards: the ideal time for the units less the run that is
// known around g.
func (u *unit) inferRun(g *gap, product string) {
	ideal := u.set.plan.ideal(product, g.From)
	c := u.main()
	if ideal == 0 || c == nil {
		return
	}
	v := g.Interval
	var n int64
	around := v
	c.walk(c.lim, v.From, func(inc increment) bool {
		if inc.from < v.To && inc.to > v.From && inc.n > 0 {
			n += inc.n * u.mainUnitsAt(inc.to, product)
			around.From, around.To = min(around.From, inc.from), max(around.To, inc.to)
		}
		return inc.from < v.To
	})
	if n == 0 {
		return
	}
	g.until = around.To
	run := time.Duration(min(float64(n)*float64(ideal), float64(v.Duration()+around.Duration())))
	run -= u.ranIn(plant.Interval{From: around.From, To: v.From})
	run -= u.runTime(plant.Interval{From: v.To, To: around.To})
	g.runTo = g.From.Add(min(max(run, 0), v.Duration()))
}

// ranIn returns how long the equipment ran in v, as known or as its counter
// shows. Before the base, v may begin only where the last increment did.
func (u *unit) ranIn(v plant.Interval) time.Duration {
	var sum time.Duration
	if base := u.checks[0].pos; v.From < base {
		sum, v.From = u.ran, base
	}
	sum += u.runTime(v)
	for _, g := range u.gaps {
		sum += plant.Interval{From: g.From, To: g.runTo}.Clip(v).Duration()
	}
	return sum
}

// runTime returns how long the equipment is known to have run in v.
func (u *unit) runTime(v plant.Interval) time.Duration {
	var sum time.Duration
	for t := max(v.From, u.begin); t < v.To; {
		f := u.fragAt(t, v.To)
		if f.cls == clsRun {
			sum += f.to.Sub(f.from)
		}
		t = f.to
	}
	return sum
}
