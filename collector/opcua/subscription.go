package opcua

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopcua/opcua/ua"
)

const (
	// lifetime is for how many keep-alives without a publish request the
	// server keeps the subscription at least: as long as a blocked Sink may
	// last.
	lifetime = 40
	// maxNotifications bounds one message: see channel.LargestMessage.
	maxNotifications = 1000
	// arrivalsLength is how many responses wait to be put into order: those
	// that come at once.
	arrivalsLength = 3
	// longestKeepAlive bounds what a server may make of the keep-alive.
	longestKeepAlive = 10 * time.Minute
	// reorderTime is how long a number may be missing before it is asked for.
	reorderTime = 200 * time.Millisecond
)

// A subscription is one of a session. It may outlive its connection and its
// process: then the next session takes it over.
type subscription struct {
	session   *session    // nil while it is only inherited
	requests  *publishing // of the session
	started   time.Time   // when the server started that made it
	out       *output
	place     int // of its subscriber among those of the source
	id        uint32
	keepAlive time.Duration // as the server revised it
	most      int           // notifications in one message, as the server was told
	resumed   bool          // from an earlier session
	continued bool          // in that session, over another channel
	items     *items
	feed      *eventFeed    // of the events that it has, too; nil for none
	eventItem atomic.Uint32 // the server's id of the item for them, 0 while they are not monitored
	sequence  *sequence     // of the sequencer
	taken     uint32        // the last number that the Sink took, 0 for none; of the writer
	losses    atomic.Uint32 // notifications with values that were lost
	madeUp    uint32        // of them, those whose present values came; of the writer
	present   message       // present values that wait for older ones; likewise
	told      int           // responses since then that told everything; likewise
	wanted    chan struct{} // of size 1: the present values are to be read
	watch     watch
	lag       lag
	ready     atomic.Bool   // the server was asked for all items
	doubted   atomic.Bool   // the server denied that it has the subscription
	early     []arrival     // what came before its id was known
	arrivals  chan arrival  // from the publishers to the sequencer
	queue     queue         // from the sequencer to the writer
	sightings sightings     // of the writer
	numbering numbering     // of the sequencer
	over      chan struct{} // closed when nothing is taken from arrivals any more
}

// newSubscription returns what all subscriptions of a session start from.
func (r *subscriber) newSubscription(p *publishing) *subscription {
	return &subscription{
		session:  p.session,
		requests: p,
		started:  p.session.started,
		out:      p.out,
		place:    r.place,
		feed:     r.events(),
		arrivals: make(chan arrival, arrivalsLength),
		queue:    newQueue(),
		over:     make(chan struct{}),
		wanted:   make(chan struct{}, 1),
	}
}

// create asks the server for a subscription, whose items it has yet to create.
func (r *subscriber) create(ctx context.Context, p *publishing) (*subscription, error) {
	p.expect(1)
	defer p.expect(-1)
	keepAlive, t, most := r.keepAlive(), r.times(), p.session.limits.messages()
	resp, err := call[*ua.CreateSubscriptionResponse](ctx, p.session, &ua.CreateSubscriptionRequest{
		RequestedPublishingInterval: t.interval,
		RequestedLifetimeCount:      t.lifetime,
		RequestedMaxKeepAliveCount:  t.keepAlives,
		MaxNotificationsPerPublish:  uint32(most),
		PublishingEnabled:           true,
	})
	if err != nil {
		return nil, fmt.Errorf("create subscription: %w", err)
	}
	revised := time.Duration(resp.RevisedPublishingInterval * float64(resp.RevisedMaxKeepAliveCount) * float64(time.Millisecond))
	sub := r.newSubscription(p)
	sub.id, sub.most = resp.SubscriptionID, most
	sub.keepAlive = max(keepAlive, min(revised, longestKeepAlive))
	sub.sequence = newSequence()
	r.vain = vain{} // another subscription, though it may have the id of the last one
	r.source.history.open(r.all())
	sub.items = newItems(r.source, r.all())
	sub.items.sub = sub
	p.add(sub)
	return sub, nil
}

// resume returns the subscription old as one of another session. Available are
// the numbers of the messages that the server still has.
func (r *subscriber) resume(p *publishing, old *subscription, available []uint32) *subscription {
	sub := r.newSubscription(p)
	sub.id, sub.keepAlive, sub.items, sub.taken, sub.resumed = old.id, old.keepAlive, old.items, old.taken, true
	sub.most = old.most
	sub.sequence = resumeSequence(old.taken, available)
	sub.items.sub = sub
	r.source.history.open(sub.items.fresh)
	sub.items.fresh = nil
	sub.eventItem.Store(old.eventItem.Load())
	if old.losses.Load() != old.madeUp {
		sub.miss()
	}
	for _, n := range available {
		if old.taken != 0 && ahead(n, old.taken) <= 0 {
			p.acks.add(&ua.SubscriptionAcknowledgement{SubscriptionID: sub.id, SequenceNumber: n})
		}
	}
	p.add(sub)
	return sub
}

// run keeps sub going until the session or the subscription ends; the error of
// that is an endError. ready is called once the server was asked for all items.
func (sub *subscription) run(parent context.Context, ready func()) error {
	ctx, t := newTeam(parent)
	t.start(ctx, sub.order)
	t.start(ctx, sub.write)
	t.start(ctx, sub.watchSilence)
	t.start(ctx, sub.catchUp)
	if sub.feed != nil {
		t.start(ctx, func(ctx context.Context) error { return sub.feed.run(ctx, sub) })
	}
	t.start(ctx, func(ctx context.Context) error { return sub.monitor(ctx, ready) })
	<-ctx.Done()
	sub.requests.remove(sub)
	close(sub.over)
	t.wg.Wait()
	t.cancel(nil)
	return context.Cause(ctx)
}

// monitor creates the items, one subscription of a session at a time, and then
// tries those in trouble again.
func (sub *subscription) monitor(ctx context.Context, ready func()) error {
	turn := sub.requests.turn
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	err := sub.items.create(ctx)
	<-turn
	if err != nil {
		return err
	}
	sub.ready.Store(true)
	sub.items.source.saveHandover()
	ready()
	return sub.items.retry(ctx)
}

// An endError is why the server has a subscription no more. All that it sent
// before is with the Sink.
type endError struct{ cause error }

// Error returns the cause.
func (e endError) Error() string { return e.cause.Error() }

// Unwrap returns the cause.
func (e endError) Unwrap() error { return e.cause }

// end tells the sequencer that no more comes; what came before is kept.
func (sub *subscription) end(ctx context.Context, gone error) {
	select {
	case sub.arrivals <- arrival{gone: gone}:
	case <-sub.over:
	case <-ctx.Done():
	}
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

// take returns all.
func (a *acks) take() []*ua.SubscriptionAcknowledgement { return a.first(math.MaxInt) }

// first returns as many as one request may have.
func (a *acks) first(most int) []*ua.SubscriptionAcknowledgement {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) <= most {
		list := a.list
		a.list = nil
		return list
	}
	list := a.list[:most:most]
	a.list = a.list[most:]
	return list
}
