package rules

import (
	"math"

	"andon/plant"
)

// sampleValue takes a sample of the instance's tag.
func (s *Set) sampleValue(i *instance, now plant.Instant, smp *plant.Sample) {
	if i.take(now, smp) {
		s.threshold(i, now, smp.Time)
	}
}

// take keeps what a sample says. It is false when it says nothing of the
// present.
func (i *instance) take(now plant.Instant, smp *plant.Sample) bool {
	// A late sample says nothing of the present. One from a clock that was
	// ahead must not make all later ones look late.
	if smp.Time < i.valueTime && i.valueTime <= now {
		return false
	}
	i.valueTime = smp.Time
	v, ok := smp.Value.Float()
	if !ok || !smp.Status.IsGood() || smp.Value.Kind() == plant.KindNone || math.IsNaN(v) || math.IsInf(v, 0) {
		i.quality = bad
	} else {
		i.quality, i.value = good, smp.Value
	}
	return true
}

// threshold looks at what the instance last saw, as if it came now. at is the
// event time of the cause.
func (s *Set) threshold(i *instance, now, at plant.Instant) {
	switch {
	case i.gate == shut:
		s.stepAll(i, input{clear: true, at: at, from: now})
	case i.gate == held || i.quality == bad && i.rule.holdsBad():
		s.freeze(i, now)
	case i.quality == good:
		s.compare(i, input{at: at, from: now})
	case i.quality == bad && i.rule.Quality == QualityNormal:
		s.stepAll(i, input{clear: true, at: at, from: now})
	case i.quality == bad:
		s.thaw(i, now)
		s.step(i, i.first, input{raise: true, at: at, from: now})
		for id := i.first + 1; id < i.first+i.n; id++ {
			s.step(i, id, input{at: at, from: now})
		}
	}
}

func (r *rule) holdsBad() bool { return r.Quality == "" || r.Quality == QualityHold }

func (s *Set) compare(i *instance, in input) {
	s.thaw(i, in.from)
	v, _ := i.value.Float()
	for k := range i.rule.levels {
		l := &i.rule.levels[k]
		in.raise, in.clear = l.raise.holds(v), l.clear.holds(v)
		s.step(i, i.first+int32(k), in)
	}
}

func (s *Set) stepAll(i *instance, in input) {
	s.thaw(i, in.from)
	for id := i.first; id < i.first+i.n; id++ {
		s.step(i, id, in)
	}
}

// seeGate opens and shuts the gate of a rule that asks for states.
func (s *Set) seeGate(now plant.Instant, i *instance, c *plant.StateChange) {
	timer := s.settleTimer(i)
	switch {
	case i.rule.when.has(c.State):
		s.openGate(now, i, c.Since)
		return
	case c.State == plant.StateUnknown:
		i.gate = held
	default:
		i.gate = shut
	}
	s.timers.stop(timer)
	s.threshold(i, now, c.Since)
}

// openGate opens the gate once the equipment has been in the states since the
// settle time. A change from one of the states to another does not begin the
// time anew, a beginning that was revised to earlier shortens it.
func (s *Set) openGate(now plant.Instant, i *instance, since plant.Instant) {
	if i.gate == open {
		return
	}
	timer := s.settleTimer(i)
	due := since.Add(i.rule.When.Settle)
	if i.gate == held && s.timers.running(timer) && s.timers.due[timer] <= due {
		return
	}
	if due <= now {
		s.timers.stop(timer)
		s.settled(now, i, due)
		return
	}
	i.gate = held
	s.timers.set(timer, due)
	s.threshold(i, now, since)
}

// settled opens the gate. at is the event time at which it was due.
func (s *Set) settled(now plant.Instant, i *instance, at plant.Instant) {
	i.gate = open
	s.threshold(i, now, max(i.valueTime, at))
}
