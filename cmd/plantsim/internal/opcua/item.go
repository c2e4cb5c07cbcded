package opcua

import (
	"math"
	"reflect"
	"time"

	"github.com/gopcua/opcua/ua"
)

// samplingInterval is what the server tells clients. In truth a value is
// queued when the plant changes it, and the plant changes none more often.
const samplingInterval = 10 * time.Millisecond

// maxQueue bounds the queue of a monitored item; a client that does not
// publish must not fill the plant's memory.
const maxQueue = 10_000

// overflow are the info bits of a value before which others were lost
// (OPC 10000-4, 7.39.1).
const overflow ua.StatusCode = 0x480

// An item is a monitored item. Its subscriptions' engine guards it.
type item struct {
	id        uint32
	sub       *subscription
	nodeID    *ua.NodeID
	polled    bool // a node of the server itself, looked at in every cycle
	handle    uint32
	mode      ua.MonitoringMode
	size      int
	newest    bool // when full, discard the newest instead of the oldest
	filter    ua.DataChangeFilter
	timestamp ua.TimestampsToReturn

	queue []queued
	last  *ua.DataValue // last one queued, for the filter
}

// queued is a value that waits to be published. Order is its place among all
// values of the server.
type queued struct {
	order uint64
	value *ua.DataValue
}

// set takes the parameters of a create or modify request and returns the
// status of the result.
func (it *item) set(p *ua.MonitoringParameters) ua.StatusCode {
	it.filter = ua.DataChangeFilter{Trigger: ua.DataChangeTriggerStatusValue}
	if p.Filter != nil && p.Filter.Value != nil {
		f, ok := p.Filter.Value.(*ua.DataChangeFilter)
		if !ok || f.DeadbandType > uint32(ua.DeadbandTypeAbsolute) {
			return ua.StatusBadMonitoredItemFilterUnsupported
		}
		it.filter = *f
	}
	it.handle = p.ClientHandle
	it.size = int(min(max(p.QueueSize, 1), maxQueue))
	it.newest = !p.DiscardOldest
	return ua.StatusOK
}

// offer queues dv if the filter lets it through.
func (it *item) offer(dv *ua.DataValue, order uint64) {
	if it.mode == ua.MonitoringModeDisabled || it.last != nil && !it.passes(dv) {
		return
	}
	it.last = dv
	it.queue = append(it.queue, queued{order, stamped(dv, it.timestamp)})
	if len(it.queue) <= it.size {
		return
	}
	if it.newest { // the one before last makes room, the last tells it
		n := len(it.queue)
		it.queue = append(it.queue[:n-2], it.queue[n-1])
		it.markOverflow(n - 2)
		return
	}
	it.queue = append(it.queue[:0], it.queue[1:]...)
	it.markOverflow(0)
}

// markOverflow tells that values next to queue[i] were lost. With a queue of
// one that is normal and not told.
func (it *item) markOverflow(i int) {
	if it.size == 1 {
		return
	}
	c := *it.queue[i].value
	c.EncodingMask |= ua.DataValueStatusCode
	c.Status |= overflow
	it.queue[i].value = &c
}

// passes applies the filter (OPC 10000-4, 7.22.2).
func (it *item) passes(dv *ua.DataValue) bool {
	if dv.Status != it.last.Status {
		return true
	}
	switch it.filter.Trigger {
	case ua.DataChangeTriggerStatus:
		return false
	case ua.DataChangeTriggerStatusValueTimestamp:
		if !dv.SourceTimestamp.Equal(it.last.SourceTimestamp) {
			return true
		}
	}
	if it.filter.DeadbandType == uint32(ua.DeadbandTypeAbsolute) {
		was, ok1 := number(it.last.Value)
		is, ok2 := number(dv.Value)
		if ok1 && ok2 {
			return math.Abs(is-was) > it.filter.DeadbandValue
		}
	}
	return !reflect.DeepEqual(content(dv.Value), content(it.last.Value))
}

func content(v *ua.Variant) any {
	if v == nil {
		return nil
	}
	return v.Value()
}

func number(v *ua.Variant) (float64, bool) {
	switch n := content(v).(type) {
	case int32:
		return float64(n), true
	case uint16:
		return float64(n), true
	case uint32:
		return float64(n), true
	case float32:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
