package opcuatest

import "github.com/gopcua/opcua/ua"

// publish takes a publish request and its acknowledgements.
func (s *Server) publish(x *session, p pending) ua.StatusCode {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.PublishRequests++
	found := false
	for _, sub := range s.subs {
		if sub.session == x {
			found = true
			defer notify(sub.wake)
		}
	}
	if !found {
		return ua.StatusBadNoSubscription
	}
	if limit := s.opts.Limits.Publish; limit > 0 && len(x.publish) >= int(limit) {
		return ua.StatusBadTooManyPublishRequests
	}
	for _, a := range p.request.SubscriptionAcknowledgements {
		p.results = append(p.results, s.acknowledgeLocked(x, a))
	}
	x.publish = append(x.publish, p)
	return ua.StatusOK
}

func (s *Server) acknowledgeLocked(x *session, a *ua.SubscriptionAcknowledgement) ua.StatusCode {
	sub := s.subs[a.SubscriptionID]
	if sub == nil || sub.session != x {
		return ua.StatusBadSubscriptionIDInvalid
	}
	if sub.sent[a.SequenceNumber] == nil {
		return ua.StatusBadSequenceNumberUnknown
	}
	delete(sub.sent, a.SequenceNumber)
	s.counts.Acknowledged++
	return ua.StatusOK
}

func (s *Server) republish(x *session, r *ua.RepublishRequest) (ua.Response, ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subs[r.SubscriptionID]
	if sub == nil || sub.session != x {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	msg := sub.sent[r.RetransmitSequenceNumber]
	if msg == nil {
		return nil, ua.StatusBadMessageNotAvailable
	}
	s.counts.Republished++
	return &ua.RepublishResponse{ResponseHeader: ok(r), NotificationMessage: msg}, ua.StatusOK
}

// notify wakes a goroutine that may be awake already.
func notify(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// transfer moves subscriptions to session x (OPC 10000-4, 5.14.7).
func (s *Server) transfer(x *session, r *ua.TransferSubscriptionsRequest) ua.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]*ua.TransferResult, len(r.SubscriptionIDs))
	for i, id := range r.SubscriptionIDs {
		sub := s.subs[id]
		if sub == nil {
			results[i] = &ua.TransferResult{StatusCode: ua.StatusBadSubscriptionIDInvalid}
			continue
		}
		sub.session = x
		results[i] = &ua.TransferResult{AvailableSequenceNumbers: sub.available()}
		s.counts.Transferred++
		if r.SendInitialValues {
			s.sendInitialLocked(sub)
		}
	}
	return &ua.TransferSubscriptionsResponse{ResponseHeader: ok(r), Results: results}
}

// sendInitialLocked queues the present value of every item.
func (s *Server) sendInitialLocked(sub *subscription) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	for _, it := range sub.items {
		sub.mu.Lock()
		idle := len(it.queue) == 0
		if idle {
			it.last = nil
		}
		sub.mu.Unlock()
		if idle {
			it.offer(it.variable.value)
		}
	}
}

// Unacknowledged returns how many notifications the server still keeps.
func (s *Server) Unacknowledged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, sub := range s.subs {
		n += len(sub.sent)
	}
	return n
}
