package rules

import (
	"time"

	"andon/plant"
)

// A phase is where one level of one instance stands between its limits and
// delays.
type phase uint8

const (
	idle     phase = iota
	onDelay        // raise holds, not yet for the on-delay
	active         // the condition holds
	offDelay       // clear holds, not yet for the off-delay; the condition still holds
)

// A latch is one level of one instance: raised by one limit, cleared by
// another, each after its delay. Its timer has the latch's index as id.
type latch struct {
	phase phase
	began plant.Instant // event time at which raise began to hold
	mark  plant.Instant // event time at which the running delay ends
	due   plant.Instant // the same in stream time
}

// An input is what a latch sees.
type input struct {
	raise, clear bool
	at           plant.Instant // event time
	from         plant.Instant // from which delays count: stream time, or event time for states
}

// step moves one latch of i by what it sees.
func (s *Set) step(i *instance, id int32, in input) {
	l := &s.latches[id]
	switch l.phase {
	case idle:
		if in.raise {
			l.began = in.at
			s.delay(i, id, in, i.rule.onDelay)
		}
	case onDelay:
		if !in.raise {
			l.phase = idle
			s.timers.stop(id)
		}
	case active:
		if in.clear {
			s.delay(i, id, in, i.rule.offDelay)
		}
	case offDelay:
		if !in.clear {
			l.phase = active
			s.timers.stop(id)
		}
	}
}

// delay starts the on-delay of an idle latch or the off-delay of an active
// one, or does at once what follows it when there is none.
func (s *Set) delay(i *instance, id int32, in input, d time.Duration) {
	l := &s.latches[id]
	if l.phase == idle {
		l.phase = onDelay
	} else {
		l.phase = offDelay
	}
	l.mark, l.due = in.at.Add(d), in.from.Add(d)
	if d == 0 {
		s.settle(i, id)
		return
	}
	s.timers.set(id, l.due)
}

// settle ends the delay of a latch.
func (s *Set) settle(i *instance, id int32) {
	l := &s.latches[id]
	if l.phase == onDelay {
		l.phase = active
	} else {
		l.phase = idle
	}
	i.flip = l.mark
}

// freeze makes the delays of i stand still from at.
func (s *Set) freeze(i *instance, at plant.Instant) {
	if i.frozen != 0 {
		return
	}
	i.frozen = at
	for id := i.first; id < i.first+i.n; id++ {
		s.timers.stop(id)
	}
}

// thaw lets the delays of i go on at at.
func (s *Set) thaw(i *instance, at plant.Instant) {
	if i.frozen == 0 {
		return
	}
	s.prolong(i, max(at.Sub(i.frozen), 0))
	i.frozen = 0
}

// prolong adds d to the running delays of i.
func (s *Set) prolong(i *instance, d time.Duration) {
	for id := i.first; id < i.first+i.n; id++ {
		l := &s.latches[id]
		if l.phase == onDelay || l.phase == offDelay {
			l.mark, l.due = l.mark.Add(d), l.due.Add(d)
			s.timers.set(id, l.due)
		}
	}
}

// level returns the index of the highest level that holds, -1 for none.
func (s *Set) level(i *instance) int {
	for k := range i.n {
		if p := s.latches[i.first+k].phase; p == active || p == offDelay {
			return int(k)
		}
	}
	return -1
}
