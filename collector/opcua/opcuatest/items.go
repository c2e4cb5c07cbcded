package opcuatest

import (
	"math"
	"reflect"
	"slices"

	"github.com/gopcua/opcua/ua"
)

// maxQueue bounds what a client may ask for one item.
const maxQueue = 10_000

// statusOverflow marks a value after which others were lost: info type
// DataValue with the bit Overflow (OPC 10000-4, 7.39.1).
const statusOverflow = 0x0480

// An item monitors the value of one variable.
type item struct {
	sub      *subscription
	id       uint32
	handle   uint32
	variable *variable // nil for a node of the server itself
	deadband float64   // absolute, 0 for none
	newest   bool      // a full queue loses its newest value, not its oldest

	// subscription.mu guards these.
	queue []*ua.DataValue
	size  int
	last  *ua.DataValue
}

func (s *Server) createItems(x *session, r *ua.CreateMonitoredItemsRequest) (ua.Response, ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.LargestCreate = max(s.counts.LargestCreate, len(r.ItemsToCreate))
	sub := s.subs[r.SubscriptionID]
	switch limit := s.opts.Limits.MonitoredItems; {
	case sub == nil || sub.session != x:
		return nil, ua.StatusBadSubscriptionIDInvalid
	case len(r.ItemsToCreate) == 0:
		return nil, ua.StatusBadNothingToDo
	case limit > 0 && len(r.ItemsToCreate) > int(limit):
		return nil, ua.StatusBadTooManyOperations
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	results := make([]*ua.MonitoredItemCreateResult, len(r.ItemsToCreate))
	for i, req := range r.ItemsToCreate {
		if req.ItemToMonitor.AttributeID == ua.AttributeIDEventNotifier {
			results[i] = s.createEventItemLocked(sub, req)
		} else {
			results[i] = s.createItemLocked(sub, req)
		}
	}
	return &ua.CreateMonitoredItemsResponse{ResponseHeader: ok(r), Results: results}, ua.StatusOK
}

func (s *Server) createItemLocked(sub *subscription, r *ua.MonitoredItemCreateRequest) *ua.MonitoredItemCreateResult {
	result := &ua.MonitoredItemCreateResult{FilterResult: ua.NewExtensionObject(nil)}
	v := s.space.lookup(r.ItemToMonitor.NodeID)
	if v == nil {
		result.StatusCode = ua.StatusBadNodeIDUnknown
		return result
	}
	deadband, status := v.checkFilter(r.RequestedParameters.Filter)
	if v.access != ua.StatusOK {
		status = v.access
	}
	if status != ua.StatusOK {
		result.StatusCode = status
		return result
	}
	s.nextID++
	p := r.RequestedParameters
	it := &item{sub: sub, id: s.nextID, handle: p.ClientHandle, variable: v, deadband: deadband, size: int(min(max(p.QueueSize, 1), maxQueue)), newest: !p.DiscardOldest}
	sub.items[it.id] = it
	v.items = append(v.items, it)
	it.offer(v.value)
	result.MonitoredItemID = it.id
	result.RevisedQueueSize = uint32(it.size)
	result.RevisedSamplingInterval = p.SamplingInterval
	return result
}

// checkFilter accepts absolute deadbands on numbers, and those in percent where
// they have an engineering range.
func (v *variable) checkFilter(o *ua.ExtensionObject) (float64, ua.StatusCode) {
	if o == nil || o.Value == nil {
		return 0, ua.StatusOK
	}
	f, ok := o.Value.(*ua.DataChangeFilter)
	switch {
	case !ok:
		return 0, ua.StatusBadMonitoredItemFilterUnsupported
	case f.DeadbandType == uint32(ua.DeadbandTypeNone):
		return 0, ua.StatusOK
	case f.DeadbandType == uint32(ua.DeadbandTypePercent) && v.span > 0 && f.DeadbandValue <= 100:
		return f.DeadbandValue / 100 * v.span, ua.StatusOK
	case f.DeadbandType != uint32(ua.DeadbandTypeAbsolute):
		return 0, ua.StatusBadDeadbandFilterInvalid
	case v.filter != ua.StatusOK:
		return 0, v.filter
	}
	if _, isNumber := number(v.value); !isNumber {
		return 0, ua.StatusBadFilterNotAllowed
	}
	return f.DeadbandValue, ua.StatusOK
}

func number(d *ua.DataValue) (float64, bool) {
	if d.Value == nil {
		return 0, false
	}
	switch v := reflect.ValueOf(d.Value.Value()); {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	}
	return 0, false
}

// offer queues d unless the filter holds it back. space.mu is held.
func (it *item) offer(d *ua.DataValue) {
	sub := it.sub
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if sameValue(it.last, d) || it.inDeadband(d) {
		return
	}
	it.last = d
	if len(it.queue) == 0 {
		sub.ready = append(sub.ready, it)
	}
	it.queue = append(it.queue, d)
	if len(it.queue) > it.size {
		it.discard()
	}
}

// discard takes out of a queue with one value too many the one that it is to
// lose, and marks the one that takes its place.
func (it *item) discard() {
	lost, marked := 0, 0
	if it.newest {
		lost, marked = it.size-1, it.size-1
	}
	it.queue = slices.Delete(it.queue, lost, lost+1)
	d := *it.queue[marked]
	d.Status |= statusOverflow
	it.queue[marked] = &d
}

func (it *item) inDeadband(d *ua.DataValue) bool {
	if it.deadband == 0 || it.last == nil || it.last.Status != d.Status {
		return false
	}
	a, ok1 := number(it.last)
	b, ok2 := number(d)
	return ok1 && ok2 && math.Abs(a-b) <= it.deadband
}

// unlink ends the item. Server.mu and space.mu are held.
func (it *item) unlink() {
	v := it.variable
	v.items = slices.DeleteFunc(v.items, func(o *item) bool { return o == it })
	delete(it.sub.items, it.id)
	it.sub.mu.Lock()
	defer it.sub.mu.Unlock()
	it.queue = nil
	it.sub.ready = slices.DeleteFunc(it.sub.ready, func(o *item) bool { return o == it })
}

func (s *Server) deleteItems(x *session, r *ua.DeleteMonitoredItemsRequest) (ua.Response, ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subs[r.SubscriptionID]
	if sub == nil || sub.session != x {
		return nil, ua.StatusBadSubscriptionIDInvalid
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	results := make([]ua.StatusCode, len(r.MonitoredItemIDs))
	for i, id := range r.MonitoredItemIDs {
		it := sub.items[id]
		if sub.eventItems[id] != nil {
			delete(sub.eventItems, id)
			continue
		}
		if it == nil {
			results[i] = ua.StatusBadMonitoredItemIDInvalid
			continue
		}
		it.unlink()
	}
	return &ua.DeleteMonitoredItemsResponse{ResponseHeader: ok(r), Results: results}, ua.StatusOK
}

// hasData reports whether anything is queued.
func (sub *subscription) hasData() bool {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	return len(sub.ready) > 0
}

// take removes up to one message of notifications and reports whether more
// are left.
func (sub *subscription) take() ([]*ua.MonitoredItemNotification, bool) {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	limit := int(sub.most)
	if limit == 0 {
		limit = math.MaxInt
	}
	var list []*ua.MonitoredItemNotification
	done := 0
	for _, it := range sub.ready {
		n := min(len(it.queue), limit-len(list))
		for _, d := range it.queue[:n] {
			list = append(list, &ua.MonitoredItemNotification{ClientHandle: it.handle, Value: d})
		}
		it.queue = it.queue[n:]
		if len(it.queue) > 0 {
			break
		}
		it.queue = nil
		done++
	}
	sub.ready = slices.Delete(sub.ready, 0, done)
	return list, len(sub.ready) > 0
}
