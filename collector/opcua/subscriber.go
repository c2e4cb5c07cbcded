package opcua

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
)

// steadyTime is how long a subscription must have lasted for its end to be
// followed by another one at once.
const steadyTime = time.Minute

// A subscriber keeps the tags of one publishing interval subscribed, or events,
// by one subscription after the other.
type subscriber struct {
	source   *Source
	place    int // among those of the source
	interval time.Duration
	points   []*point
	feed     *eventFeed // nil where it has tags

	host   *subscriber   // whose subscription has the tags, while the server admits none for r
	guests []*subscriber // those whose host it is

	vain vain // what is asked for again

	left *subscription // what is at the server, for a later session to take over; Source.mu guards it
}

// keepAlive is what the server is asked for: no shorter than the interval.
func (r *subscriber) keepAlive() time.Duration { return max(r.source.config.KeepAlive, r.interval) }

// leave notes what a later session may take over, nil for nothing.
func (r *subscriber) leave(sub *subscription) {
	r.source.mu.Lock()
	defer r.source.mu.Unlock()
	r.left = sub
}

func (r *subscriber) leaves() *subscription {
	r.source.mu.Lock()
	defer r.source.mu.Unlock()
	return r.left
}

// subscribe takes over the subscriptions that an earlier session left, creates
// those that are missing, and starts what keeps them going. It returns once
// the server was asked for all items. Single nodes in trouble are no error.
func (s *Source) subscribe(ctx context.Context, x *session, out *output, start func(func(context.Context) error)) error {
	p := newPublishing(x, out, start)
	s.goOn(p)
	if err := s.adopt(ctx, p); err != nil {
		return err
	}
	s.unseat(p)
	for _, r := range s.subscribers {
		if r.leaves() != nil || r.host != nil {
			continue
		}
		sub, err := r.create(ctx, p)
		if err != nil && !r.seat(p, err) && !r.without(p, err) {
			return err
		}
		r.leave(sub)
	}
	s.learnTransfer(ctx, x)
	p.staff(time.Now())
	if s.config.Discover != nil && s.found != nil {
		start(p.watchModel)
	}
	if s.subscribers[0].interval > s.config.KeepAlive {
		start(func(ctx context.Context) error { return s.heartbeat(ctx, x, func(time.Time) { out.lives() }) })
	}
	ready := make(chan struct{}, len(s.subscribers))
	for _, r := range s.subscribers {
		if r.host != nil {
			ready <- struct{}{} // with its host
			continue
		}
		first := r.leaves()
		start(func(ctx context.Context) error {
			return r.run(ctx, p, first, sync.OnceFunc(func() { ready <- struct{}{} }))
		})
	}
	for range s.subscribers {
		select {
		case <-ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// run keeps the tags subscribed until the session ends, beginning with sub, or
// with a try for one when that is nil. What the server ends is followed by
// another one; only the end of all subscriptions is that of the session.
func (r *subscriber) run(ctx context.Context, p *publishing, sub *subscription, ready func()) error {
	var wait time.Duration
	if sub == nil {
		wait = r.source.config.ItemRetry
		ready() // the others must not wait for what the server refuses
	}
	for ctx.Err() == nil {
		if sub != nil {
			began := time.Now()
			err := sub.run(ctx, ready)
			if ctx.Err() != nil || !errors.As(err, new(endError)) || len(r.source.subscribers) == 1+len(r.guests) {
				return err
			}
			if errors.Is(err, errStale) {
				sub.forget(ctx)
			}
			r.ended(err)
			if time.Since(began) > steadyTime {
				wait = 0
			}
		}
		if wait > 0 && !sleep(ctx, wait) {
			return nil
		}
		wait = min(max(2*wait, r.source.config.ItemRetry), maxItemRetry)
		var err error
		if sub, err = r.create(ctx, p); err != nil {
			if !r.without(p, err) {
				return err
			}
			wait = r.source.config.ItemRetry // to ask costs the server little
		}
		r.leave(sub)
	}
	return nil
}

// ended notes that the server ended the subscription.
func (r *subscriber) ended(err error) {
	s := r.source
	s.log.Warn("subscription ended, beginning another one", "publishing_interval", r.interval, "err", err)
	s.metrics.resubscribed.Inc()
	s.tally.show(s.metrics, r.place, map[string]int{statePending: len(r.all())})
	r.leave(nil)
	s.saveHandover()
}

// without reports whether the session can go on without the subscription that
// the server refused, for it has others, and tells so of the tags.
func (r *subscriber) without(p *publishing, err error) bool {
	if fatal(err) || !isFault(err) || p.count() == 0 {
		return false
	}
	for _, point := range r.all() {
		r.source.noteFamily(p.out.status, point, err.Error())
	}
	if r.feed != nil {
		r.feed.tell(p.out, err.Error())
	}
	r.source.tally.show(r.source.metrics, r.place, map[string]int{reasonSubscription: len(r.all())})
	return true
}

// adopt asks the server to transfer the subscriptions of an earlier session
// (OPC 10000-4, 5.14.7), so that what the server queued meanwhile is not lost.
// It leaves out those that are not there any more, and all when the server will
// not; many do not know the service.
func (s *Source) adopt(ctx context.Context, p *publishing) error {
	defer p.adjust(ctx) // before anything is asked for
	if !s.begun {
		s.begun = true
		s.inherit()
	}
	list, ids := s.transferable(p.session)
	if len(list) == 0 {
		return nil
	}
	resp, err := patiently[*ua.TransferSubscriptionsResponse](ctx, p.session, func() ua.Request {
		return &ua.TransferSubscriptionsRequest{SubscriptionIDs: ids, SendInitialValues: true}
	})
	if disconnected(err) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("transfer subscriptions: session lost: %w", err) // another try in the next session
	}
	s.rigid = err != nil || len(resp.Results) != len(ids)
	for i, r := range list {
		old := r.leaves()
		r.leave(nil)
		if err != nil || len(resp.Results) != len(ids) {
			continue
		}
		switch result := resp.Results[i]; {
		case result.StatusCode&severityBad == 0:
			s.metrics.transfers.Inc()
			r.leave(r.resume(p, old, result.AvailableSequenceNumbers))
		case result.StatusCode != ua.StatusBadSubscriptionIDInvalid:
			s.rigid = true
		}
	}
	return nil
}

// transferable returns the subscribers that left a subscription, and its id.
// In a server started anew the id may be another client's.
func (s *Source) transferable(x *session) (list []*subscriber, ids []uint32) {
	for _, r := range s.subscribers {
		old := r.leaves()
		switch {
		case old == nil, old.session == x:
		case old.started.IsZero() || !old.started.Equal(x.started):
			r.leave(nil)
		default:
			list, ids = append(list, r), append(ids, old.id)
		}
	}
	return list, ids
}
