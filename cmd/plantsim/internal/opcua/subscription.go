package opcua

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
)

// Limits of what clients may ask for.
const (
	minInterval = 10 * time.Millisecond
	maxInterval = time.Hour
	// maxUnacknowledged bounds the messages kept to be published again.
	maxUnacknowledged = 1000
)

// A subscription publishes the values of its items. The space's lock guards
// it; its goroutine ends when removed is closed.
type subscription struct {
	id        uint32
	session   string // token of its session, "" when that is closed
	interval  time.Duration
	keepAlive uint32 // cycles without a value before one says so
	lifetime  uint32 // cycles without a publish request before it ends
	maxValues int    // in one message, 0 for any number
	enabled   bool
	items     []*item

	sequence uint32                    // of the last message
	unsent   *ua.NotificationMessage   // built, but could not be sent yet
	sent     []*ua.NotificationMessage // not acknowledged, oldest first
	quiet    uint32                    // cycles since the last message
	alone    uint32                    // cycles without a publish request
	late     bool                      // something to tell and no request to tell it with
	asked    time.Time                 // when the last publish request came

	woken   chan struct{} // 1: one wake-up is as good as many
	reset   chan struct{} // 1: the interval changed
	removed chan struct{}
}

func (s *subscription) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *subscription) hasValues() bool {
	return s.enabled && slices.ContainsFunc(s.items, func(it *item) bool {
		return it.mode == ua.MonitoringModeReporting && len(it.queue) > 0
	})
}

// revise takes what a client asks for within the limits.
func (s *subscription) revise(intervalMillis float64, lifetime, keepAlive, maxValues uint32) {
	s.interval = time.Duration(intervalMillis * float64(time.Millisecond))
	if !(intervalMillis >= 0 && intervalMillis <= float64(maxInterval.Milliseconds())) {
		s.interval = maxInterval
	}
	s.interval = max(s.interval, minInterval)
	s.keepAlive = min(max(keepAlive, 1), 10_000)
	s.lifetime = min(max(lifetime, 3*s.keepAlive), 1_000_000)
	s.maxValues = int(maxValues)
}

// run publishes until the subscription is removed or the server closes.
func (e *engine) run(s *subscription, interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-s.removed:
			return
		case <-s.reset:
			e.space.mu.Lock()
			tick.Reset(s.interval)
			e.space.mu.Unlock()
		case <-s.woken:
			e.send(s)
		case <-tick.C:
			if e.cycle(s) {
				e.send(s)
			}
		}
	}
}

// cycle counts one publishing cycle and reports whether there is something
// to tell.
func (e *engine) cycle(s *subscription) bool {
	e.space.mu.Lock()
	defer e.space.mu.Unlock()
	if e.subs[s.id] != s {
		return false
	}
	if s.alone++; len(e.waiting[s.session]) > 0 {
		s.alone = 0
	}
	if s.alone > s.lifetime {
		delete(e.waiting, s.session)
		e.remove(s)
		return false
	}
	e.poll(s)
	s.quiet++
	return s.unsent != nil || s.hasValues() || s.quiet >= s.keepAlive
}

// poll looks at the server's own nodes.
func (e *engine) poll(s *subscription) {
	for _, it := range s.items {
		if !it.polled {
			continue
		}
		e.order++
		it.offer(e.read(it.nodeID), e.order)
	}
}

// read returns the value of any node of the server; the space is locked.
func (e *engine) read(nid *ua.NodeID) *ua.DataValue {
	if n := e.space.find(nid); n != nil && n.signal != nil {
		return n.value
	}
	ns, err := e.srv.Namespace(int(nid.Namespace()))
	if err != nil || nid.Namespace() == e.space.ID() {
		return badValue(ua.StatusBadNodeIDUnknown)
	}
	return ns.Attribute(nid, ua.AttributeIDValue)
}

