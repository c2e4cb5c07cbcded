package opcua

import (
	"context"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
)

const (
	// maxItemRetry is where the back-off of a node in trouble ends.
	maxItemRetry = 5 * time.Minute
	// mostScouts bounds what asking for missing nodes costs a server: one call
	// that each bears.
	mostScouts = 100
)

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
		if t.wereMoved() {
			t.source.saveHandover()
		}
	}
}

// nextRetry returns when the next item is due, in an hour when none is.
func (t *items) nextRetry() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := time.Now().Add(time.Hour)
	for _, x := range t.list {
		if x == nil {
			continue
		}
		if at := t.dueLocked(x); !at.IsZero() && at.Before(first) {
			first = at
		}
	}
	return first
}

// due returns the items whose back-off is over at now.
func (t *items) due(now time.Time) []*item {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []*item
	for _, x := range t.list {
		if x == nil {
			continue
		}
		if at := t.dueLocked(x); !at.IsZero() && !at.After(now) {
			list = append(list, x)
		}
	}
	t.found = false
	return list
}

func (t *items) pointsOf(list []*item) []*point {
	points := make([]*point, len(list))
	for i, x := range list {
		points[i] = t.points[x.handle]
	}
	return points
}

// fail puts x into trouble.
func (t *items) fail(x *item, status ua.StatusCode) {
	t.failFor(x, reasonOf(status), statusText(status))
}

// failFor puts x into trouble for a reason. How long it waits for another try
// doubles each time, but not that of a scout: a server that is still loading its
// program may have nodes at any moment, and when it has one that was missing,
// all are asked for that are. A server that monitors nodes that it does not have
// says nothing by it.
func (t *items) failFor(x *item, reason, text string) {
	s := t.source
	now := time.Now()
	t.mu.Lock()
	if !x.since.IsZero() && now.Sub(x.since) > maxItemRetry {
		x.wait = 0 // it was well for long: this is another story
	}
	x.since = time.Time{}
	x.reason = reason
	t.musterLocked(x)
	if !x.scout {
		x.wait *= 2
	}
	x.wait = min(max(x.wait, s.config.ItemRetry), maxItemRetry)
	x.retryAt = now.Add(x.wait)
	t.mu.Unlock()
	s.noteFamily(t.sub.out.status, t.points[x.handle], text)
}

// isMissing reports whether the server knows nothing of the item's node.
func (x *item) isMissing() bool { return x.reason == reasonNode || x.reason == reasonNamespace }

// musterLocked makes x a scout while it is missing and there are few, and else
// none. One that was monitored before takes the place of one that never was,
// and that the server may not have at all.
func (t *items) musterLocked(x *item) {
	missing := x.isMissing() && !x.gone
	if missing && !x.scout && x.met && t.scouts >= mostScouts && t.strangers > 0 {
		t.dismissLocked(t.list[slices.IndexFunc(t.list, func(y *item) bool { return y != nil && y.scout && !y.met })])
	}
	switch {
	case missing && !x.scout && t.scouts < mostScouts:
		x.scout, x.wait = true, 0
		t.scouts++
		if !x.met {
			t.strangers++
		}
	case !missing && x.scout:
		t.dismissLocked(x)
	}
}

// dismissLocked makes a scout an item like others.
func (t *items) dismissLocked(x *item) {
	x.scout = false
	t.scouts--
	if !x.met {
		t.strangers--
	}
}

// dueLocked returns when x is to be tried again, zero while it is in no trouble.
func (t *items) dueLocked(x *item) time.Time {
	if t.found && x.isMissing() && !x.gone {
		return time.Unix(0, 0) // at once
	}
	return x.retryAt
}

// wereMoved reports, once, whether the server's ids of items changed.
func (t *items) wereMoved() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	moved := t.moved
	t.moved = false
	return moved
}

// succeed notes that x is monitored.
func (t *items) succeed(x *item, id uint32) {
	now := time.Now()
	t.mu.Lock()
	t.found = t.found || x.isMissing() && !x.gone
	x.id, x.since, x.retryAt, x.reason, x.unknown = id, now, time.Time{}, "", false
	t.moved = true
	t.musterLocked(x)
	x.met = true // only now: as a scout it was a stranger
	t.mu.Unlock()
	t.source.noteFamily(t.sub.out.status, t.points[x.handle], "")
}
