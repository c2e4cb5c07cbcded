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
		case sub.arrivals <- arrival{resp, sub.heard(resp, time.Now())}:
		case <-ctx.Done():
		}
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
// everything with it.
type arrival struct {
	*ua.PublishResponse
	heard time.Time
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
			s.metrics.lost.Inc()
			s.log.Warn("notification is lost", "sequence_number", n, "err", err)
			ready = append(ready, q.giveUp(n)...)
		}
	}
	if q.complete() && !q.heard.IsZero() {
		ready = append(ready, message{heard: q.heard})
	}
	return ready, nil
}
