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
