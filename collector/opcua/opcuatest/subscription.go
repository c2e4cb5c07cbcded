package opcuatest

import (
	"slices"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
)

// maxSent bounds the messages kept for Republish, as real servers do.
const maxSent = 100

// A pending is a publish request that waits for its answer.
type pending struct {
	conn    *conn
	id      uint32
	request *ua.PublishRequest
	results []ua.StatusCode // of its acknowledgements
}

// A subscription follows the state machine of OPC 10000-4, 5.14.1.
type subscription struct {
	server    *Server
	session   *session
	id        uint32
	interval  time.Duration
	keepAlive uint32 // publishing cycles
	lifetime  uint32 // publishing cycles
	most      uint32 // notifications in one message
	stop      chan struct{}
	wake      chan struct{} // a publish request came in

	// Server.mu guards these.
	items      map[uint32]*item
	eventItems map[uint32]*eventItem
	events     []queuedEvent // not yet sent
	sent       map[uint32]*ua.NotificationMessage
	seq        uint32        // of the next message
	late       bool          // a message is due
	idle       uint32        // cycles since the last message
	alone      uint32        // cycles without a publish request
	ending     ua.StatusCode // why it ends once all is sent, 0 when it does not
	// Messages to send again.
	repeats []repeat

	mu    sync.Mutex // guards ready and the items' queues
	ready []*item    // those with something queued, in order
}

func (s *Server) createSubscription(x *session, r *ua.CreateSubscriptionRequest) ua.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	sub := &subscription{
		server: s, session: x, id: s.nextID,
		interval:  max(time.Duration(r.RequestedPublishingInterval*float64(time.Millisecond)), 5*time.Millisecond),
		keepAlive: max(r.RequestedMaxKeepAliveCount, 1),
		most:      r.MaxNotificationsPerPublish,
		stop:      make(chan struct{}),
		wake:      make(chan struct{}, 1),
		items:     map[uint32]*item{},
		sent:      map[uint32]*ua.NotificationMessage{},
		seq:       1,
	}
	sub.lifetime = max(r.RequestedLifetimeCount, 3*sub.keepAlive)
	sub.idle = sub.keepAlive // the first cycle always sends
	s.subs[sub.id] = sub
	if s.closed {
		sub.stopLocked()
	}
	s.wg.Go(sub.run)
	return &ua.CreateSubscriptionResponse{
		ResponseHeader:            ok(r),
		SubscriptionID:            sub.id,
		RevisedPublishingInterval: float64(sub.interval) / float64(time.Millisecond),
		RevisedLifetimeCount:      sub.lifetime,
		RevisedMaxKeepAliveCount:  sub.keepAlive,
	}
}

// stopLocked ends the subscription's goroutine.
func (sub *subscription) stopLocked() {
	select {
	case <-sub.stop:
	default:
		close(sub.stop)
	}
}

func (s *Server) deleteSubscriptions(x *session, r *ua.DeleteSubscriptionsRequest) ua.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]ua.StatusCode, len(r.SubscriptionIDs))
	for i, id := range r.SubscriptionIDs {
		if sub := s.subs[id]; sub == nil || sub.session != x {
			results[i] = ua.StatusBadSubscriptionIDInvalid
			continue
		}
		s.deleteSubscriptionLocked(id)
	}
	return &ua.DeleteSubscriptionsResponse{ResponseHeader: ok(r), Results: results}
}

func (s *Server) deleteSubscriptionLocked(id uint32) {
	sub := s.subs[id]
	delete(s.subs, id)
	sub.stopLocked()
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	for _, it := range sub.items {
		it.unlink()
	}
	// Publish requests that no subscription can answer any more go back.
	for _, other := range s.subs {
		if other.session == sub.session {
			return
		}
	}
	s.refuseLocked(sub.session, ua.StatusBadNoSubscription)
}

// refuseLocked answers all publish requests that wait in a session with a
// fault.
func (s *Server) refuseLocked(x *session, status ua.StatusCode) {
	for _, p := range x.publish {
		s.wg.Go(func() {
			p.conn.send(p.id, &ua.ServiceFault{ResponseHeader: header(p.request.RequestHeader.RequestHandle, status)})
		})
	}
	x.publish = nil
}

// run is the publishing timer.
func (sub *subscription) run() {
	tick := time.NewTicker(sub.interval)
	defer tick.Stop()
	for {
		select {
		case <-sub.stop:
			return
		case <-tick.C:
			sub.tick()
		case <-sub.wake:
		}
		for sub.sendOne() {
		}
	}
}

