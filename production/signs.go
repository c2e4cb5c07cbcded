package production

import (
	"math"

	"andon/plant"
)

// Equipment without a state shows by other signs that it runs: by counts that
// come, or by the power it draws.
type signs struct {
	kind signKind

	// Of counts: timeout is the longest time between two counts of a run, 0
	// where the product decides. Pulses are the times of counts, joined within
	// join, the shortest that it may be.
	timeout, join plant.Instant
	pulses        spans
	counted       meter // after the last reading
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

// by returns what shows that the unit runs.
func (g *signs) by() signKind {
	if g == nil {
		return byState
	}
	return g.kind
}

// A drawChange is when equipment began or ceased to draw the power of a run.
type drawChange struct {
	t   plant.Instant
	run bool
}

// newSigns decides how the unit shows that it runs. Its counters must be set.
func (u *unit) newSigns(over EquipmentConfig) {
	if u.eq.Tag(plant.RoleState) != nil {
		return
	}
	if tag := u.eq.Tag(plant.RolePower); tag != nil && over.RunningAbove > 0 {
		u.signs = &signs{kind: byPower, power: tag, on: over.RunningAbove, off: over.IdleBelow}
		if u.signs.off == 0 {
			u.signs.off = over.RunningAbove
		}
		return
	}
	if u.main() != nil {
		u.signs = &signs{kind: byPulse, timeout: plant.Instant(over.PulseTimeout), join: plant.Instant(over.PulseTimeout)}
		if u.signs.timeout == 0 {
			u.signs.join = pulseTimeout(u.set.plan.fastest())
		}
	}
}

// shown returns what the signs say at t, and a time up to which that holds if
// no sample changes it. It must not be asked of equipment with a state.
func (u *unit) shown(t plant.Instant) (class, plant.Instant) {
	if u.signs.by() == byPower {
		return u.shownByPower(t)
	}
	return u.shownByPulse(t)
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

// draw takes a reading of power.
func (a *Area) draw(u *unit, s *plant.Sample) {
	v, ok := s.Value.Float()
	if !ok || math.IsNaN(v) {
		a.stats.NoNumber++
		return
	}
	g := u.signs
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
	g := u.signs
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
	if g == nil {
		return
	}
	g.pulses.trim(t)
	g.draws.trim(t)
	n := 0
	for n+1 < len(g.drawing) && g.drawing[n+1].t <= t {
		n++
	}
	g.drawing = append([]drawChange(nil), g.drawing[n:]...)
}
