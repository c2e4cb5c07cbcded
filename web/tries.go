package web

import (
	"net"
	"sync"
	"time"
)

// The pace of wrong tokens from one address: a few at once for typing errors,
// then ever fewer.
const (
	freeTries  = 5
	firstPause = time.Second
	maxPause   = 5 * time.Minute
	forgetTry  = 15 * time.Minute
	// maxTried bounds the addresses remembered; beyond it strangers share one
	// count.
	maxTried = 10_000
)

// tries counts wrong tokens by address. It is safe for concurrent use.
type tries struct {
	mu   sync.Mutex
	seen map[string]tried
}

type tried struct {
	wrong int
	last  time.Time
	until time.Time // no further wrong one before
}

func newTries() *tries { return &tries{seen: map[string]tried{}} }

// wrong counts a wrong token, unless too many came from the address; then it
// returns how long to wait.
func (t *tries) wrong(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	key = t.slotLocked(key, now)
	x := t.seen[key]
	if now.Sub(x.last) > forgetTry {
		x = tried{}
	}
	if wait := x.until.Sub(now); wait > 0 {
		return wait
	}
	x.wrong++
	x.last = now
	if over := x.wrong - freeTries; over >= 0 {
		pause := maxPause
		if over < 9 { // 2⁹ s is beyond maxPause
			pause = min(firstPause<<over, maxPause)
		}
		x.until = now.Add(pause)
	}
	t.seen[key] = x
	return 0
}

// slotLocked returns the key to count under.
func (t *tries) slotLocked(key string, now time.Time) string {
	if _, known := t.seen[key]; known || len(t.seen) < maxTried {
		return key
	}
	for k, x := range t.seen {
		if now.Sub(x.last) > forgetTry {
			delete(t.seen, k)
		}
	}
	if len(t.seen) < maxTried {
		return key
	}
	return "strangers"
}

// network returns the part of a remote address that one visitor cannot change
// at will: the IPv4 address, or the first 64 bits of IPv6.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}
