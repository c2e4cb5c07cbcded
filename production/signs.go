package production

import (
	"math"
	"time"

	"andon/plant"
)

// Equipment without a state shows by other signs that it runs: by counts that
// come, or by the power it draws.
type signs struct {
	kind signKind

	// Of counts: timeout is the longest time between two counts of a run,
	// pulses are the times of counts, joined within it.
	timeout plant.Instant
	pulses  spans
	counted meter // after the last reading
	// waiting says that the tail of the timeline waits for the next count, and
	// takes the equipment to be running meanwhile.
	waiting bool

	// Of power: power holds the readings above the one threshold (1) and below
	// the other (0); what is between says nothing. drawing is when that
	// changed.
	power   *plant.Tag
	on, off float64
	draws   readings
	drawing []drawChange
}

type signKind uint8

const (
	byState signKind = iota
	byPulse
	byPower
)

// A drawChange is when equipment began or ceased to draw the power of a run.
type drawChange struct {
	t   plant.Instant
	run bool
}

const (
	// Without pulse_timeout, counts of a run are no further apart than this
	// and than so many ideal cycles.
	pulseTime   = 10 * time.Second
	pulseCycles = 3
)

// newSigns decides how the unit shows that it runs. Its counters must be set.
func (u *unit) newSigns(over EquipmentConfig) {
	if u.eq.Tag(plant.RoleState) != nil {
		return
	}
	if tag := u.eq.Tag(plant.RolePower); tag != nil && over.RunningAbove > 0 {
		u.signs = signs{kind: byPower, power: tag, on: over.RunningAbove, off: over.IdleBelow}
		if u.signs.off == 0 {
			u.signs.off = over.RunningAbove
		}
		return
	}
	if u.main() != nil {
		t := over.PulseTimeout
		if t == 0 {
			t = max(pulseTime, pulseCycles*u.countCycle(u.set.plan.slowest(), 0))
		}
		u.signs = signs{kind: byPulse, timeout: plant.Instant(t)}
	}
}

// countCycle returns the time of one count of the main counter when one unit
// takes ideal, at t.
func (u *unit) countCycle(ideal time.Duration, t plant.Instant) time.Duration {
	return ideal * time.Duration(u.mainUnitsAt(t))
}

// cycleAt returns the ideal time of one count at t, bounded by the timeout.
func (u *unit) cycleAt(t plant.Instant) plant.Instant {
	f := frag{from: t, to: endless}
	u.placeInPlan(&f)
	return min(plant.Instant(u.countCycle(u.set.plan.ideal(f.product, t), t)), u.signs.timeout)
}

// shown returns what the signs say at t, and a time up to which that holds if
// no sample changes it. It must not be asked of equipment with a state.
func (u *unit) shown(t plant.Instant) (class, plant.Instant) {
	if u.signs.kind == byPower {
		return u.shownByPower(t)
	}
	return u.shownByPulse(t)
}

// shownByPulse: one cycle before the first count of a run it began, and one
// cycle after the last it is over.
func (u *unit) shownByPulse(t plant.Instant) (class, plant.Instant) {
	s := u.signs.pulses
	i := s.endingFrom(t + 1)
	if i > 0 {
		last := s[i-1].To
		if i == len(s) && u.at-last <= u.signs.timeout {
			return clsRun, endless // the next count may come yet
		}
		if end := last + u.cycleAt(last); t < end {
			if i < len(s) && s[i].From-u.cycleAt(s[i].From) <= end {
				end = s[i].To
			}
			return clsRun, end
		}
	}
	if i == len(s) {
		return clsStopped, endless
	}
	if begin := s[i].From - u.cycleAt(s[i].From); t < begin {
		return clsStopped, begin
	}
	if i == len(s)-1 && u.at-s[i].To <= u.signs.timeout {
		return clsRun, endless
	}
	return clsRun, s[i].To
}

