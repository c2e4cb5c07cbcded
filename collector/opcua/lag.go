package opcua

import (
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
)

const (
	// leastLag is what a message may take to be sent.
	leastLag = time.Second
	// habit is after how long a server that does not catch up is not behind:
	// its clocks disagree.
	habit = 10 * time.Second
	// drift is of how much time two clocks of a server may gain or lose one
	// part: nobody plays the past that slowly.
	drift = 1000
)

// A lag tells how far what a server publishes is behind the server itself: a
// message says when it was first published, its response when it was sent,
// both by the server's clock, so that it does not matter whether that is
// right. A server that is behind catches up. Some say nonsense instead, such
// as local time, and that must not make all their equipment unknown: they are
// believed for a moment only. It is safe for concurrent use.
type lag struct {
	mu     sync.Mutex
	at     time.Time     // when it was last seen to catch up, zero while it is not behind
	behind time.Duration // then
}

// note takes a response that came in at now and returns how far it is behind.
func (l *lag) note(resp *ua.PublishResponse, now time.Time) time.Duration {
	sent, published := resp.ResponseHeader.Timestamp, resp.NotificationMessage.PublishTime
	behind := sent.Sub(published)
	l.mu.Lock()
	defer l.mu.Unlock()
	if sent.IsZero() || published.IsZero() || behind < leastLag {
		l.at = time.Time{}
		return 0
	}
	if l.at.IsZero() || l.behind-behind > leastLag+now.Sub(l.at)/drift {
		l.at, l.behind = now, behind
	}
	if now.Sub(l.at) > habit {
		return 0
	}
	return behind
}
