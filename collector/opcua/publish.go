package opcua

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
)

// publishPause is the wait after a publish request that failed, so that a
// server in trouble is not flooded.
const publishPause = 250 * time.Millisecond

// A publisherCount says how many publishers are left; the last one stays.
type publisherCount struct {
	mu sync.Mutex // guards n
	n  int
}

func newPublisherCount(n int) *publisherCount { return &publisherCount{n: n} }

// leave reports whether the caller may end.
func (c *publisherCount) leave() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == 1 {
		return false
	}
	c.n--
	return true
}

// publish keeps one publish request with the server. It returns an error when
// the session is lost; any other fault concerns one request.
func (sub *subscription) publish(ctx context.Context, alive *publisherCount) error {
	for ctx.Err() == nil {
		resp, err := sub.publishOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case unsubscribed(err):
			return sub.end(ctx, alive, err)
		case fatal(err):
			return fmt.Errorf("session lost: %w", err)
		case errors.Is(err, ua.StatusBadTooManyPublishRequests) && alive.leave():
			return nil
		case err != nil:
			if !sleep(ctx, publishPause) {
				return nil
			}
			continue
		}
		select {
		case sub.arrivals <- arrival{PublishResponse: resp, heard: sub.heard(resp, time.Now())}:
		case <-ctx.Done():
		}
	}
	return nil
}

// unsubscribed reports whether the server has no subscription any more. Only a
// publisher ends the session for that: what came before is still on its way to
// the Sink, and the server has no more of it.
func unsubscribed(err error) bool {
	return errors.Is(err, ua.StatusBadNoSubscription) || errors.Is(err, ua.StatusBadSubscriptionIDInvalid)
}

// end is the end of a publisher. The last one lets the sequencer know: what
// came before must not be lost, for the server has no more of it.
func (sub *subscription) end(ctx context.Context, alive *publisherCount, err error) error {
	if alive.leave() {
		return nil
	}
	select {
	case sub.arrivals <- arrival{gone: fmt.Errorf("subscription lost: %w", err)}:
	case <-ctx.Done():
	}
	return nil
}

// publishOnce sends one publish request with the acknowledgements that are
// due and waits for its response; the watch bounds how long.
func (sub *subscription) publishOnce(ctx context.Context) (*ua.PublishResponse, error) {
	acks := sub.acks.take()
	req := &ua.PublishRequest{SubscriptionAcknowledgements: acks}
	if acks == nil {
		req.SubscriptionAcknowledgements = []*ua.SubscriptionAcknowledgement{}
	}
	sub.watch.asked(time.Now())
	resp, err := send[*ua.PublishResponse](ctx, sub.session, req)
	if err == nil && (resp.NotificationMessage == nil || resp.SubscriptionID != sub.id) {
		err = fmt.Errorf("publish response of subscription %d: want %d", resp.SubscriptionID, sub.id)
	}
	now := time.Now()
	sub.watch.answered(now, err == nil)
	m := sub.session.source.metrics
	if err != nil {
		sub.acks.add(acks...)
		if ctx.Err() == nil {
			m.fault(serviceName(req))
		}
		return nil, err
	}
	if len(resp.NotificationMessage.NotificationData) == 0 {
		m.keepAlives.Inc()
	} else {
		m.notifications.Inc()
	}
	return resp, nil
}

// An arrival is a publish response, and up to when the server has told
// everything with it; or the end of them.
type arrival struct {
	*ua.PublishResponse
	heard time.Time
	gone  error // why there is no response
}

// heard returns up to when the server has told everything once resp and what
// came before it is told; zero when there is more to tell. Until all items are
// at the server it tells nothing of those that are not.
func (sub *subscription) heard(resp *ua.PublishResponse, now time.Time) time.Time {
	behind := sub.lag.note(resp, now)
	if resp.MoreNotifications || !sub.ready.Load() {
		return time.Time{}
	}
	return now.Add(-behind)
}

// order puts messages into the order of their numbers, asks again for those
// that are missing, and queues them for the writer. While the queue is full it
// takes none, so that publishing pauses.
func (sub *subscription) order(ctx context.Context) error {
	q := sub.sequence
	gap := time.NewTimer(0) // an adopted subscription begins with what is missing
	defer gap.Stop()
	waiting := true // gap runs for a number that is missing
	for {
		var ready []message
		var err error
		select {
		case <-ctx.Done():
			return nil
		case a := <-sub.arrivals:
			ready = sub.arrive(q, a)
		case <-gap.C:
			waiting = false
			ready, err = sub.recover(ctx, q)
		}
		if err != nil {
			return err
		}
		for _, m := range ready {
			select {
			case sub.queue <- m:
			case <-ctx.Done():
				return nil
			}
		}
		if missing := len(q.missing()) > 0; missing != waiting {
			waiting = missing
			gap.Stop()
			if missing {
				gap.Reset(reorderTime)
			}
		}
	}
}

// arrive sorts a response in and returns what is ready.
func (sub *subscription) arrive(q *sequence, a arrival) []message {
	if a.gone != nil {
		return sub.finish(q, a.gone)
	}
	msg := a.NotificationMessage
	if !a.heard.IsZero() {
		q.heard = a.heard
	}
	if len(msg.NotificationData) > 0 {
		return q.add(message{seq: msg.SequenceNumber, data: msg.NotificationData, more: a.MoreNotifications, heard: a.heard})
	}
	q.keepAlive(msg.SequenceNumber)
	if !q.complete() {
		return nil
	}
	return []message{{heard: a.heard}}
}

// finish returns what waits for messages that can no longer come, and the end.
func (sub *subscription) finish(q *sequence, gone error) []message {
	var ready []message
	for _, n := range q.missing() {
		ready = append(ready, sub.lose(q, n, gone)...)
	}
	return append(ready, message{gone: gone})
}

// lose gives up a message and returns what is then ready.
func (sub *subscription) lose(q *sequence, n uint32, err error) []message {
	s := sub.session.source
	s.metrics.lost.Inc()
	s.log.Warn("notification is lost", "sequence_number", n, "err", err)
	return q.giveUp(n)
}

// recover asks for the messages that are missing and gives up those that the
// server no longer has. It returns what is then ready. Once nothing is missing,
// what arrived says up to when all is told, so that a server that numbers its
// keep-alives is not taken for silent.
func (sub *subscription) recover(ctx context.Context, q *sequence) ([]message, error) {
	s := sub.session.source
	var ready []message
	for _, n := range q.missing() {
		resp, err := call[*ua.RepublishResponse](ctx, sub.session, &ua.RepublishRequest{SubscriptionID: sub.id, RetransmitSequenceNumber: n})
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case fatal(err):
			return nil, fmt.Errorf("session lost: %w", err)
		case err == nil && resp.NotificationMessage != nil:
			s.metrics.republished.Inc()
			ready = append(ready, q.recovered(message{seq: n, data: resp.NotificationMessage.NotificationData})...)
		default:
			ready = append(ready, sub.lose(q, n, err)...)
		}
	}
	if q.complete() && !q.heard.IsZero() {
		ready = append(ready, message{heard: q.heard})
	}
	return ready, nil
}
