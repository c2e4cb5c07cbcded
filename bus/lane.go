package bus

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nuid"
	"github.com/prometheus/client_golang/prometheus"

	"andon/plant"
)

// enough is how many samples do not wait for others: the next message is
// begun, and takes what is there up to maxSamples.
const enough = 1000

// A put is one caller's part of a batch for one area.
type put struct {
	samples  []plant.Sample
	contacts []plant.Contact
	events   []plant.Event
	gaps     []plant.Gap
	known    []plant.Known
	past     bool        // plant.Batch.Backfilled
	prompt   bool        // plant.Batch.Prompt
	done     chan error  // takes one answer
	gone     atomic.Bool // the caller waits no more
}

// A lane writes the messages of one area. Telemetry goes through its queue
// and its one goroutine; everything else is published by its caller.
type lane struct {
	b    *Bus
	area *plant.Area

	mu        sync.Mutex // guards the following
	queue     []*put     // at most one entry per Put that waits
	queued    int        // samples in queue
	prompt    bool       // one in queue should not wait for others
	gathering bool       // run waits for more than one Put
	closed    bool
	ailment   error         // why messages are not taken now
	wake      chan struct{} // of size 1: there is something for run

	acked  atomic.Uint64 // highest position known to be stored
	opened atomic.Uint64 // the last position when the bus was opened, until a reader resumed

	recent recent

	// The following belong to run.
	enc     *encoder
	formed  [][]plant.Sample  // what enc has, as it was put
	told    [][]plant.Contact // and its contacts
	events  [][]plant.Event   // and its events
	gaps    []plant.Gap
	known   []plant.Known
	buf     []byte
	prefix  string // of the ids of this lane's messages
	count   uint64
	started time.Time // the last message

	m laneMetrics
}

// laneMetrics are the collectors of one area.
type laneMetrics struct {
	samples, bytes, retries, oversized prometheus.Counter
	commit                             prometheus.Observer
	waiting                            prometheus.Gauge
}

func newLane(b *Bus, a *plant.Area, last uint64) *lane {
	l := &lane{b: b, area: a, wake: make(chan struct{}, 1), enc: newEncoder(a), prefix: nuid.Next() + "."}
	l.acked.Store(last)
	l.opened.Store(last)
	l.m = laneMetrics{
		samples:   b.m.samples.WithLabelValues(a.Name),
		bytes:     b.m.bytes.WithLabelValues(a.Name),
		retries:   b.m.retries.WithLabelValues(a.Name),
		oversized: b.m.oversized.WithLabelValues(a.Name),
		commit:    b.m.commit.WithLabelValues(a.Name),
		waiting:   b.m.waiting.WithLabelValues(a.Name),
	}
	return l
}

// add queues p; it is false when the lane is closed.
func (l *lane) add(p *put) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.queue = append(l.queue, p)
	l.queued += len(p.samples)
	l.prompt = l.prompt || p.prompt
	if !l.gathering || l.queued >= enough || p.prompt {
		l.signalLocked()
	}
	return true
}

func (l *lane) signalLocked() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// close lets the lane end once its queue is empty.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.signalLocked()
}

// run writes message after message until the lane is closed and empty, or ctx
// is done. While one message is being written the next ones queue up, so the
// slower the disk, the larger the messages.
func (l *lane) run(ctx context.Context) {
	var waiting []*put
	for {
		if len(waiting) == 0 && !l.gather() {
			return
		}
		waiting = l.take(waiting)
		l.started = time.Now()
		n := l.form(waiting)
		if err := l.commit(ctx); err != nil {
			l.fail(waiting, fmt.Errorf("%w before it was written: %v", ErrClosed, err))
			return
		}
		for _, p := range waiting[:n] {
			p.done <- nil
		}
		left := copy(waiting, waiting[n:])
		clear(waiting[left:])
		waiting = waiting[:left]
	}
}

