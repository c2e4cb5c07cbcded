package engine

import (
	"context"
	"sync"
	"time"
)

// How long who asks waits.
type patience int

const (
	atOnce    patience = iota // not at all
	untilSaid                 // until what people said is done
	untilAll                  // until all is done but what people want renewed
)

// An asked counts how often somebody was asked to work, and how much of that
// is done. All methods are safe for concurrent use.
type asked struct {
	wake chan struct{} // has room for one

	mu       sync.Mutex
	asks     uint64
	answered [untilAll + 1]uint64
	news     chan struct{} // closed with the next answer
}

func newAsked() *asked {
	return &asked{wake: make(chan struct{}, 1), news: make(chan struct{})}
}

// ask wakes who works. It returns after so much work, when the work cannot be
// done, or when ctx is.
func (a *asked) ask(ctx context.Context, wait patience) {
	a.mu.Lock()
	a.asks++
	mine := a.asks
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
	for wait != atOnce {
		a.mu.Lock()
		news, done := a.news, a.answered[wait] >= mine
		a.mu.Unlock()
		if done {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
	}
}

// number returns how often somebody asked so far.
func (a *asked) number() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asks
}

// answer says how much of what was asked up to a number is done.
func (a *asked) answer(number uint64, done patience) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for p := untilSaid; p <= done; p++ {
		a.answered[p] = max(a.answered[p], number)
	}
	close(a.news)
	a.news = make(chan struct{})
}

// wait waits for a pause or, without one, for somebody to ask; false when ctx
// is done.
func (a *asked) wait(ctx context.Context, pause time.Duration) bool {
	var after <-chan time.Time
	wake := a.wake
	if pause > 0 {
		after, wake = time.After(pause), nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-after:
		return true
	case <-wake:
		return true
	}
}
