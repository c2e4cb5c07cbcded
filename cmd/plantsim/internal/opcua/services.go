package opcua

import (
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"
)

// The handlers below run one at a time with the space locked.

func (e *engine) createSubscription(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.CreateSubscriptionRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	e.lastSub++
	s := &subscription{id: e.lastSub, session: sessionKey(req), enabled: req.PublishingEnabled,
		woken: make(chan struct{}, 1), reset: make(chan struct{}, 1), removed: make(chan struct{})}
	s.revise(req.RequestedPublishingInterval, req.RequestedLifetimeCount, req.RequestedMaxKeepAliveCount, req.MaxNotificationsPerPublish)
	s.quiet = s.keepAlive // the first cycle shows that the subscription works
	e.subs[s.id] = s
	interval := s.interval
	e.wg.Go(func() { e.run(s, interval) })
	return &ua.CreateSubscriptionResponse{ResponseHeader: header(req), SubscriptionID: s.id,
		RevisedPublishingInterval: millis(s.interval), RevisedLifetimeCount: s.lifetime,
		RevisedMaxKeepAliveCount: s.keepAlive}, nil
}

func (e *engine) modifySubscription(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.ModifySubscriptionRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	s := e.own(req, req.SubscriptionID)
	if s == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	s.revise(req.RequestedPublishingInterval, req.RequestedLifetimeCount, req.RequestedMaxKeepAliveCount, req.MaxNotificationsPerPublish)
	select {
	case s.reset <- struct{}{}:
	default:
	}
	return &ua.ModifySubscriptionResponse{ResponseHeader: header(req), RevisedPublishingInterval: millis(s.interval),
		RevisedLifetimeCount: s.lifetime, RevisedMaxKeepAliveCount: s.keepAlive}, nil
}

func (e *engine) setPublishingMode(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.SetPublishingModeRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	results := e.each(req, req.SubscriptionIDs, func(s *subscription) { s.enabled = req.PublishingEnabled })
	return &ua.SetPublishingModeResponse{ResponseHeader: header(req), Results: results,
		DiagnosticInfos: []*ua.DiagnosticInfo{}}, nil
}

func (e *engine) deleteSubscriptions(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.DeleteSubscriptionsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	results := e.each(req, req.SubscriptionIDs, e.remove)
	return &ua.DeleteSubscriptionsResponse{ResponseHeader: header(req), Results: results,
		DiagnosticInfos: []*ua.DiagnosticInfo{}}, nil
}

// closeSession ends a session in place of the library's, which knows nothing
// of the subscriptions here. They stay when the client says so.
func (e *engine) closeSession(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.CloseSessionRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	key := sessionKey(req)
	for _, s := range e.subs {
		switch {
		case s.session != key:
		case req.DeleteSubscriptions:
			e.remove(s)
		default:
			s.session = ""
		}
	}
	delete(e.waiting, key)
	e.closed[key] = true
	return &ua.CloseSessionResponse{ResponseHeader: header(req)}, nil
}

// transferSubscriptions hands subscriptions to the session that asks, such as
// that of a client which lost its connection and its session.
func (e *engine) transferSubscriptions(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.TransferSubscriptionsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	resp := &ua.TransferSubscriptionsResponse{ResponseHeader: header(req), DiagnosticInfos: []*ua.DiagnosticInfo{}}
	for _, id := range req.SubscriptionIDs {
		s := e.subs[id]
		if s == nil {
			resp.Results = append(resp.Results, &ua.TransferResult{StatusCode: ua.StatusBadSubscriptionIDInvalid,
				AvailableSequenceNumbers: []uint32{}})
			continue
		}
		s.session, s.alone = sessionKey(req), 0
		for _, it := range s.items {
			if req.SendInitialValues && len(it.queue) == 0 {
				e.initial(it)
			}
		}
		resp.Results = append(resp.Results, &ua.TransferResult{AvailableSequenceNumbers: s.available()})
	}
	return resp, nil
}

func (e *engine) republish(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.RepublishRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	s := e.own(req, req.SubscriptionID)
	if s == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	for _, m := range s.sent {
		if m.SequenceNumber == req.RetransmitSequenceNumber {
			return &ua.RepublishResponse{ResponseHeader: header(req), NotificationMessage: m}, nil
		}
	}
	return nil, ua.StatusBadMessageNotAvailable
}

func (e *engine) createItems(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.CreateMonitoredItemsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	s := e.own(req, req.SubscriptionID)
	if s == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	resp := &ua.CreateMonitoredItemsResponse{ResponseHeader: header(req), DiagnosticInfos: []*ua.DiagnosticInfo{}}
	for _, c := range req.ItemsToCreate {
		resp.Results = append(resp.Results, e.createItem(s, c, req.TimestampsToReturn))
	}
	return resp, nil
}

