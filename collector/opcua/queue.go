package opcua

import (
	"context"
	"sync/atomic"

	"andon/collector/opcua/wire"
)

const (
	// queueLength is how many messages wait while the Sink blocks: some
	// 3 MB if all are full of numbers. Beyond it the server's queues are the
	// place to wait.
	queueLength = 64
	// mostWaiting bounds their bytes, since one alone may be as large as
	// channel.LargestMessage.
	mostWaiting = 16 << 20
)

// A queue is where messages wait for the writer. Only the sequencer waits for
// room in it: what others put they have in memory anyway. It is safe for
// concurrent use by one sequencer, one writer, and others that put.
type queue struct {
	list  chan message
	bytes atomic.Int64  // of those in list, or about to be
	freed chan struct{} // of size 1: bytes became fewer
}

func newQueue() queue {
	return queue{list: make(chan message, queueLength), freed: make(chan struct{}, 1)}
}

// putBounded is put for the sequencer: it waits until the messages before m
// leave room for it, or until there are none.
func (q *queue) putBounded(ctx context.Context, m message) bool {
	size := m.size()
	for waiting := q.bytes.Load(); size > 0 && waiting > 0 && waiting+size > mostWaiting; waiting = q.bytes.Load() {
		select {
		case <-q.freed:
		case <-ctx.Done():
			return false
		}
	}
	return q.put(ctx, m)
}

// put appends m. It reports whether ctx is still alive.
func (q *queue) put(ctx context.Context, m message) bool {
	q.bytes.Add(m.size())
	select {
	case q.list <- m:
		return true
	case <-ctx.Done():
		return false // and with it all that could wait for room
	}
}

// took gives the room back of a message that was taken from the list.
func (q *queue) took(m message) {
	q.bytes.Add(-m.size())
	select {
	case q.freed <- struct{}{}:
	default: // that is known already
	}
}

// size returns how many bytes of values and events m keeps in memory.
func (m message) size() int64 {
	n := 0
	for _, o := range m.data {
		switch d := o.Value.(type) {
		case *wire.DataChange:
			n += len(d.Values)
		case *wire.EventList:
			n += d.Size
		}
	}
	for i := range m.present {
		n += len(m.present[i].Values)
	}
	return int64(n)
}
