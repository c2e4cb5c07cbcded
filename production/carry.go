package production

import (
	"time"

	"andon/plant"
)

// A carry sees to it that nothing is lost or booked twice where minutes are
// frozen: what those hold stays, and what the readings show beyond it goes to
// later minutes.
type carry struct {
	since  plant.Instant // a reading that no late one can come before
	booked int64         // what frozen minutes hold of what was counted after since
	owed   int64         // what minutes hold that no increment so far showed
	even   plant.Instant // nothing is owed by increments that end after it
}

// take returns how much of the n of an increment is still to be booked.
func (c *carry) take(inc increment, n int64, frozen plant.Instant) int64 {
	k := min(n, c.owed)
	if n == 0 {
		k = 0
	}
	c.owed -= k
	if c.owed == 0 && inc.to > frozen {
		c.even = min(c.even, inc.to)
	}
	return n - k
}

// reopen sets what is owed where counting begins again with the minute first.
// Increments that end after first are to be booked, and those that begin at
// or after the time that it returns.
func (c *carry) reopen(first, frozen plant.Instant, of *counter, value func(increment) int64) plant.Instant {
	if frozen == 0 || first > c.even {
		c.owed = 0
		return endless
	}
	c.owed, c.even = c.booked, endless
	if first <= frozen {
		return c.since
	}
	of.walk(of.lim, c.since, func(inc increment) bool {
		if inc.to > first {
			return false
		}
		if inc.from >= c.since {
			c.take(inc, value(inc), frozen)
		}
		return c.even == endless
	})
	return endless
}

// begin returns where counting begins again instead of with the minute first:
// with the end of frozen minutes when an increment goes on over both. What is
// left of it is divided anew, and no part of it may stay from before.
func begin(first, frozen plant.Instant, of *counter) plant.Instant {
	if first <= frozen || of.tag == nil {
		return first
	}
	of.walk(of.lim, first, func(inc increment) bool {
		if inc.from < frozen && inc.to > first {
			first = frozen
		}
		return inc.to <= first
	})
	return first
}

// freeze notes that minutes with held more are frozen, and that nothing of
// before cutoff comes any more.
func (c *carry) freeze(cutoff plant.Instant, held int64, of *counter, value func(increment) int64) {
	c.booked, c.even = c.booked+held, endless
	of.walk(of.lim, c.since, func(inc increment) bool {
		if inc.to < cutoff && inc.from >= c.since {
			c.booked, c.since = c.booked-value(inc), inc.to
		}
		return inc.to < cutoff
	})
}

// freeze has counts and energy of the minutes that begin before cutoff stay
// as they are.
func (u *unit) freeze(cutoff plant.Instant) {
	t := (cutoff + minute - 1).Truncate(time.Minute)
	if t <= u.frozen {
		return
	}
	var held [counters]int64
	for _, b := range u.buckets[u.bucketIndex(u.frozen):u.bucketIndex(t)] {
		for i, n := range b.n {
			held[i] += n
		}
	}
	for i := range u.counters {
		u.carry[i].freeze(cutoff, held[i], &u.counters[i], func(inc increment) int64 { return u.valueOf(i, inc) })
	}
	e := &u.energy
	var used int64
	for _, m := range e.minutes[e.index(u.frozen):e.index(t)] {
		used += m.run + m.idle
	}
	e.carry.freeze(cutoff, used, &e.counter, energyOf)
	u.frozen = t
}

// valueOf returns the units of an increment of counter i.
func (u *unit) valueOf(i int, inc increment) int64 {
	product := ""
	if len(u.set.moulds) > 0 {
		product = u.runningIn(inc)
	}
	return inc.n * u.unitsAt(i, inc.to, product)
}

// energyOf returns the milliwatt-hours of an increment.
func energyOf(inc increment) int64 { return inc.n }

// after returns the part of an increment's time that is not frozen, never
// nothing.
func (u *unit) after(inc increment) plant.Interval {
	v := plant.Interval{From: inc.from, To: inc.to}
	if v.From < u.frozen {
		v.From, v.To = u.frozen, max(v.To, u.frozen+1)
	}
	return v
}
