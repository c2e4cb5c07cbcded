package production

import (
	"time"

	"andon/plant"
)

// A gap is a stretch without data; up to runTo the counter shows run.
type gap struct {
	plant.Interval
	runTo plant.Instant
}

// noteUnknown remembers a stretch without data, so that readings which come
// later and tell what was made in it can touch it.
func (u *unit) noteUnknown(v plant.Interval, runTo plant.Instant) {
	n := len(u.gaps)
	for n > 0 && u.gaps[n-1].From >= v.From {
		n--
	}
	u.gaps = append(u.gaps[:n], gap{v, runTo})
}

// touchGaps touches the stretches without data that end after t.
func (u *unit) touchGaps(t plant.Instant) {
	for i := len(u.gaps) - 1; i >= 0 && u.gaps[i].To > t; i-- {
		u.touch(u.gaps[i].From)
	}
}

// inferredRun returns how long the equipment must have run in v, a stretch
// without data, to make what its counter shows afterwards: the ideal time for
// the units less the run that is known around v.
func (u *unit) inferredRun(v plant.Interval, product string) plant.Instant {
	ideal := u.set.plan.ideal(product, v.From)
	c := u.main()
	if ideal == 0 || c == nil {
		return 0
	}
	var n int64
	around := v
	c.walk(c.lim, v.From, func(inc increment) bool {
		if inc.from < v.To && inc.to > v.From && inc.n > 0 {
			n += inc.n * c.units
			around.From, around.To = min(around.From, inc.from), max(around.To, inc.to)
		}
		return inc.from < v.To
	})
	if n == 0 {
		return 0
	}
	if float64(n)*float64(ideal) >= float64(v.Duration()+around.Duration()) {
		return plant.Instant(v.Duration())
	}
	run := time.Duration(n) * ideal
	run -= u.runTime(plant.Interval{From: around.From, To: v.From})
	run -= u.runTime(plant.Interval{From: v.To, To: around.To})
	for _, g := range u.gaps {
		if g.From < v.From {
			run -= plant.Interval{From: g.From, To: g.runTo}.Clip(around).Duration()
		}
	}
	return plant.Instant(min(max(run, 0), v.Duration()))
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
