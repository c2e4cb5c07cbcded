package opcuatest

import (
	"slices"
	"strings"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// An eventItem monitors the events of the Server object. Server.mu guards it.
type eventItem struct {
	id, handle uint32
	filter     *ua.EventFilter
	size       int
	overflow   bool // events were lost since the last message
}

// A queuedEvent waits for its message.
type queuedEvent struct {
	item   *eventItem
	fields *ua.EventFieldList
}

// events is what the server has of conditions. Server.mu guards it.
type events struct {
	states  map[string]Condition // by ID, without branches
	order   []string
	count   int // of event ids
	refuse  func(*ua.EventFilter) ua.StatusCode
	refresh ua.StatusCode // of the next ConditionRefresh
	during  func()        // called within a refresh, see DuringRefresh
	asked   int           // refreshes
}

// Raise sends an event with the state of c to all who monitor events, and
// remembers it.
func (s *Server) Raise(list ...Condition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range list {
		s.raiseLocked(c)
	}
}

func (s *Server) raiseLocked(c Condition) {
	if c.Time.IsZero() {
		c.Time = time.Now()
	}
	s.events.count++
	f := c.fields(s.events.count)
	if c.Branch == "" {
		if s.events.states == nil {
			s.events.states = map[string]Condition{}
		}
		if _, known := s.events.states[c.ID]; !known {
			s.events.order = append(s.events.order, c.ID)
		}
		number, spoil := s.events.count, c.Spoil
		c.Spoil = func(f map[string]any) { // the same event, whenever it is told again
			f["EventId"] = eventNumber(number)
			if spoil != nil {
				spoil(f)
			}
		}
		s.events.states[c.ID] = c
	}
	for _, sub := range s.subs {
		sub.tellLocked(f)
	}
}

// Forget makes conditions unknown without a word, as a restart does.
func (s *Server) Forget(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range ids {
		delete(s.events.states, x)
	}
	s.events.order = slices.DeleteFunc(s.events.order, func(x string) bool { return slices.Contains(ids, x) })
}

// Notify sends an event of a type that has no condition, such as
// id.RefreshRequiredEventType.
func (s *Server) Notify(eventType uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.count++
	for _, sub := range s.subs {
		sub.tellLocked(plainEvent(eventType, s.events.count))
	}
}

// RefuseFilters asks f about every filter of events; a status other than OK
// refuses the item.
func (s *Server) RefuseFilters(f func(*ua.EventFilter) ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.refuse = f
}

// RefuseRefresh answers every ConditionRefresh with status.
func (s *Server) RefuseRefresh(status ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.refresh = status
}

// DuringRefresh sends list within the next refresh, after its begin and before
// the conditions that it found.
func (s *Server) DuringRefresh(list ...Condition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.during = func() {
		for _, c := range list {
			s.raiseLocked(c)
		}
	}
}

// Refreshes returns how often ConditionRefresh was called.
func (s *Server) Refreshes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events.asked
}

// tellLocked queues an event at every item whose filter lets it pass.
func (sub *subscription) tellLocked(f map[string]any) {
	for _, it := range sub.eventItems {
		sub.offerLocked(it, f)
	}
}

func (sub *subscription) offerLocked(it *eventItem, f map[string]any) {
	if !passes(it.filter.WhereClause, f) {
		return
	}
	sub.events = append(sub.events, queuedEvent{it, it.selected(f)})
	n := 0
	for _, q := range sub.events {
		if q.item == it {
			n++
		}
	}
	if n > it.size {
		i := slices.IndexFunc(sub.events, func(q queuedEvent) bool { return q.item == it })
		sub.events = slices.Delete(sub.events, i, i+1)
		it.overflow = true
	}
}

func variantOf(v any) *ua.Variant {
	if v == nil {
		return &ua.Variant{}
	}
	return ua.MustVariant(v)
}

func pathOf(o *ua.SimpleAttributeOperand) string {
	names := make([]string, len(o.BrowsePath))
	for i, n := range o.BrowsePath {
		names[i] = n.Name
	}
	return strings.Join(names, "/")
}

