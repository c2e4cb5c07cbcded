package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
)

// An arrival is a publish response, and up to when the server has told
// everything with it; or the end of them.
type arrival struct {
	*ua.PublishResponse
	at    time.Time // when it came
	heard time.Time
	gone  error // why there is no response
}

// arrived makes an arrival of a response that came at now.
func (sub *subscription) arrived(resp *ua.PublishResponse, now time.Time) arrival {
	return arrival{PublishResponse: resp, at: now, heard: sub.heard(resp, now)}
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
	var ready []message
	for _, a := range sub.early {
		ready = append(ready, sub.arrive(q, a)...)
	}
	for {
		for _, m := range ready {
			if !sub.queue.putBounded(ctx, m) {
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
		sub.numbering.message(msg.SequenceNumber)
		return q.add(message{seq: msg.SequenceNumber, at: a.at, data: msg.NotificationData, more: a.MoreNotifications, published: msg.PublishTime, heard: a.heard})
	}
	sub.numbering.keepAlive(msg.SequenceNumber)
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
	if !errors.Is(err, errKnown) {
		sub.tellLost(n, err)
	}
	ready := q.giveUp(n)
	if sub.feed != nil { // it must know where in their order
		ready = slices.Insert(ready, 0, message{lost: true})
	}
	return ready
}

// tellLost notes that a message is lost, and what that means for values.
func (sub *subscription) tellLost(n uint32, err error) {
	s := sub.session.source
	s.metrics.lost.Inc()
	s.log.Warn("notification is lost", "sequence_number", n, "err", err)
	if sub.numbering.lost(n) {
		s.history.lose(sub.items.points)
		sub.miss()
	}
}

// recover asks for the messages that are missing and gives up those that the
// server no longer has. It returns what is then ready. Once nothing is missing,
// what arrived says up to when all is told, so that a server that numbers its
// keep-alives is not taken for silent.
func (sub *subscription) recover(ctx context.Context, q *sequence) ([]message, error) {
	s := sub.session.source
	var ready []message
	for _, n := range q.missing() {
		resp, err := sub.askAgain(ctx, n)
		switch {
		case ctx.Err() != nil:
			return nil, nil
		case fatal(err):
			return nil, fmt.Errorf("session lost: %w", err)
		case err == nil && resp.NotificationMessage != nil:
			s.metrics.republished.Inc()
			sub.numbering.message(n)
			msg := resp.NotificationMessage
			ready = append(ready, q.recovered(message{seq: n, at: time.Now(), data: msg.NotificationData, published: msg.PublishTime})...)
		case refusedForNow(err) && q.waitFor(n, time.Now()):
			return ready, nil // it stays missing, and is asked for again
		default:
			ready = append(ready, sub.lose(q, n, err)...)
			if sub.continued { // a new one begins with the present values
				return append(ready, message{gone: fmt.Errorf("%w: %w", errStale, err)}), nil
			}
		}
	}
	if q.complete() && !q.heard.IsZero() {
		ready = append(ready, message{heard: q.heard})
	}
	return ready, nil
}
