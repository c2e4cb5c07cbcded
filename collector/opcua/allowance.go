package opcua

import "time"

const (
	// spareRequests is how many publish requests wait at the server beyond one
	// for each subscription, so that it can answer while others are on their
	// way.
	spareRequests = 2
	// mostRequests bounds them.
	mostRequests = 20
	// fewerFor is after how long one more publish request is tried at a server
	// that found some too many; it doubles with every one that is too many
	// again, up to longestFewer.
	fewerFor     = time.Minute
	longestFewer = 15 * time.Minute
)

// An allowance says how many publishers a session has: as many as its
// subscriptions need and the server bears. It is not safe for concurrent use.
type allowance struct {
	running int           // publishers
	parked  int           // of them, those that wait for a subscription
	bears   int           // publish requests that the server bears, 0 while it refused none
	trying  bool          // the last one was tried to see whether it bears more
	wait    time.Duration // before the next such try
	tryAt   time.Time
}

// missing returns how many publishers are to be started for that many
// subscriptions, and counts them as running.
func (a *allowance) missing(subscriptions int, now time.Time) int {
	want := min(subscriptions+spareRequests, mostRequests)
	if a.bears > 0 && want > a.bears {
		if !now.Before(a.tryAt) {
			a.bears, a.trying, a.tryAt = a.bears+1, true, now.Add(a.wait)
		}
		want = a.bears
	}
	n := max(want-a.running, 0)
	a.running += n
	return n
}

// refuse notes that the server found a publish request too many, and reports
// whether the publisher that sent it is to end. The last one stays.
func (a *allowance) refuse(now time.Time) bool {
	if a.running-a.parked <= 1 {
		return false
	}
	a.running--
	if a.trying {
		a.wait = 2 * a.wait
	}
	a.wait = min(max(a.wait, fewerFor), longestFewer)
	a.bears, a.trying, a.tryAt = a.running, false, now.Add(a.wait)
	return true
}
