package opcua

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
)

// silence is after how many keep-alives without a publish response a
// subscription is lost, and its session when the others are as silent.
const silence = 3

var errSilent = errors.New("no publish response")

// A watch knows since when an answer to a publish request is due that is of
// its subscription.
type watch struct {
	mu      sync.Mutex // guards all below
	waiting int        // publish requests under way
	since   time.Time  // the last answer, or the first request after none was under way
	failing bool       // the server refuses publish requests, so that none is under way
}

// join begins the watch while publish requests are under way.
func (w *watch) join(waiting int, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting, w.since = waiting, now
}

func (w *watch) asked(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting++; w.waiting == 1 && !w.failing {
		w.since = now
	}
}

// An ending is that of a publish request.
type ending int

const (
	faulted   ending = iota
	elsewhere        // an answer for another subscription
	lives            // one for this one
)

// answered notes the end of a request; only an answer without fault shows
// that the subscription lives.
func (w *watch) answered(now time.Time, how ending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting--
	w.failing = w.failing && how == faulted
	if how == lives {
		w.since = now
	}
}

// failed notes that a request is tried again because the server refused it. As
// long as it does nothing else, it is as silent as if it did not answer.
func (w *watch) failed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failing = true
}

// heard notes that the server answered something else. While it creates the
// items of a large plant it may not come to publishing.
func (w *watch) heard(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = now
}

// silentFor returns how long an answer has been due.
func (w *watch) silentFor(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == 0 && !w.failing {
		return 0
	}
	return now.Sub(w.since)
}

// watchSilence returns an error once the server has been silent for too long:
// a link whose other end is gone looks like an open one. A server that is
// silent about this subscription only has forgotten it: that is its end, and
// not the session's.
func (sub *subscription) watchSilence(ctx context.Context) error {
	tick := time.NewTicker(sub.keepAlive / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := time.Now()
		limit, d := silence*sub.keepAlive, sub.watch.silentFor(now)
		others := sub.requests.heardWithin(now, d)
		switch {
		case others && (d > limit || sub.doubted.Load() && d > sub.keepAlive):
			return sub.discard(ctx, d)
		case d > limit:
			return sub.silentError(d)
		}
	}
}

func (sub *subscription) silentError(d time.Duration) error {
	return fmt.Errorf("%w for %v, want one every %v", errSilent, d.Round(time.Millisecond), sub.keepAlive)
}

// discard ends a subscription of which the server says no more while it speaks
// of others. It must answer to that, for until it does it may have the
// subscription, and what it queued, and only the link is gone.
func (sub *subscription) discard(ctx context.Context, d time.Duration) error {
	short, cancel := context.WithTimeout(ctx, sub.keepAlive)
	defer cancel()
	_, err := call[*ua.DeleteSubscriptionsResponse](short, sub.session, &ua.DeleteSubscriptionsRequest{SubscriptionIDs: []uint32{sub.id}})
	switch {
	case ctx.Err() != nil:
		return nil
	case fatal(err):
		return fmt.Errorf("session lost: %w", err)
	case err != nil && !isFault(err):
		return sub.silentError(d)
	}
	sub.end(ctx, fmt.Errorf("subscription lost: %w", sub.silentError(d)))
	return nil
}

// isFault reports whether the server itself refused a request.
func isFault(err error) bool { return errors.As(err, new(ua.StatusCode)) }
