package engine

import (
	"time"

	"andon/plant"
)

const (
	// setBack is how much earlier than stream time a message may be before
	// the clock that stamps the stream must have been put back. Brokers of a
	// cluster are less apart.
	setBack = 5 * time.Second
	// leap is how far a message may be ahead of stream time to be believed
	// alone. One wrong stamp must not make every timer of the plant due.
	leap = time.Hour
	// deepest is how far stream time goes back: any wrong zone or date line.
	deepest = 25 * time.Hour
)

// clock sets stream time to that of m. It never goes back by little. When the
// clock was put back it follows at once, by up to a day: to stand still would
// leave timers, states and messages waiting for as long as the clock was
// ahead. A leap ahead needs a second message, or samples that are of that time.
func (c *core) clock(m plant.Message) {
	switch ahead := m.Time.Sub(c.now); {
	case ahead < -setBack:
		if c.wasWrong(m.Time) {
			c.rewind(m.Time)
		}
	case ahead > leap && c.now != 0 && m.Time.Sub(c.ahead).Abs() > leap && !ofItsTime(m, c.now):
		c.ahead = m.Time
		return
	default:
		if c.now == 0 { // nothing is recorded before
			c.leapt = plant.Interval{From: m.Time.Add(-400 * 24 * time.Hour), To: m.Time}
		} else if ahead > leap && c.now.Sub(c.leapt.To) > deepest {
			c.leapt = plant.Interval{From: c.now, To: m.Time}
		}
		c.now = max(c.now, m.Time)
	}
	c.ahead = 0
}

// wasWrong reports whether stream time may go back to t. What was recorded of
// later is then replaced, so a machine that boots in another decade must not
// take all records with it: only a leap of the last day is taken back whole.
func (c *core) wasWrong(t plant.Instant) bool {
	return c.now.Sub(t) <= deepest || c.now.Sub(c.leapt.To) <= deepest && t >= c.leapt.From.Add(-setBack)
}

// ofItsTime reports whether what m brings is of its own time rather than of
// now.
func ofItsTime(m plant.Message, now plant.Instant) bool {
	var newest plant.Instant
	for i := range m.Samples {
		newest = max(newest, m.Samples[i].Time)
	}
	for _, x := range m.Contacts {
		newest = max(newest, x.Time)
	}
	return newest > now && m.Time.Sub(newest).Abs() < newest.Sub(now)
}

// rewind sets stream time back.
func (c *core) rewind(now plant.Instant) {
	by := now.Sub(c.now)
	c.prod.Rewind(now)
	c.rules.Rewind(now)
	if c.told.Pos == 0 {
		c.book.Rewind(by)
	}
	if c.held != 0 {
		c.held = c.held.Add(by)
	}
	c.now = now
}
