package alerts

import "time"

// Rewind moves the times at which open alarms escalate by a span, after the
// clock that stamps the stream was put right: who is told next is told when as
// much time has gone by as the policy says. Moments of the past stay as they
// were written.
func (b *Book) Rewind(by time.Duration) {
	b.nextStep = 0
	for _, e := range b.open {
		e.Announced = e.Announced.Add(by)
		was := e.Alarm.NextAt
		b.plan(e)
		if e.Alarm.NextAt != was {
			b.touch(e)
		}
	}
}
