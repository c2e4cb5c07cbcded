package opcua

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
)

// mostAsks is how often a message is asked for again on which connections were
// lost. One that is too large would come again and again.
const mostAsks = 3

// oversized reports whether an answer was too large to come.
func oversized(err error) bool {
	return slices.Contains([]ua.StatusCode{
		ua.StatusBadResponseTooLarge, ua.StatusBadEncodingLimitsExceeded, ua.StatusBadTCPMessageTooLarge,
	}, channel.TooLarge(err))
}

// lessen has messages be smaller, after one was too large that was asked for
// when they had up to so many notifications.
func (p *publishing) lessen(ctx context.Context, most int) {
	p.session.limits.shrinkMessages(most)
	p.adjust(ctx)
}

// adjust tells the server how large messages are to be of subscriptions that
// were asked for with another size. What it refuses is tried again when the next
// one is too large, or in the next session.
func (p *publishing) adjust(ctx context.Context) {
	p.adjusting.Lock()
	defer p.adjusting.Unlock()
	most := p.session.limits.messages()
	p.mu.Lock()
	var list []*subscription
	for _, sub := range p.subs {
		if sub.most != most {
			list = append(list, sub)
		}
	}
	p.mu.Unlock()
	for _, sub := range list {
		_, err := call[*ua.ModifySubscriptionResponse](ctx, p.session, sub.modification(most))
		if err != nil {
			p.session.source.log.Warn("how large messages are to be cannot be changed", "notifications", most, "err", err)
			continue
		}
		if most < sub.most {
			p.session.source.log.Warn("a message was too large, the server is to send smaller ones", "notifications", most)
		} else {
			p.session.source.log.Info("connections hold again, the server may send larger messages", "notifications", most)
		}
		sub.most = most
	}
}

// modification asks for messages of up to so many notifications, and else for
// what the subscription was asked for.
func (sub *subscription) modification(most int) *ua.ModifySubscriptionRequest {
	t := sub.session.source.subscribers[sub.place].times()
	return &ua.ModifySubscriptionRequest{
		SubscriptionID:              sub.id,
		RequestedPublishingInterval: t.interval,
		RequestedLifetimeCount:      t.lifetime,
		RequestedMaxKeepAliveCount:  t.keepAlives,
		MaxNotificationsPerPublish:  uint32(most),
	}
}

// times are those that a server is asked for.
type times struct {
	interval             float64 // in milliseconds
	lifetime, keepAlives uint32  // in intervals
}

func (r *subscriber) times() times {
	interval, keepAlive := r.interval, r.keepAlive()
	return times{
		interval:   float64(interval) / float64(time.Millisecond),
		lifetime:   uint32(max(r.source.config.KeepFor, lifetime*keepAlive) / interval),
		keepAlives: uint32(keepAlive / interval),
	}
}

var (
	// errHungUp is why a message is lost that is asked for no more.
	errHungUp = errors.New("each time that it was asked for, the connection was lost")
	// errKnown is why it is lost in later sessions, which were told.
	errKnown = errors.New("lost before")
)

// askAgain asks the server to send a message again.
func (sub *subscription) askAgain(ctx context.Context, n uint32) (*ua.RepublishResponse, error) {
	vain := &sub.session.source.subscribers[sub.place].vain
	if err := vain.again(sub.id, n); err != nil {
		sub.numbering.message(n)
		return nil, err
	}
	resp, err := call[*ua.RepublishResponse](ctx, sub.session, &ua.RepublishRequest{SubscriptionID: sub.id, RetransmitSequenceNumber: n})
	if err == nil || isFault(err) && !fatal(err) {
		delete(vain.times, n)
	}
	if oversized(err) {
		sub.numbering.message(n) // there is one: it is no keep-alive's number
	}
	return resp, err
}

// A vain counts how often messages of one subscription were asked for again
// without any answer, over sessions. It is of one goroutine at a time.
type vain struct {
	subscription uint32
	times        map[uint32]int // by sequence number
}

// again notes that a message is asked for. It returns an error when it is lost
// instead.
func (v *vain) again(subscription, seq uint32) error {
	if v.times == nil || v.subscription != subscription || len(v.times) >= maxGap {
		*v = vain{subscription, map[uint32]int{}}
	}
	v.times[seq]++
	switch n := v.times[seq]; {
	case n <= mostAsks:
		return nil
	case n == mostAsks+1:
		return errHungUp
	}
	return errKnown
}

// servesAny reports whether a server has a subscription and all of its items.
func (s *Source) servesAny() bool {
	for _, r := range s.subscribers {
		if sub := r.leaves(); sub != nil && (sub.resumed || sub.ready.Load()) {
			return true
		}
	}
	return false
}

// shrinkMessages halves what one message may have after one of up to n
// notifications was too large. Below a few it is single values that are.
func (l *limits) shrinkMessages(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.message = min(l.message, max(n/2, leastBatch))
}

// messages returns how many notifications one message may have.
func (l *limits) messages() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return min(l.message, l.caution.most)
}
