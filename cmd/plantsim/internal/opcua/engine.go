package opcua

import (
	"sync"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"
)

// maxPublish is how many publish requests a session may have waiting.
const maxPublish = 100

// An engine serves subscriptions (OPC 10000-4, 5.13 and 5.14) in place of the
// library's, which keeps one value per item and publishing cycle: here each
// item has the queue that its client asked for, messages wait to be
// acknowledged and can be published again, and a subscription outlives its
// connection.
//
// The lock of the space guards everything in it, so that no change falls
// between reading a node and monitoring it.
type engine struct {
	srv   *server.Server
	space *space
	now   func() time.Time
	stop  chan struct{} // closed when the server closes

	subs     map[uint32]*subscription
	waiting  map[string][]*publishRequest // by session
	items    map[string][]*item           // by identifier of the node
	order    uint64                       // of the last value queued
	closed   map[string]bool              // sessions
	lastSub  uint32
	lastItem uint32

	subscribed     chan struct{} // closed with the first monitored item
	subscribedOnce sync.Once

	wg sync.WaitGroup // one goroutine for each subscription
}

// A publishRequest is answered when there is something to tell.
type publishRequest struct {
	channel *uasc.SecureChannel
	id      uint32
	handle  uint32
	results []ua.StatusCode // of its acknowledgements
	expires time.Time       // zero: never
}

func newEngine(srv *server.Server, s *space, now func() time.Time) *engine {
	if now == nil {
		now = time.Now
	}
	return &engine{srv: srv, space: s, now: now, stop: make(chan struct{}), subs: map[uint32]*subscription{}, waiting: map[string][]*publishRequest{},
		closed: map[string]bool{}, items: map[string][]*item{}, subscribed: make(chan struct{})}
}

// close ends every subscription. Connections must have been cut before, so
// that no goroutine hangs in a send.
func (e *engine) close() {
	close(e.stop)
	e.wg.Wait()
}

// register puts the engine's handlers before those of the library.
func (e *engine) register() {
	handlers := map[uint16]server.Handler{
		id.CloseSessionRequest_Encoding_DefaultBinary:          e.closeSession,
		id.CreateSubscriptionRequest_Encoding_DefaultBinary:    e.createSubscription,
		id.ModifySubscriptionRequest_Encoding_DefaultBinary:    e.modifySubscription,
		id.SetPublishingModeRequest_Encoding_DefaultBinary:     e.setPublishingMode,
		id.DeleteSubscriptionsRequest_Encoding_DefaultBinary:   e.deleteSubscriptions,
		id.TransferSubscriptionsRequest_Encoding_DefaultBinary: e.transferSubscriptions,
		id.PublishRequest_Encoding_DefaultBinary:               e.publish,
		id.RepublishRequest_Encoding_DefaultBinary:             e.republish,
		id.CreateMonitoredItemsRequest_Encoding_DefaultBinary:  e.createItems,
		id.ModifyMonitoredItemsRequest_Encoding_DefaultBinary:  e.modifyItems,
		id.SetMonitoringModeRequest_Encoding_DefaultBinary:     e.setMonitoringMode,
		id.DeleteMonitoredItemsRequest_Encoding_DefaultBinary:  e.deleteItems,
	}
	for typ, h := range handlers {
		e.srv.RegisterHandler(typ, e.inSession(h))
	}
}

// inSession lets only requests of a living session through.
func (e *engine) inSession(h server.Handler) server.Handler {
	return func(sc *uasc.SecureChannel, r ua.Request, reqID uint32) (ua.Response, error) {
		if e.srv.Session(r.Header()) == nil {
			return nil, ua.StatusBadSessionIDInvalid
		}
		e.space.mu.Lock()
		defer e.space.mu.Unlock()
		if e.closed[sessionKey(r)] {
			return nil, ua.StatusBadSessionClosed
		}
		return h(sc, r, reqID)
	}
}

