package rules

import "andon/plant"

// stateRule takes a state of the instance's equipment. Its times count from
// the beginning of the state in event time, which may be revised.
func (s *Set) stateRule(i *instance, c *plant.StateChange) {
	in := input{at: c.Since, from: c.Since}
	switch {
	case i.rule.states.has(c.State) && (i.rule.Reason == "" || plant.Match(i.rule.Reason, c.Reason)):
		in.raise = true
	case c.State == plant.StateUnknown:
		s.freeze(i, c.Since)
		return
	default:
		in.clear = true
	}
	s.thaw(i, c.Since)
	l := &s.latches[i.first]
	if in.raise && l.phase == onDelay && c.Since < l.began {
		s.timers.stop(i.first)
		l.phase = idle // it began earlier than was thought
	}
	s.step(i, i.first, in)
}