// takeEventsLocked removes up to most events, 0 for all, and reports whether
// more are left. An overflow is told before what is left of its queue.
func (sub *subscription) takeEventsLocked(most int) (list []*ua.EventFieldList, more bool) {
	for _, it := range sub.eventItems {
		if it.overflow {
			it.overflow = false
			sub.events = slices.Insert(sub.events, 0, queuedEvent{it, it.selected(plainEvent(id.EventQueueOverflowEventType, 0))})
		}
	}
	n := len(sub.events)
	if most > 0 {
		n = min(n, most)
	}
	for _, q := range sub.events[:n] {
		list = append(list, q.fields)
	}
	sub.events = slices.Delete(sub.events, 0, n)
	return list, len(sub.events) > 0
}

// selected returns the fields that the item's filter selects.
func (it *eventItem) selected(f map[string]any) *ua.EventFieldList {
	list := &ua.EventFieldList{ClientHandle: it.handle}
	for _, clause := range it.filter.SelectClauses {
		list.EventFields = append(list.EventFields, variantOf(f[pathOf(clause)]))
	}
	return list
}

// createEventItemLocked monitors the events of the Server object, which are
// all.
func (s *Server) createEventItemLocked(sub *subscription, r *ua.MonitoredItemCreateRequest) *ua.MonitoredItemCreateResult {
	result := &ua.MonitoredItemCreateResult{FilterResult: ua.NewExtensionObject(nil)}
	f, ok := r.RequestedParameters.Filter.Value.(*ua.EventFilter)
	switch {
	case r.ItemToMonitor.NodeID.String() != ua.NewNumericNodeID(0, id.Server).String():
		result.StatusCode = ua.StatusBadNodeIDUnknown
	case !ok:
		result.StatusCode = ua.StatusBadEventFilterInvalid
	case s.events.refuse != nil:
		result.StatusCode = s.events.refuse(f)
	}
	if result.StatusCode != ua.StatusOK {
		return result
	}
	s.nextID++
	it := &eventItem{id: s.nextID, handle: r.RequestedParameters.ClientHandle, filter: f, size: int(min(max(r.RequestedParameters.QueueSize, 1), maxQueue))}
	if sub.eventItems == nil {
		sub.eventItems = map[uint32]*eventItem{}
	}
	sub.eventItems[it.id] = it
	result.MonitoredItemID, result.RevisedQueueSize = it.id, uint32(it.size)
	return result
}

// call serves ConditionRefresh alone.
func (s *Server) call(x *session, r *ua.CallRequest) ua.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]*ua.CallMethodResult, len(r.MethodsToCall))
	for i, m := range r.MethodsToCall {
		results[i] = &ua.CallMethodResult{StatusCode: s.refreshLocked(x, m)}
	}
	return &ua.CallResponse{ResponseHeader: ok(r), Results: results}
}

func (s *Server) refreshLocked(x *session, m *ua.CallMethodRequest) ua.StatusCode {
	if m.MethodID.IntID() != id.ConditionType_ConditionRefresh || len(m.InputArguments) != 1 {
		return ua.StatusBadMethodInvalid
	}
	n, _ := m.InputArguments[0].Value().(uint32)
	sub := s.subs[n]
	if sub == nil || sub.session != x {
		return ua.StatusBadSubscriptionIDInvalid
	}
	s.events.asked++
	if s.events.refresh != ua.StatusOK {
		return s.events.refresh
	}
	var found []map[string]any
	for _, name := range s.events.order {
		if c := s.events.states[name]; c.retained() {
			found = append(found, c.fields(0))
		}
	}
	s.events.count += 2
	sub.tellLocked(plainEvent(id.RefreshStartEventType, s.events.count-1))
	if s.events.during != nil {
		s.events.during()
		s.events.during = nil
	}
	for _, f := range found {
		sub.tellLocked(f)
	}
	sub.tellLocked(plainEvent(id.RefreshEndEventType, s.events.count))
	return ua.StatusOK
}
