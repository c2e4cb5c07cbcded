package production

import (
	"time"

	"andon/plant"
)

const (
	// Without pulse_timeout, counts of a run are no further apart than this
	// or than so many ideal cycles.
	pulseTime   = 5 * time.Second
	pulseCycles = 1.7
)

// countCycle returns the time of one count of the main counter when one unit
// takes ideal, at t.
func (u *unit) countCycle(ideal time.Duration, t plant.Instant) time.Duration {
	f := frag{from: t, to: endless}
	if len(u.set.moulds) > 0 {
		u.placeInPlan(&f)
	}
	return ideal * time.Duration(u.mainUnitsAt(t, f.product))
}

// pulseTimeout is how long equipment runs on without a count that takes cycle.
func pulseTimeout(cycle time.Duration) plant.Instant {
	return plant.Instant(max(pulseTime, time.Duration(pulseCycles*float64(cycle))))
}

// pulseAt returns the ideal time of one count at t, and for how long after it
// the next one may come in the same run. Of a product without an ideal cycle
// it may be the slowest one.
func (u *unit) pulseAt(t plant.Instant) (cycle, timeout plant.Instant) {
	f := frag{from: t, to: endless}
	u.placeInPlan(&f)
	ideal := u.set.plan.ideal(f.product, t)
	if timeout = u.signs.timeout; timeout == 0 {
		known := ideal
		if known == 0 {
			known = u.set.plan.slowest()
		}
		timeout = pulseTimeout(u.countCycle(known, t))
	}
	return min(plant.Instant(u.countCycle(ideal, t)), timeout), timeout
}

// runsOn reports whether the equipment ran on after the count at t until one
// at next.
func (u *unit) runsOn(t, next plant.Instant) bool {
	cycle, timeout := u.pulseAt(t)
	before, _ := u.pulseAt(next)
	return next-t <= max(timeout, cycle+before)
}

// touchPlan notes that from t on something else is made, or other units a
// count. What is shown by the first count after t began before it.
func (u *unit) touchPlan(t plant.Instant) {
	if u.signs.by() != byPulse {
		u.touch(t)
		return
	}
	slowest := u.set.plan.slowest()
	reach := max(u.countCycle(slowest, t-1), u.countCycle(slowest, t))
	u.touch(t - max(u.signs.timeout, pulseTimeout(reach)))
}

// shownByPulse: one cycle before the first count of a run it began, and one
// cycle after the last it is over.
func (u *unit) shownByPulse(t plant.Instant) (class, plant.Instant) {
	s := u.signs.pulses
	i := s.endingFrom(t + 1)
	if i > 0 {
		last := s[i-1].To
		cycle, timeout := u.pulseAt(last)
		switch {
		case i == len(s) && u.at-last <= timeout:
			return clsRun, endless // the next count may come yet
		case i < len(s) && u.runsOn(last, s[i].From):
			return clsRun, s[i].To
		case t < last+cycle:
			return clsRun, last + cycle
		}
	}
	if i == len(s) {
		return clsStopped, endless
	}
	cycle, _ := u.pulseAt(s[i].From)
	if begin := s[i].From - cycle; t < begin {
		return clsStopped, begin
	}
	if i == len(s)-1 && u.mayCount() {
		return clsRun, endless
	}
	return clsRun, s[i].To
}

// mayCount reports whether the next count of a run may come yet. There must be
// one already.
func (u *unit) mayCount() bool {
	last := u.signs.pulses.last()
	_, timeout := u.pulseAt(last)
	return u.at-last <= timeout
}

// sureUntil returns up to when the signs are sure: while the next count may
// come yet, to the last one.
func (u *unit) sureUntil() plant.Instant {
	if u.signs.by() != byPulse || len(u.signs.pulses) == 0 {
		return endless
	}
	if u.mayCount() {
		return u.signs.pulses.last()
	}
	return endless
}

// signWake notes whether the tail waits for a count, and returns until when.
func (u *unit) signWake() plant.Instant {
	if u.signs == nil {
		return endless
	}
	u.signs.waiting = u.sureUntil() != endless
	if !u.signs.waiting {
		return endless
	}
	last := u.signs.pulses.last()
	_, timeout := u.pulseAt(last)
	return last + timeout + 1
}

// pulse takes a reading of the main counter that came in order.
func (u *unit) pulse(r reading) {
	inc, ok := u.signs.counted.step(u.main().lim, r)
	if !ok || inc.n == 0 {
		return
	}
	t := r.t
	was := u.signs.pulses.last()
	u.signs.pulses.add(t, u.signs.join)
	_, timeout := u.pulseAt(t)
	if was == 0 {
		u.touch(t - timeout)
		return
	}
	switch on := u.runsOn(was, t); {
	case on != u.signs.waiting:
		u.touch(min(was, t))
	case !on:
		u.touch(max(was, t-timeout))
	}
}

// pulseAgain finds the counts anew after a reading came late that changed
// increments from from on.
func (u *unit) pulseAgain(from plant.Instant) {
	s := u.signs.pulses
	n := s.endingFrom(from)
	u.signs.pulses = s[:n:n]
	begin := plant.Instant(0)
	if n > 0 {
		begin = s[n-1].To + 1
	}
	c := u.main()
	u.signs.counted = c.walk(c.lim, begin, func(inc increment) bool {
		if inc.n > 0 && inc.to >= begin {
			u.signs.pulses.add(inc.to, u.signs.join)
		}
		return true
	})
	u.touchPlan(from)
}
