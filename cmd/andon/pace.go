package main

import "time"

const (
	// settled is how long andon runs at least before it builds itself anew, so
	// that a server whose variables come one by one does not keep it from
	// working.
	settled = 10 * time.Second
	// longestSettled is that time at a server whose variables never come to
	// rest, such as one that gives its nodes other ids in each session.
	longestSettled = time.Hour
)

// A pace says how long andon runs at least before it builds itself anew. The
// zero pace is ready to use.
type pace struct{ last time.Duration }

// wait returns the time to run now, after it ran for so long: longer each time,
// until andon was left alone for a while.
func (p *pace) wait(ran time.Duration) time.Duration {
	if p.last == 0 || ran > 2*longestSettled {
		p.last = settled
		return p.last
	}
	p.last = min(2*p.last, longestSettled)
	return p.last
}
