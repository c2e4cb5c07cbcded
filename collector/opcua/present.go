package opcua

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

// presentPause is the least between two looks at the present values, for a
// server that loses one notification after the other.
const presentPause = 5 * time.Second

// miss notes that a notification with values is lost. A tag that does not change
// any more would keep the value before it for ever, so the present ones are read,
// and until the Sink has them contacts do not say that they are known.
func (sub *subscription) miss() {
	sub.losses.Add(1)
	select {
	case sub.wanted <- struct{}{}:
	default: // that is under way
	}
}

// catchUp reads the present values whenever some were lost. Where that is not
// to be had, another subscription is: it begins with them.
func (sub *subscription) catchUp(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sub.wanted:
		}
		switch err := sub.readPresent(ctx); {
		case ctx.Err() != nil:
			return nil
		case fatal(err):
			return fmt.Errorf("read present values: session lost: %w", err)
		case err != nil:
			sub.end(ctx, fmt.Errorf("%w: read present values: %w", errStale, err))
			return nil
		}
		if !sleep(ctx, presentPause) {
			return nil
		}
	}
}

// readPresent reads the values of all nodes that are monitored and queues them
// for the writer.
func (sub *subscription) readPresent(ctx context.Context) error {
	losses := sub.losses.Load()
	handles := sub.items.monitored()
	var present []wire.DataChange
	for part := range slices.Chunk(handles, max(sub.session.limits.reads(), 1)) {
		nodes := make([]*ua.NodeID, len(part))
		for i, handle := range part {
			var err error
			if nodes[i], err = sub.session.node(sub.items.point(handle)); err != nil {
				return err
			}
		}
		values, err := sub.session.readAll(ctx, attributesOf(nodes, ua.AttributeIDValue))
		if err != nil {
			return err
		}
		var c wire.DataChange
		for i, handle := range part {
			c.Add(handle, &values[i].DataValue)
		}
		present = append(present, c)
	}
	sub.tell(ctx, message{present: present, madeUp: losses})
	return ctx.Err()
}

// told is how many responses that tell everything must have come after the
// present values until no older ones can: one may have been on its way.
const told = 2

// appendPresent appends the present values once all that the server had queued
// before is in samples or with the Sink, so that none comes before an older one.
// Of what has changed since nothing is missing.
func (sub *subscription) appendPresent(samples []plant.Sample, batch []message, now time.Time) []plant.Sample {
	for _, m := range batch {
		switch {
		case m.madeUp != 0:
			sub.present, sub.told = m, 0
		case !m.heard.IsZero():
			sub.told++
		}
	}
	if sub.present.madeUp == 0 || sub.told < told {
		return samples
	}
	for i := range sub.present.present {
		rest := sub.present.present[i].Values
		for range sub.present.present[i].N {
			e, size, err := wire.ReadEntry(rest)
			if err != nil {
				panic(fmt.Sprintf("value that was read before: %v", err))
			}
			rest = rest[size:]
			if p := sub.items.point(e.Handle); p != nil && !p.sight.has(e.Source) {
				samples = sub.appendSample(samples, e.Handle, &e.DataValue, now)
			}
		}
	}
	sub.madeUp, sub.present = sub.present.madeUp, message{}
	return samples
}

// tell queues what is no notification for the writer. It reports whether ctx is
// still alive.
func (sub *subscription) tell(ctx context.Context, m message) bool {
	return sub.queue.put(ctx, m)
}

// monitored returns the client handles of the items that the server has.
func (t *items) monitored() []uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []uint32
	for _, x := range t.list {
		if x != nil && x.id != 0 && x.retryAt.IsZero() {
			list = append(list, x.handle)
		}
	}
	return list
}