func (e *engine) createItem(s *subscription, c *ua.MonitoredItemCreateRequest, stamps ua.TimestampsToReturn) *ua.MonitoredItemCreateResult {
	it := &item{sub: s, nodeID: c.ItemToMonitor.NodeID, mode: c.MonitoringMode, timestamp: stamps}
	status := it.set(c.RequestedParameters)
	switch {
	case it.nodeID == nil:
		status = ua.StatusBadNodeIDInvalid
	case c.ItemToMonitor.AttributeID != ua.AttributeIDValue:
		status = ua.StatusBadAttributeIDInvalid
	case e.space.find(it.nodeID) != nil && e.space.find(it.nodeID).signal == nil:
		status = ua.StatusBadAttributeIDInvalid // a folder has no value
	case e.read(it.nodeID).Status == ua.StatusBadNodeIDUnknown:
		status = ua.StatusBadNodeIDUnknown
	}
	if status != ua.StatusOK {
		return &ua.MonitoredItemCreateResult{StatusCode: status, FilterResult: ua.NewExtensionObject(nil)}
	}
	e.lastItem++
	it.id, it.polled = e.lastItem, e.space.find(it.nodeID) == nil
	s.items = append(s.items, it)
	if !it.polled {
		key := it.nodeID.StringID()
		e.items[key] = append(e.items[key], it)
		e.subscribedOnce.Do(func() { close(e.subscribed) })
	}
	e.initial(it)
	return &ua.MonitoredItemCreateResult{MonitoredItemID: it.id, RevisedSamplingInterval: millis(samplingInterval),
		RevisedQueueSize: uint32(it.size), FilterResult: ua.NewExtensionObject(nil)}
}

// initial queues the present value, whatever it was before.
func (e *engine) initial(it *item) {
	it.last = nil
	e.order++
	it.offer(e.read(it.nodeID), e.order)
}

func (e *engine) modifyItems(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.ModifyMonitoredItemsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	s := e.own(req, req.SubscriptionID)
	if s == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	resp := &ua.ModifyMonitoredItemsResponse{ResponseHeader: header(req), DiagnosticInfos: []*ua.DiagnosticInfo{}}
	for _, m := range req.ItemsToModify {
		res := &ua.MonitoredItemModifyResult{StatusCode: ua.StatusBadMonitoredItemIDInvalid, FilterResult: ua.NewExtensionObject(nil)}
		if it := s.item(m.MonitoredItemID); it != nil {
			it.timestamp = req.TimestampsToReturn
			res.StatusCode = it.set(m.RequestedParameters)
			res.RevisedSamplingInterval, res.RevisedQueueSize = millis(samplingInterval), uint32(it.size)
		}
		resp.Results = append(resp.Results, res)
	}
	return resp, nil
}

func (e *engine) setMonitoringMode(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.SetMonitoringModeRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	s := e.own(req, req.SubscriptionID)
	if s == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	results := s.each(req.MonitoredItemIDs, func(it *item) {
		was := it.mode
		if it.mode = req.MonitoringMode; it.mode == ua.MonitoringModeDisabled {
			it.queue = nil
		} else if was == ua.MonitoringModeDisabled {
			e.initial(it)
		}
	})
	return &ua.SetMonitoringModeResponse{ResponseHeader: header(req), Results: results,
		DiagnosticInfos: []*ua.DiagnosticInfo{}}, nil
}

func (e *engine) deleteItems(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.DeleteMonitoredItemsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	s := e.own(req, req.SubscriptionID)
	if s == nil {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	results := s.each(req.MonitoredItemIDs, func(it *item) {
		e.unwatch(it)
		s.items = slices.DeleteFunc(s.items, func(o *item) bool { return o == it })
	})
	return &ua.DeleteMonitoredItemsResponse{ResponseHeader: header(req), Results: results,
		DiagnosticInfos: []*ua.DiagnosticInfo{}}, nil
}

// own returns the subscription if it belongs to the session that asks.
func (e *engine) own(r ua.Request, id uint32) *subscription {
	if s := e.subs[id]; s != nil && s.session == sessionKey(r) {
		return s
	}
	return nil
}

func (e *engine) each(r ua.Request, ids []uint32, do func(*subscription)) []ua.StatusCode {
	results := make([]ua.StatusCode, len(ids))
	for i, id := range ids {
		results[i] = ua.StatusBadSubscriptionIDInvalid
		if s := e.own(r, id); s != nil {
			results[i] = ua.StatusOK
			do(s)
		}
	}
	return results
}

func (s *subscription) item(id uint32) *item {
	for _, it := range s.items {
		if it.id == id {
			return it
		}
	}
	return nil
}

func (s *subscription) each(ids []uint32, do func(*item)) []ua.StatusCode {
	results := make([]ua.StatusCode, len(ids))
	for i, id := range ids {
		results[i] = ua.StatusBadMonitoredItemIDInvalid
		if it := s.item(id); it != nil {
			results[i] = ua.StatusOK
			do(it)
		}
	}
	return results
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
