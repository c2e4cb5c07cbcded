package opcuatest

import "github.com/gopcua/opcua/ua"

// bounded returns a response as it is, or why it cannot be sent: its message has
// more notifications than the server bears.
func (c *conn) bounded(resp ua.Response, status ua.StatusCode) (ua.Response, ua.StatusCode) {
	limit := int(c.server.opts.Limits.Notifications)
	if limit == 0 || notifications(resp) <= limit {
		return resp, status
	}
	if c.server.opts.HangsUp {
		c.tcp.Close()
	}
	return nil, ua.StatusBadResponseTooLarge
}

// notifications returns how many values a response has.
func notifications(resp ua.Response) int {
	var msg *ua.NotificationMessage
	switch r := resp.(type) {
	case *ua.PublishResponse:
		msg = r.NotificationMessage
	case *ua.RepublishResponse:
		msg = r.NotificationMessage
	}
	if msg == nil {
		return 0
	}
	n := 0
	for _, o := range msg.NotificationData {
		if d, ok := o.Value.(*ua.DataChangeNotification); ok {
			n += len(d.MonitoredItems)
		}
	}
	return n
}

// modifySubscription changes how many notifications one message may have, and
// nothing else of a subscription (OPC 10000-4, 5.14.3).
func (s *Server) modifySubscription(x *session, r *ua.ModifySubscriptionRequest) (ua.Response, ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subs[r.SubscriptionID]
	if sub == nil || sub.session != x {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	sub.most = r.MaxNotificationsPerPublish
	return &ua.ModifySubscriptionResponse{
		ResponseHeader:            ok(r),
		RevisedPublishingInterval: float64(sub.interval) / 1e6,
		RevisedLifetimeCount:      sub.lifetime,
		RevisedMaxKeepAliveCount:  sub.keepAlive,
	}, ua.StatusOK
}