// send answers publish requests while there is something to tell.
func (e *engine) send(s *subscription) {
	for {
		e.space.mu.Lock()
		p, resp := e.next(s)
		e.space.mu.Unlock()
		if p == nil {
			return
		}
		err := p.channel.SendResponseWithContext(context.Background(), p.id, resp) // cut ends it
		e.space.mu.Lock()
		if err == nil {
			s.done(resp)
		}
		more := e.subs[s.id] == s && (s.unsent != nil || s.hasValues())
		e.space.mu.Unlock()
		if !more {
			return
		}
	}
}

// next returns a publish request and the answer to it, nil when there is
// none to answer.
func (e *engine) next(s *subscription) (*publishRequest, *ua.PublishResponse) {
	if e.subs[s.id] != s {
		return nil, nil
	}
	p := e.take(s.session)
	if s.late = p == nil; s.late {
		return nil, nil
	}
	if s.unsent == nil && s.hasValues() {
		s.unsent = s.message(e.now())
	}
	msg := s.unsent
	if msg == nil { // keep-alive: it tells the next number and does not use it
		msg = &ua.NotificationMessage{SequenceNumber: following(s.sequence), PublishTime: e.now(),
			NotificationData: []*ua.ExtensionObject{}}
	}
	resp := &ua.PublishResponse{
		ResponseHeader: &ua.ResponseHeader{Timestamp: time.Now(), RequestHandle: p.handle, ServiceResult: ua.StatusOK,
			ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{}, AdditionalHeader: ua.NewExtensionObject(nil)},
		SubscriptionID:           s.id,
		MoreNotifications:        s.hasValues(),
		NotificationMessage:      msg,
		AvailableSequenceNumbers: s.available(),
		Results:                  p.results,
		DiagnosticInfos:          []*ua.DiagnosticInfo{},
	}
	return p, resp
}

// done notes that resp was sent. What was sent is kept until acknowledged.
func (s *subscription) done(resp *ua.PublishResponse) {
	s.quiet = 0
	if s.unsent == resp.NotificationMessage && s.unsent != nil {
		s.sent = append(s.sent, s.unsent)
		if len(s.sent) > maxUnacknowledged {
			s.sent = s.sent[1:]
		}
		s.unsent = nil
	}
}

// message takes values out of the queues in the order of their change.
func (s *subscription) message(now time.Time) *ua.NotificationMessage {
	type entry struct {
		queued
		it *item
	}
	var all []entry
	for _, it := range s.items {
		if it.mode != ua.MonitoringModeReporting {
			continue
		}
		for _, q := range it.queue {
			all = append(all, entry{q, it})
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.order, b.order) })
	if s.maxValues > 0 && len(all) > s.maxValues {
		all = all[:s.maxValues]
	}
	data := &ua.DataChangeNotification{DiagnosticInfos: []*ua.DiagnosticInfo{}}
	for _, en := range all {
		en.it.queue = en.it.queue[1:]
		data.MonitoredItems = append(data.MonitoredItems,
			&ua.MonitoredItemNotification{ClientHandle: en.it.handle, Value: en.value})
	}
	s.sequence = following(s.sequence)
	return &ua.NotificationMessage{SequenceNumber: s.sequence, PublishTime: now,
		NotificationData: []*ua.ExtensionObject{ua.NewExtensionObject(data)}}
}

// following returns the sequence number after n; 0 is none.
func following(n uint32) uint32 { return max(n+1, 1) }

// available lists the messages that can be published again.
func (s *subscription) available() []uint32 {
	numbers := []uint32{}
	for _, m := range s.sent {
		numbers = append(numbers, m.SequenceNumber)
	}
	return numbers
}

// forget drops an acknowledged message.
func (s *subscription) forget(number uint32) bool {
	for i, m := range s.sent {
		if m.SequenceNumber == number {
			s.sent = append(s.sent[:i], s.sent[i+1:]...)
			return true
		}
	}
	return false
}
