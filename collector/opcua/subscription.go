package opcua

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopcua/opcua/ua"
)

const (
	// publishers is how many publish requests wait at the server, so that it
	// can answer while others are on their way.
	publishers = 3
	// silence is after how many keep-alives without a publish response a
	// session is lost.
	silence = 3
	// lifetime is for how many keep-alives without a publish request the
	// server keeps the subscription at least: as long as a blocked Sink may
	// last.
	lifetime = 40
	// maxNotifications bounds one message: gopcua decodes up to 2 MB.
	maxNotifications = 1000
	// queueLength is how many messages wait while the Sink blocks: some
	// 3 MB if all are full of numbers. Beyond it the server's queues are the
	// place to wait.
	queueLength = 64
	// longestKeepAlive bounds what a server may make of the keep-alive.
	longestKeepAlive = 10 * time.Minute
	// reorderTime is how long a number may be missing before it is asked for.
	reorderTime = 200 * time.Millisecond
)

var errSilent = errors.New("no publish response")

// A subscription is the one subscription of a session. It may outlive its
// connection and its process: then the next session takes it over.
type subscription struct {
	session   *session  // nil while it is only inherited
	started   time.Time // when the server started that made it
	out       *output
	id        uint32
	keepAlive time.Duration // as the server revised it
	items     *items
	sequence  *sequence // of the sequencer
	taken     uint32    // the last number that the Sink took, 0 for none; of the writer
	acks      acks
	watch     watch
	lag       lag
	ready     atomic.Bool  // the server was asked for all items
	arrivals  chan arrival // from the publishers to the sequencer
	queue     chan message // from the sequencer to the writer
}

// subscribe takes over the subscription that an earlier session left, or
// creates one, and starts what keeps it going. Single nodes in trouble are no
// error.
func (s *Source) subscribe(ctx context.Context, x *session, out *output, start func(func(context.Context) error)) error {
	sub, err := s.adopt(ctx, x, out)
	if sub == nil && err == nil {
		sub, err = s.newSubscription(ctx, x, out)
	}
	if err != nil {
		return err
	}
	s.left = sub
	alive := newPublisherCount(publishers)
	for range publishers {
		start(func(ctx context.Context) error { return sub.publish(ctx, alive) })
	}
	start(sub.order)
	start(sub.write)
	start(sub.watchSilence)
	if err := sub.items.create(ctx); err != nil {
		return err
	}
	sub.ready.Store(true)
	s.saveHandover(sub)
	start(sub.items.retry)
	return nil
}

func (s *Source) newSubscription(ctx context.Context, x *session, out *output) (*subscription, error) {
	interval := s.config.PublishingInterval
	resp, err := call[*ua.CreateSubscriptionResponse](ctx, x, &ua.CreateSubscriptionRequest{
		RequestedPublishingInterval: float64(interval) / float64(time.Millisecond),
		RequestedLifetimeCount:      uint32(max(s.config.KeepFor, lifetime*s.config.KeepAlive) / interval),
		RequestedMaxKeepAliveCount:  uint32(s.config.KeepAlive / interval),
		MaxNotificationsPerPublish:  maxNotifications,
		PublishingEnabled:           true,
	})
	if err != nil {
		return nil, fmt.Errorf("create subscription: %w", err)
	}
	revised := time.Duration(resp.RevisedPublishingInterval * float64(resp.RevisedMaxKeepAliveCount) * float64(time.Millisecond))
	sub := &subscription{
		session:   x,
		started:   x.started,
		out:       out,
		id:        resp.SubscriptionID,
		keepAlive: max(s.config.KeepAlive, min(revised, longestKeepAlive)),
		sequence:  newSequence(),
		arrivals:  make(chan arrival, publishers),
		queue:     make(chan message, queueLength),
	}
	sub.items = newItems(s, s.subscribed)
	sub.items.sub = sub
	return sub, nil
}

// adopt asks the server to transfer the subscription of an earlier session to
// x (OPC 10000-4, 5.14.7), so that what the server queued meanwhile is not
// lost. It returns nil when there is none or the server will not; many do not
// know the service.
func (s *Source) adopt(ctx context.Context, x *session, out *output) (*subscription, error) {
	old := s.left
	s.left = nil
	if !s.begun {
		s.begun, old = true, s.inherited()
	}
	if old == nil || old.started.IsZero() || !old.started.Equal(x.started) {
		return nil, nil // in a server started anew the id may be another client's
	}
	resp, err := call[*ua.TransferSubscriptionsResponse](ctx, x, &ua.TransferSubscriptionsRequest{
		SubscriptionIDs:   []uint32{old.id},
		SendInitialValues: true,
	})
	switch {
	case disconnected(err), errors.Is(err, context.Canceled):
		s.left = old // another try in the next session
		return nil, fmt.Errorf("transfer subscription: session lost: %w", err)
	case err != nil || len(resp.Results) != 1:
		s.rigid = true
		return nil, nil
	case resp.Results[0].StatusCode&severityBad != 0:
		s.rigid = resp.Results[0].StatusCode != ua.StatusBadSubscriptionIDInvalid
		return nil, nil
	}
	s.rigid = false
	s.metrics.transfers.Inc()
	return s.resume(x, out, old, resp.Results[0].AvailableSequenceNumbers), nil
}

// resume returns the subscription old as one of session x. Available are the
// numbers of the messages that the server still has.
func (s *Source) resume(x *session, out *output, old *subscription, available []uint32) *subscription {
	sub := &subscription{
		session:   x,
		started:   x.started,
		out:       out,
		id:        old.id,
		keepAlive: old.keepAlive,
		items:     old.items,
		sequence:  resumeSequence(old.taken, available),
		taken:     old.taken,
		arrivals:  make(chan arrival, publishers),
		queue:     make(chan message, queueLength),
	}
	sub.items.sub = sub
	for _, n := range available {
		if old.taken != 0 && ahead(n, old.taken) <= 0 {
			sub.acks.add(&ua.SubscriptionAcknowledgement{SubscriptionID: sub.id, SequenceNumber: n})
		}
	}
	return sub
}

// acks are the notifications that the Sink took and the server may forget.
// They ride in the next publish request.
type acks struct {
	mu   sync.Mutex // guards list
	list []*ua.SubscriptionAcknowledgement
}

func (a *acks) add(list ...*ua.SubscriptionAcknowledgement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, list...)
}

func (a *acks) take() []*ua.SubscriptionAcknowledgement {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.list
	a.list = nil
	return list
}

// A watch knows since when an answer to a publish request is due.
type watch struct {
	mu      sync.Mutex // guards all below
	waiting int        // publish requests under way
	since   time.Time  // the last answer, or the first request after none was under way
}

func (w *watch) asked(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting++; w.waiting == 1 {
		w.since = now
	}
}

// answered notes the end of a request; only an answer without fault shows
// that the subscription lives.
func (w *watch) answered(now time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting--
	if ok {
		w.since = now
	}
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
	if w.waiting == 0 {
		return 0
	}
	return now.Sub(w.since)
}

// watchSilence returns an error once the server has been silent for too long:
// a link whose other end is gone looks like an open one.
func (sub *subscription) watchSilence(ctx context.Context) error {
	limit := silence * sub.keepAlive
	tick := time.NewTicker(sub.keepAlive / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if d := sub.watch.silentFor(time.Now()); d > limit {
			return fmt.Errorf("%w for %v, want one every %v", errSilent, d.Round(time.Millisecond), sub.keepAlive)
		}
	}
}
