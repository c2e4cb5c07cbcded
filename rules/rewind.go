package rules

import (
	"time"

	"andon/plant"
)

// Rewind sets stream time back to now, after the clock that stamps the stream
// was put right. Running delays and silences go on with what is left of them;
// what holds goes on holding.
func (s *Set) Rewind(now plant.Instant) {
	if now >= s.now {
		return
	}
	by := now.Sub(s.now)
	for n := range s.instances {
		s.rewind(&s.instances[n], now, by)
	}
	for _, c := range s.servers.order {
		c.began, c.last = min(c.began, now), min(c.last, now)
	}
	s.now = now
}

func (s *Set) rewind(i *instance, now plant.Instant, by time.Duration) {
	if i.frozen != 0 {
		i.frozen = i.frozen.Add(by)
	}
	if i.seen != 0 {
		i.seen = i.seen.Add(by)
	}
	i.flip, i.last = min(i.flip, now), min(i.last, now)
	for id := i.first; id < i.first+i.n; id++ {
		l := &s.latches[id]
		// States count from event time, which need not have been wrong.
		if i.rule.Kind == KindState || i.entries != nil {
			l.due = min(l.due, now.Add(max(i.rule.onDelay, i.rule.offDelay)))
		} else {
			l.due = l.due.Add(by)
		}
		l.began, l.mark = min(l.began, now), min(l.mark, l.due)
		if !s.timers.running(id) {
			continue
		}
		if i.rule.Kind == KindAbsence {
			l.due = s.timers.due[id].Add(by)
		}
		s.timers.set(id, l.due)
	}
	if t := s.settleTimer(i); s.timers.running(t) {
		s.timers.set(t, min(s.timers.due[t], now.Add(i.rule.When.Settle)))
	}
}
