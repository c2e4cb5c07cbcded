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
	// publishPause is the wait after a publish request that failed, so that a
	// server in trouble is not flooded.
	publishPause = 250 * time.Millisecond
	// maxEarly is how many responses of a subscription are kept that come
	// before its id.
	maxEarly = 64
	// ackSize is how long an encoded acknowledgement is: two numbers.
	ackSize = 4 + 4
)

// A publishing keeps publish requests with the server. They belong to the
// session: any of them may be answered for any of its subscriptions, and a
// response says for which.
type publishing struct {
	session   *session
	out       *output
	start     func(func(context.Context) error) // a goroutine of the session
	acks      acks
	adjusting sync.Mutex // held while the server is told how large messages may be; guards their most

	turn  chan struct{} // held while the items of one subscription are created
	model atomic.Uint32 // id of the subscription for changes of the server's nodes, 0 for none

	mu       sync.Mutex // guards all below
	subs     map[uint32]*subscription
	added    int                   // subscriptions so far, also those that ended
	expected int                   // subscriptions that the server is being asked for
	early    []*ua.PublishResponse // of subscriptions that are not known yet
	waiting  int                   // publish requests under way
	heard    time.Time             // the last answer of any subscription
	crew     allowance
	wake     chan struct{} // closed when publishers that are parked may go on
}

func newPublishing(x *session, out *output, start func(func(context.Context) error)) *publishing {
	return &publishing{
		session: x, out: out, start: start, turn: make(chan struct{}, 1),
		subs: map[uint32]*subscription{}, wake: make(chan struct{}),
	}
}

// staff starts the publishers that are missing.
func (p *publishing) staff(now time.Time) {
	p.mu.Lock()
	n := p.crew.missing(len(p.subs), now)
	p.mu.Unlock()
	for range n {
		p.start(p.publish)
	}
}

// publish keeps one publish request with the server. It returns an error when
// the session is lost; any other fault concerns one request.
func (p *publishing) publish(ctx context.Context) error {
	for ctx.Err() == nil {
		known, most := p.asked(time.Now()), p.session.limits.messages()
		resp, err := p.publishOnce(ctx)
		p.answered(resp, time.Now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			p.dispatch(ctx, resp)
			p.staff(time.Now())
		case p.deserted(err):
			p.park(ctx, known, err)
		case fatal(err):
			return fmt.Errorf("session lost: %w", err)
		case errors.Is(err, ua.StatusBadTooManyPublishRequests) && p.refused(time.Now()):
			return nil
		case !p.retry(ctx):
			return nil
		case oversized(err):
			p.lessen(ctx, most)
		}
	}
	return nil
}

// publishOnce sends one publish request with the acknowledgements that are
// due and waits for its response; the watch bounds how long.
func (p *publishing) publishOnce(ctx context.Context) (*ua.PublishResponse, error) {
	acks := p.acks.first(p.session.channel.Room() / ackSize)
	req := &ua.PublishRequest{SubscriptionAcknowledgements: acks}
	if acks == nil {
		req.SubscriptionAcknowledgements = []*ua.SubscriptionAcknowledgement{}
	}
	resp, err := send[*ua.PublishResponse](ctx, p.session, req)
	if err == nil && resp.NotificationMessage == nil {
		err = errors.New("publish response without a message")
	}
	m := p.session.source.metrics
	if err != nil {
		p.acks.add(acks...)
		if ctx.Err() == nil {
			m.fault(serviceName(req))
		}
		return nil, err
	}
	if len(resp.NotificationMessage.NotificationData) == 0 {
		m.keepAlives.Inc()
	} else {
		m.notifications.Inc()
		p.session.told.Store(true)
		if count(message{data: resp.NotificationMessage.NotificationData}) >= p.session.limits.messages() {
			p.session.filled.Store(true)
		}
	}
	p.doubt(acks, resp.Results)
	return resp, nil
}