// tick notes that a publishing cycle is over.
func (sub *subscription) tick() {
	s := sub.server
	s.mu.Lock()
	defer s.mu.Unlock()
	sub.idle++
	if sub.hasData() || len(sub.events) > 0 || sub.idle >= sub.keepAlive {
		sub.late = true
	}
	if len(sub.session.publish) > 0 {
		sub.alone = 0
	} else if sub.alone++; sub.alone > sub.lifetime && s.subs[sub.id] == sub {
		s.deleteSubscriptionLocked(sub.id)
	}
}

// sendOne sends a message that is due and reports whether another may be.
func (sub *subscription) sendOne() bool {
	p, resp := sub.next()
	if resp == nil {
		return false
	}
	if answer, status := p.conn.bounded(resp, ua.StatusOK); answer != nil {
		p.conn.send(p.id, answer)
	} else {
		p.conn.send(p.id, &ua.ServiceFault{ResponseHeader: header(p.request.RequestHeader.RequestHandle, status)})
	}
	return true
}

// next builds the message that is due, nil when none is or no publish request
// waits.
func (sub *subscription) next() (pending, *ua.PublishResponse) {
	s := sub.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, resp := sub.nextRepeat(); resp != nil {
		return p, resp
	}
	x := sub.session
	for sub.late && len(x.publish) > 0 && s.subs[sub.id] == sub && !s.frozen && !s.mute {
		data, more := sub.take()
		events, moreEvents := sub.takeEventsLocked(int(sub.most))
		more = more || moreEvents
		if sub.ending != ua.StatusOK {
			if more = true; len(data)+len(events) == 0 {
				return sub.endLocked()
			}
		}
		sub.late, sub.idle = more, 0
		msg := sub.messageLocked(data, events)
		if len(msg.NotificationData) > 0 {
			sub.keep(msg)
			sub.repeatLater(msg)
			if s.dropNext > 0 {
				s.dropNext--
				continue
			}
		} else if s.opts.CountsKeepAlives {
			sub.advance()
		}
		p, resp := sub.answerLocked(msg, more)
		if s.loseNext > 0 {
			s.loseNext--
			continue
		}
		return p, resp
	}
	return pending{}, nil
}

// messageLocked makes the next message, a keep-alive of nothing.
func (sub *subscription) messageLocked(data []*ua.MonitoredItemNotification, events []*ua.EventFieldList) *ua.NotificationMessage {
	msg := &ua.NotificationMessage{SequenceNumber: sub.seq, PublishTime: sub.server.opts.published(), NotificationData: []*ua.ExtensionObject{}}
	if len(data) > 0 {
		msg.NotificationData = append(msg.NotificationData, ua.NewExtensionObject(&ua.DataChangeNotification{MonitoredItems: data}))
	}
	if len(events) > 0 {
		msg.NotificationData = append(msg.NotificationData, ua.NewExtensionObject(&ua.EventNotificationList{Events: events}))
	}
	return msg
}

// answerLocked takes the first publish request that waits, for msg.
func (sub *subscription) answerLocked(msg *ua.NotificationMessage, more bool) (pending, *ua.PublishResponse) {
	x := sub.session
	p := x.publish[0]
	x.publish = x.publish[1:]
	h := ok(p.request)
	h.Timestamp = sub.server.opts.clock()
	return p, &ua.PublishResponse{
		ResponseHeader:           h,
		SubscriptionID:           sub.id,
		AvailableSequenceNumbers: sub.available(),
		MoreNotifications:        more,
		NotificationMessage:      msg,
		Results:                  p.results,
	}
}

func (o Options) clock() time.Time {
	if o.Clock == nil {
		return time.Now()
	}
	return o.Clock()
}

func (o Options) published() time.Time {
	if o.Published == nil {
		return o.clock()
	}
	return o.Published()
}

// keep stores msg for Republish and advances the sequence number.
func (sub *subscription) keep(msg *ua.NotificationMessage) {
	sub.sent[msg.SequenceNumber] = msg
	if len(sub.sent) > maxSent {
		delete(sub.sent, slices.Min(sub.available()))
	}
	sub.advance()
}

func (sub *subscription) advance() {
	if sub.seq++; sub.seq == 0 {
		sub.seq = 1
	}
}

func (sub *subscription) available() []uint32 {
	seqs := make([]uint32, 0, len(sub.sent))
	for seq := range sub.sent {
		seqs = append(seqs, seq)
	}
	slices.Sort(seqs)
	return seqs
}
