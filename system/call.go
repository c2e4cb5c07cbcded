package system

import (
	"andon/alerts"
	"andon/alerts/outbox"
	"andon/plant"
)

// A call tells people of one condition directly, from memory. It has a book of
// its own, so that routes, policies and ids are those of the real one.
type call struct {
	book   *alerts.Book
	alarm  string
	at     plant.Instant
	queue  *outbox.Memory
	wake   func()
	onHold bool
}

func newCall(cfg alerts.Config, t *track, now plant.Instant) *call {
	c := &call{book: alerts.NewBook(cfg, t.area), alarm: t.alarm, at: now}
	s := t.says(true)
	s.Before.Time = now
	c.book.TakeOver(now, s)
	return c
}

// step tells whoever is due at now. Of what is over nobody is told any more:
// the book will, once it can.
func (c *call) step(now plant.Instant, active bool) {
	if !c.onHold && active {
		c.book.Tick(now)
	}
	if m := c.book.Drain().Messages; len(m) > 0 {
		c.queue.Add(m)
		c.wake()
	}
}

// hold stops telling while the book is asked to take over, and returns what
// people know.
func (c *call) hold() alerts.Announcement {
	c.onHold = true
	return alerts.Announcement{Alarm: c.alarm, Time: c.at, Told: c.queue.Hold(c.alarm)}
}

// release goes on, since the book could not.
func (c *call) release() {
	c.onHold = false
	c.queue.Release(c.alarm)
	c.wake()
}