// doubt notes of which subscriptions the server says that it has none such.
func (p *publishing) doubt(acks []*ua.SubscriptionAcknowledgement, results []ua.StatusCode) {
	for i, status := range results {
		if status != ua.StatusBadSubscriptionIDInvalid || i >= len(acks) {
			continue
		}
		p.mu.Lock()
		if sub := p.subs[acks[i].SubscriptionID]; sub != nil {
			sub.doubted.Store(true)
		}
		p.mu.Unlock()
	}
}

// asked notes a request, and returns how many subscriptions the session has
// had: a fault can concern only those.
func (p *publishing) asked(now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	for _, sub := range p.subs {
		sub.watch.asked(now)
	}
	return p.added
}

// answered notes the end of a request; resp is nil when that is a fault.
func (p *publishing) answered(resp *ua.PublishResponse, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if resp != nil {
		p.heard = now
	}
	for id, sub := range p.subs {
		how := faulted
		switch {
		case resp != nil && resp.SubscriptionID == id:
			how = lives
			sub.doubted.Store(false)
			p.out.lives()
		case resp != nil:
			how = elsewhere
		}
		sub.watch.answered(now, how)
	}
}

// retry waits before a publish request that the server refused is sent again. It
// reports whether ctx is still alive.
func (p *publishing) retry(ctx context.Context) bool {
	p.mu.Lock()
	for _, sub := range p.subs {
		sub.watch.failed()
	}
	p.mu.Unlock()
	return sleep(ctx, publishPause)
}

// busy notes that the server did something else, which may have kept it from
// publishing.
func (p *publishing) busy(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, sub := range p.subs {
		sub.watch.heard(now)
	}
}

// heardWithin reports whether any subscription was heard of less than d ago.
func (p *publishing) heardWithin(now time.Time, d time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Sub(p.heard) < d
}

// dispatch hands a response to its subscription, and waits while that one has
// no room.
func (p *publishing) dispatch(ctx context.Context, resp *ua.PublishResponse) {
	if p.ofModel(resp) {
		return
	}
	p.mu.Lock()
	sub := p.subs[resp.SubscriptionID]
	switch {
	case sub != nil:
		p.wakeLocked()
	case p.expected > 0 && len(p.early) < maxEarly:
		p.early = append(p.early, resp)
	}
	p.mu.Unlock()
	if sub == nil {
		return // it ended; or it is missed later, and asked for again
	}
	select {
	case sub.arrivals <- sub.arrived(resp, time.Now()):
	case <-sub.over:
	case <-ctx.Done():
	}
}

// refused notes that the server found a request too many, and reports whether
// its publisher is to end.
func (p *publishing) refused(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crew.refuse(now)
}

// deserted reports whether a fault says that the session has no subscription.
func (p *publishing) deserted(err error) bool {
	return errors.Is(err, ua.StatusBadNoSubscription) || errors.Is(err, ua.StatusBadSubscriptionIDInvalid) && p.count() <= 1
}

// unsubscribed reports whether the server has no such subscription any more.
// Only what the publishers hear ends it: what came before is still on its way
// to the Sink, and the server has no more of it.
func unsubscribed(err error) bool {
	return errors.Is(err, ua.StatusBadNoSubscription) || errors.Is(err, ua.StatusBadSubscriptionIDInvalid)
}

// park is where a publisher waits while the session has no subscription. Once
// all do, everything that came before is with its subscription, and those that
// were known when the last one asked are told that they are gone.
func (p *publishing) park(ctx context.Context, known int, cause error) {
	p.mu.Lock()
	if p.added > known {
		p.mu.Unlock()
		return // there is one that the server did not know of then
	}
	p.crew.parked++
	var gone []*subscription
	if p.crew.parked == p.crew.running {
		for _, sub := range p.subs {
			gone = append(gone, sub)
		}
		clear(p.subs)
	}
	wake := p.wake
	p.mu.Unlock()
	for _, sub := range gone {
		sub.end(ctx, fmt.Errorf("subscription lost: %w", cause))
	}
	select {
	case <-wake:
	case <-ctx.Done():
	}
	p.mu.Lock()
	p.crew.parked--
	p.mu.Unlock()
}

func (p *publishing) wakeLocked() {
	if p.crew.parked > 0 {
		close(p.wake)
		p.wake = make(chan struct{})
	}
}