// write changes nodes and queues the values for whoever monitors them.
func (e *engine) write(values []Value) {
	e.space.mu.Lock()
	defer e.space.mu.Unlock()
	for _, v := range values {
		n := e.space.nodes[v.Signal.Node]
		n.value = v.dataValue()
		e.order++
		for _, it := range e.items[n.id.StringID()] {
			it.offer(n.value, e.order)
		}
	}
}

// patience is how long a subscription may be without a publish request before
// nobody waits for its client any more.
const patience = time.Second

// idle reports whether every value queued for clients that still ask has been
// sent.
func (e *engine) idle() bool {
	e.space.mu.Lock()
	defer e.space.mu.Unlock()
	for _, s := range e.subs {
		gone := s.late && time.Since(s.asked) > patience
		if !gone && (s.unsent != nil || s.hasValues()) {
			return false
		}
	}
	return true
}

// publish takes a publish request in; a subscription answers it later.
func (e *engine) publish(sc *uasc.SecureChannel, r ua.Request, reqID uint32) (ua.Response, error) {
	req, ok := r.(*ua.PublishRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	session := sessionKey(req)
	p := &publishRequest{channel: sc, id: reqID, handle: req.RequestHeader.RequestHandle}
	if hint := req.RequestHeader.TimeoutHint; hint > 0 {
		p.expires = time.Now().Add(time.Duration(hint) * time.Millisecond)
	}
	for _, ack := range req.SubscriptionAcknowledgements {
		p.results = append(p.results, e.acknowledge(session, ack))
	}
	if !e.hasSubscription(session) {
		return nil, ua.StatusBadNoSubscription
	}
	if len(e.waiting[session]) >= maxPublish {
		return nil, ua.StatusBadTooManyPublishRequests
	}
	e.waiting[session] = append(e.waiting[session], p)
	for _, s := range e.subs {
		if s.session != session {
			continue
		}
		s.asked = time.Now()
		if s.late {
			s.wake()
		}
	}
	return nil, nil
}

// take returns the session's oldest publish request that has not expired.
func (e *engine) take(session string) *publishRequest {
	now := time.Now()
	for queue := e.waiting[session]; len(queue) > 0; queue = queue[1:] {
		if p := queue[0]; p.expires.IsZero() || now.Before(p.expires) {
			e.waiting[session] = queue[1:]
			return p
		}
	}
	delete(e.waiting, session)
	return nil
}

func (e *engine) hasSubscription(session string) bool {
	for _, s := range e.subs {
		if s.session == session {
			return true
		}
	}
	return false
}

func (e *engine) acknowledge(session string, ack *ua.SubscriptionAcknowledgement) ua.StatusCode {
	s := e.subs[ack.SubscriptionID]
	if s == nil || s.session != session {
		return ua.StatusBadSubscriptionIDInvalid
	}
	if !s.forget(ack.SequenceNumber) {
		return ua.StatusBadSequenceNumberUnknown
	}
	return ua.StatusOK
}

// remove ends a subscription and its items.
func (e *engine) remove(s *subscription) {
	delete(e.subs, s.id)
	for _, it := range s.items {
		e.unwatch(it)
	}
	s.items = nil
	close(s.removed)
}

func (e *engine) unwatch(it *item) {
	key := it.nodeID.StringID()
	for i, other := range e.items[key] {
		if other == it {
			e.items[key] = append(e.items[key][:i:i], e.items[key][i+1:]...)
			return
		}
	}
}

func sessionKey(r ua.Request) string { return r.Header().AuthenticationToken.String() }

func header(r ua.Request) *ua.ResponseHeader {
	return &ua.ResponseHeader{
		Timestamp:          time.Now(),
		RequestHandle:      r.Header().RequestHandle,
		ServiceResult:      ua.StatusOK,
		ServiceDiagnostics: &ua.DiagnosticInfo{},
		StringTable:        []string{},
		AdditionalHeader:   ua.NewExtensionObject(nil),
	}
}
