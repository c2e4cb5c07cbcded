package opcua

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
)

// maxItemRetry is where the back-off of a node in trouble ends.
const maxItemRetry = 5 * time.Minute

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

	mu      sync.Mutex // guards the items' state and all below
	denials dataChange // what the Sink is yet to be told of items without a value
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
	unknown bool      // the Sink is told that it has no value
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

// retry tries items in trouble again, each when its back-off is over.
func (t *items) retry(ctx context.Context) error {
	for {
		timer := time.NewTimer(time.Until(t.nextRetry()))
		select {
		case <-ctx.Done():
		case <-t.wake:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
		due := t.due(time.Now())
		if len(due) == 0 {
			continue
		}
		t.sub.session.learnNamespaces(ctx)
		err := t.sub.session.learnTypes(ctx, withKin(t.pointsOf(due)))
		if err == nil {
			err = t.remove(ctx, due)
		}
		if err == nil {
			err = t.monitor(ctx, due)
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		t.source.saveHandover()
	}
}

// nextRetry returns when the next item is due, in an hour when none is.
func (t *items) nextRetry() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := time.Now().Add(time.Hour)
	for _, x := range t.list {
		if x != nil && !x.retryAt.IsZero() && x.retryAt.Before(first) {
			first = x.retryAt
		}
	}
	return first
}

func (t *items) due(now time.Time) []*item {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []*item
	for _, x := range t.list {
		if x != nil && !x.retryAt.IsZero() && !x.retryAt.After(now) {
			list = append(list, x)
		}
	}
	return list
}

func (t *items) pointsOf(list []*item) []*point {
	points := make([]*point, len(list))
	for i, x := range list {
		points[i] = t.points[x.handle]
	}
	return points
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
			x.id = 0
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
	for part := range slices.Chunk(ids, max(t.source.limits.monitors(), 1)) {
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
	x.unknown = true // by the value that says so
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

// fail puts x into trouble.
func (t *items) fail(x *item, status ua.StatusCode) {
	t.failFor(x, reasonOf(status), statusText(status))
}

func (t *items) failFor(x *item, reason, text string) {
	s := t.source
	now := time.Now()
	t.mu.Lock()
	if !x.since.IsZero() && now.Sub(x.since) > maxItemRetry {
		x.wait = 0 // it was well for long: this is another story
	}
	x.since = time.Time{}
	x.wait = min(max(2*x.wait, s.config.ItemRetry), maxItemRetry)
	x.retryAt = now.Add(x.wait)
	x.reason = reason
	t.mu.Unlock()
	s.noteFamily(t.sub.out.status, t.points[x.handle], text)
}

// succeed notes that x is monitored.
func (t *items) succeed(x *item, id uint32) {
	t.mu.Lock()
	x.id, x.since, x.retryAt, x.reason, x.unknown = id, time.Now(), time.Time{}, "", false
	t.mu.Unlock()
	t.source.noteFamily(t.sub.out.status, t.points[x.handle], "")
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