func (u *unit) shownByPower(t plant.Instant) (class, plant.Instant) {
	d := u.signs.drawing
	i := len(d)
	for i > 0 && d[i-1].t > t {
		i--
	}
	until := endless
	if i < len(d) {
		until = d[i].t
	}
	switch {
	case i == 0:
		return clsUnknown, until
	case d[i-1].run:
		return clsRun, until
	}
	return clsStopped, until
}

// sureUntil returns up to when the signs are sure: while the next count may
// come yet, to the last one.
func (u *unit) sureUntil() plant.Instant {
	if u.signs.kind != byPulse || len(u.signs.pulses) == 0 {
		return endless
	}
	if last := u.signs.pulses.last(); u.at-last <= u.signs.timeout {
		return last
	}
	return endless
}

// signWake notes whether the tail waits for a count, and returns until when.
func (u *unit) signWake() plant.Instant {
	u.signs.waiting = u.sureUntil() != endless
	if !u.signs.waiting {
		return endless
	}
	return u.signs.pulses.last() + u.signs.timeout + 1
}

// pulse takes a reading of the main counter that came in order.
func (u *unit) pulse(r reading) {
	inc, ok := u.signs.counted.step(u.main().lim, r)
	if !ok || inc.n == 0 {
		return
	}
	t := r.t
	was := u.signs.pulses.last()
	from, apart := u.signs.pulses.add(t, u.signs.timeout)
	switch {
	case was == 0:
		u.touch(t - u.signs.timeout)
	case apart && u.signs.waiting, !apart && !u.signs.waiting:
		u.touch(min(was, t))
	case apart:
		u.touch(max(from, t-u.signs.timeout))
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
			u.signs.pulses.add(inc.to, u.signs.timeout)
		}
		return true
	})
	u.touch(from - u.signs.timeout)
}

// draw takes a reading of power.
func (a *Area) draw(u *unit, s *plant.Sample) {
	v, ok := s.Value.Float()
	if !ok || math.IsNaN(v) {
		a.stats.NoNumber++
		return
	}
	g := &u.signs
	r := reading{t: s.Time}
	switch {
	case v > g.on:
		r.v = 1
	case v >= g.off:
		return
	}
	n := len(g.draws.tail)
	inOrder := n == 0 || g.draws.tail[n-1].t < r.t
	if !g.draws.insert(r) {
		a.stats.Repeated++
		return
	}
	if !inOrder {
		u.drawAgain(r.t)
		a.mark(u)
		return
	}
	if g.note(r) {
		u.touch(r.t)
		a.mark(u)
	}
	g.draws.seal(limits{})
}

// note appends a reading and reports whether it changed something.
func (g *signs) note(r reading) bool {
	n := len(g.drawing)
	run := r.v == 1
	switch {
	case n > 0 && g.drawing[n-1].run == run:
		return false
	case n > 0 && g.drawing[n-1].t == r.t:
		g.drawing = g.drawing[:n-1] // of two values at one time the later counts
		if n > 1 && g.drawing[n-2].run == run {
			return true
		}
	}
	g.drawing = append(g.drawing, drawChange{r.t, run})
	return true
}

// drawAgain finds the changes anew from t on.
func (u *unit) drawAgain(t plant.Instant) {
	g := &u.signs
	k := g.draws.find(t)
	from := t
	if k < len(g.draws.blocks) {
		from = min(from, g.draws.blocks[k].from)
	} else if len(g.draws.tail) > 0 {
		from = min(from, g.draws.tail[0].t)
	}
	n := len(g.drawing)
	for n > 0 && g.drawing[n-1].t >= from {
		n--
	}
	g.drawing = g.drawing[:n:n]
	for ; k <= len(g.draws.blocks); k++ {
		for _, r := range g.draws.open(k) {
			g.note(r)
		}
	}
	g.draws.valid = len(g.draws.blocks) + 1 // nobody asks for their start states
	u.touch(t)
}

func (g *signs) trim(t plant.Instant) {
	g.pulses.trim(t)
	g.draws.trim(t)
	n := 0
	for n+1 < len(g.drawing) && g.drawing[n+1].t <= t {
		n++
	}
	g.drawing = append([]drawChange(nil), g.drawing[n:]...)
}
