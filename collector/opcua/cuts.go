package opcua

// A caution is how large a server's messages are to be, while connections are
// lost for no reason that anybody gives. Some servers hang up on a message that
// is too large, and have it again for the next session; but so it looks also
// where a link fails again and again. So messages may be larger again after as
// large ones came as were admitted. It is not safe for concurrent use.
type caution struct {
	most   int  // notifications in one message
	cuts   int  // sessions in a row that were cut before any message came
	filled int  // sessions since most changed in which such a message came
	need   int  // how many of them it takes until larger ones are tried, 0 for one
	trying bool // most was doubled, and no message as large came since
}

// mostFilled bounds how many sessions it takes until larger messages are tried
// at a server that hung up on them each time before.
const mostFilled = 64

// cut halves what a message may have, now up to n notifications, when the second
// session in a row was cut before any message came.
func (c *caution) cut(n int) {
	if c.cuts++; c.cuts < 2 {
		return
	}
	if c.trying {
		c.need, c.trying = min(2*max(c.need, 1), mostFilled), false
	}
	c.most, c.filled = max(n/2, leastBatch), 0
}

// fill notes that messages came that were as large as was admitted.
func (c *caution) fill() {
	if c.trying {
		c.need, c.trying = 0, false
	}
	if c.filled++; c.filled >= c.need && c.most < maxNotifications {
		c.most, c.filled, c.trying = min(2*c.most, maxNotifications), 0, true
	}
}

// ended notes how a session ended in which subscriptions were read: cut before
// any message came, or filled, with messages as large as was admitted.
func (l *limits) ended(cut, filled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cut {
		l.caution.cut(min(l.message, l.caution.most))
		return
	}
	l.caution.cuts = 0
	if filled {
		l.caution.fill()
	}
}
