package opcuatest

import "github.com/gopcua/opcua/ua"

// EndSubscriptions ends every subscription, as at the end of its lifetime:
// what its queues hold is sent, then a StatusChangeNotification with status,
// and publish requests that are left over are refused. It does not wait for
// that. A subscription without a publish request ends with the next one.
func (s *Server) EndSubscriptions(status ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		sub.ending = status
		sub.late = true
		notify(sub.wake)
	}
}

// EndSubscription is EndSubscriptions for those alone that monitor the variable
// that Add made by that name.
func (s *Server) EndSubscription(name string, status ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.monitoringLocked(name) {
		sub.ending = status
		sub.late = true
		notify(sub.wake)
	}
}

// ForgetSubscription deletes the subscriptions that monitor a variable without
// telling anybody, as servers do that were made to.
func (s *Server) ForgetSubscription(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.monitoringLocked(name) {
		s.deleteSubscriptionLocked(sub.id)
	}
}

func (s *Server) monitoringLocked(name string) map[*subscription]bool {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	subs := map[*subscription]bool{}
	if v := s.space.vars[name]; v != nil {
		for _, it := range v.items {
			subs[it.sub] = true
		}
	}
	return subs
}

// endLocked ends the subscription, and returns the message that says so and
// the request that it answers.
func (sub *subscription) endLocked() (pending, *ua.PublishResponse) {
	x := sub.session
	p := x.publish[0]
	x.publish = x.publish[1:]
	o := ua.NewExtensionObject(&ua.StatusChangeNotification{Status: sub.ending, DiagnosticInfo: &ua.DiagnosticInfo{}})
	s := sub.server
	h := ok(p.request)
	h.Timestamp = s.opts.clock()
	s.deleteSubscriptionLocked(sub.id)
	return p, &ua.PublishResponse{
		ResponseHeader:           h,
		SubscriptionID:           sub.id,
		AvailableSequenceNumbers: []uint32{},
		NotificationMessage: &ua.NotificationMessage{
			SequenceNumber: sub.seq, PublishTime: s.opts.published(), NotificationData: []*ua.ExtensionObject{o},
		},
		Results: p.results,
	}
}
