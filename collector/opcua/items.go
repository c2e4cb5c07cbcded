package opcua

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// items are the monitored items of one subscription. A client handle is an
// index into points and list; both have nil where a handle is not in use.
type items struct {
	source *Source
	sub    *subscription
	points []*point
	list   []*item
	gone   []uint32 // the server's ids of items that are not wanted any more
	fresh  []*point // those of which a server has nothing, where it has others of an earlier process

	ladders map[Deadband][]*ua.ExtensionObject

	wake chan struct{} // an item was lost

	mu        sync.Mutex      // guards the items' state and all below
	denials   wire.DataChange // what the Sink is yet to be told of items without a value
	scouts    int             // items that are scouts
	strangers int             // of them, those that were never monitored
	found     bool            // one that was missing is there, so that others may be
	moved     bool            // the server's ids of items are not those that were noted
}

// An item is one point at the server.
type item struct {
	handle  uint32
	id      uint32 // the server's, 0 while it is not monitored
	filter  int    // index into filters
	filters []*ua.ExtensionObject
	reason  string    // label of the metric while in trouble
	since   time.Time // when it came to be monitored, zero while it is not
	wait    time.Duration
	retryAt time.Time // when to try again, while in trouble
	scout   bool      // is tried as often as ever, see failFor
	met     bool      // it was monitored before
	unknown bool      // the Sink is told that it has no value
	gone    bool      // the server monitors it, and its value says that there is no node
}

func newItems(s *Source, points []*point) *items {
	t := &items{source: s, wake: make(chan struct{}, 1), ladders: map[Deadband][]*ua.ExtensionObject{}}
	t.append(points)
	return t
}

// append gives points the next handles.
func (t *items) append(points []*point) {
	for _, p := range points {
		ladder := t.ladder(p.terms.Deadband)
		x := &item{handle: uint32(len(t.list)), filters: ladder}
		if !p.filtered() {
			x.filter = len(ladder) - 1
		}
		t.points, t.list = append(t.points, p), append(t.list, x)
	}
}

// ladder returns the filters for d, which all items share that want it.
func (t *items) ladder(d Deadband) []*ua.ExtensionObject {
	list, known := t.ladders[d]
	if !known {
		list = filters(d)
		t.ladders[d] = list
	}
	return list
}

// filters is the ladder of deadbands, from the one that is wanted to none.
func filters(d Deadband) []*ua.ExtensionObject {
	var list []*ua.ExtensionObject
	add := func(kind ua.DeadbandType, value float64) {
		if value > 0 {
			f := &ua.DataChangeFilter{Trigger: ua.DataChangeTriggerStatusValue, DeadbandType: uint32(kind), DeadbandValue: value}
			list = append(list, ua.NewExtensionObject(f))
		}
	}
	add(ua.DeadbandTypePercent, d.Percent)
	add(ua.DeadbandTypeAbsolute, d.Absolute)
	return append(list, ua.NewExtensionObject(nil))
}

// point returns the point of a client handle, nil when there is none.
func (t *items) point(handle uint32) *point {
	if int(handle) >= len(t.points) {
		return nil
	}
	return t.points[handle]
}

// create monitors all items that are not yet. Only the loss of the session is
// an error.
func (t *items) create(ctx context.Context) error {
	var list []*item
	t.mu.Lock()
	for _, x := range t.list {
		if x != nil && x.id == 0 && x.retryAt.IsZero() {
			list = append(list, x)
		}
	}
	gone := t.gone
	t.gone = nil
	t.mu.Unlock()
	if err := t.delete(ctx, gone); err != nil {
		return err
	}
	return t.monitor(ctx, list)
}

// remove deletes what the server still monitors of items that were lost, so
// that they are not monitored twice. That is noted first: a process that takes
// over in between must not believe that they are monitored.
func (t *items) remove(ctx context.Context, list []*item) error {
	var ids []uint32
	t.mu.Lock()
	for _, x := range list {
		if x.id != 0 {
			ids = append(ids, x.id)
			x.id, t.moved = 0, true
		}
	}
	t.mu.Unlock()
	if len(ids) > 0 {
		t.source.saveHandover()
	}
	return t.delete(ctx, ids)
}

// delete ends the monitoring of items by the server's ids.
func (t *items) delete(ctx context.Context, ids []uint32) error {
	const idSize = 4
	most := max(min(t.sub.session.limits.monitors(), t.sub.session.channel.Room()/idSize), 1)
	for part := range slices.Chunk(ids, most) {
		req := &ua.DeleteMonitoredItemsRequest{SubscriptionID: t.sub.id, MonitoredItemIDs: part}
		switch _, err := call[*ua.DeleteMonitoredItemsResponse](ctx, t.sub.session, req); {
		case unsubscribed(err):
			t.sub.doubted.Store(true)
			<-ctx.Done()
			return ctx.Err()
		case fatal(err):
			return fmt.Errorf("session lost: %w", err)
		}
	}
	return nil
}

// lose notes that the server monitors a node that is gone: it will not speak
// of it again, not even when the node is back.
func (t *items) lose(handle uint32, status ua.StatusCode) {
	t.mu.Lock()
	x := t.list[handle]
	known := !x.retryAt.IsZero()
	x.unknown, x.gone = true, true // by the value that says so
	t.mu.Unlock()
	if known {
		return
	}
	t.fail(x, status)
	t.showStates()
	select {
	case t.wake <- struct{}{}:
	default: // it is awake already
	}
}

// showStates has the metric of items by state count these.
func (t *items) showStates() {
	counts := map[string]int{}
	t.mu.Lock()
	for _, x := range t.list {
		switch {
		case x == nil:
		case x.reason != "":
			counts[x.reason]++
		case x.id != 0:
			counts[stateOK]++
		default:
			counts[statePending]++
		}
	}
	t.mu.Unlock()
	t.source.tally.show(t.source.metrics, t.sub.place, counts)
}