// gather waits until there is something to write and, when the last message
// was begun a moment ago, for more to share the next one: a commit costs far
// more than a sample. It is false when the lane is closed and empty.
func (l *lane) gather() bool {
	for !l.ready(0) {
		<-l.wake // close signals as well
	}
	if left := l.b.cfg.Gather - time.Since(l.started); left > 0 && !l.ready(enough) {
		t := time.NewTimer(left)
		defer t.Stop()
		select {
		case <-t.C:
		case <-l.wake:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gathering = false
	return len(l.queue) > 0
}

// ready reports whether run has something to do: with most 0 when anything is
// queued, else when that many samples are or a put is prompt, and always when
// the lane is closed. When not, add signals once there is.
func (l *lane) ready(most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.prompt || len(l.queue) > 0 && l.queued >= most {
		return true
	}
	l.gathering = most > 0
	select {
	case <-l.wake: // an old signal
	default:
	}
	return false
}

// take moves the queue to waiting.
func (l *lane) take(waiting []*put) []*put {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting = append(waiting, l.queue...)
	clear(l.queue)
	l.queue, l.queued, l.prompt = l.queue[:0], 0, false
	return waiting
}

// form encodes the next message and returns how many of the puts end in it.
// The rest of the one after them goes into the next message.
func (l *lane) form(waiting []*put) int {
	l.enc.reset()
	clear(l.formed)
	clear(l.told)
	clear(l.events)
	l.formed, l.told, l.events, l.gaps, l.known = l.formed[:0], l.told[:0], l.events[:0], nil, nil
	for i, p := range waiting {
		if p.gone.Load() {
			continue // its caller did not acknowledge what is left
		}
		if len(p.samples) > 0 && !l.enc.begin(p.past) {
			return i
		}
		n := l.enc.addSamples(p.samples)
		l.formed, p.samples = append(l.formed, p.samples[:n]), p.samples[n:]
		n = l.enc.addContacts(p.contacts)
		l.told, p.contacts = append(l.told, p.contacts[:n]), p.contacts[n:]
		if n = l.enc.addEvents(p.events); n > 0 {
			l.events, p.events = append(l.events, p.events[:n]), p.events[n:]
		}
		l.formGaps(p)
		if len(p.samples)+len(p.contacts)+len(p.events)+len(p.gaps)+len(p.known) > 0 {
			return i
		}
	}
	return len(waiting)
}

// formGaps encodes the gaps and known times of p, which come after all else
// that it has.
func (l *lane) formGaps(p *put) {
	n := l.enc.addGaps(p.gaps)
	l.gaps, p.gaps = append(l.gaps, p.gaps[:n]...), p.gaps[n:]
	n = l.enc.addKnown(p.known)
	l.known, p.known = append(l.known, p.known[:n]...), p.known[n:]
}

// commit publishes what form encoded.
func (l *lane) commit(ctx context.Context) error {
	if l.enc.empty() {
		return nil
	}
	l.buf = l.enc.appendTo(l.buf[:0])
	l.count++
	id := l.prefix + strconv.FormatUint(l.count, 36)
	if !l.enc.altered && l.recent.wanted() {
		// Copies: sources may fill their batches anew.
		l.recent.keep(written{id: id, size: len(l.buf), content: content{
			slices.Concat(l.formed...), slices.Concat(l.told...), slices.Concat(l.events...), l.gaps, l.known, l.enc.backfilled}})
	}
	started := time.Now()
	_, err := l.publish(ctx, outgoing{kind: telemetry, id: id, data: l.buf})
	if err != nil {
		return err
	}
	l.m.commit.Observe(time.Since(started).Seconds())
	l.m.samples.Add(float64(l.enc.samples))
	l.m.oversized.Add(float64(l.enc.oversized))
	return nil
}

// fail closes the lane and tells everyone who waits.
func (l *lane) fail(waiting []*put, err error) {
	l.mu.Lock()
	l.closed = true
	waiting = append(waiting, l.queue...)
	l.queue = nil
	l.mu.Unlock()
	for _, p := range waiting {
		p.done <- err
	}
}
