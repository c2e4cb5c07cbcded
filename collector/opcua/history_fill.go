package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

const (
	// overlap is how much earlier than the last contact reading begins at
	// most: clocks of equipment and server may disagree by it.
	overlap = 10 * time.Minute
	// lostOverlap is how much earlier it begins for a notification that was lost
	// at least, and where the last value is not known.
	lostOverlap = 10 * time.Second
	// historySlice is how much of the past is read of all points before more is read
	// of any: the oldest comes first. It grows up to longestSlice where there
	// is little.
	historySlice = 10 * time.Minute
	longestSlice = 24 * time.Hour
	// sameStart is how far the beginnings of what one call reads may be apart.
	sameStart = 10 * time.Second
	// historyNodes and historyValues bound one call: nodes, and values of all
	// together.
	historyNodes  = 100
	historyValues = 10_000
	// historyTries is how often one node is tried again after a fault.
	historyTries = 5
	// historyPause is the wait after a fault.
	historyPause = time.Second
	// resolution is that of time in OPC UA.
	resolution = 100 * time.Nanosecond
)

// A filler reads the history for one session.
type filler struct {
	*historian
	session *session
	out     *output
	nodes   int           // most in one call
	values  int           // most in one call
	ahead   time.Duration // how far the server's clock is ahead of andon's
	ready   bool          // the server was asked for both
	pace    pace
	held    []*ongoing // whose continuation nobody asks for any more
}

// run fills one hole after the other until ctx is done. Only the loss of the
// session or the Sink is an error: a hole that is not filled waits for the
// next session, which goes on where this one was.
func (h *historian) run(ctx context.Context, x *session, out *output) error {
	f := &filler{historian: h, session: x, out: out, nodes: historyNodes, values: historyValues}
	f.pace.perSecond = h.source.config.History.ValuesPerSecond
	for {
		hole := h.first()
		if hole == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-h.wake:
			}
			continue
		}
		err := f.fill(ctx, hole)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
	}
}

// fill reads what is missing in a hole, as far as the server has it, and tells
// what then is known and what stays missing.
func (f *filler) fill(ctx context.Context, x *hole) error {
	s := f.source
	if err := f.prepare(ctx); err != nil {
		return err
	}
	if s.config.History.Backfill {
		f.begin(x)
		if err := f.look(ctx, x); err != nil {
			return err
		}
		if err := f.readAll(ctx, x); err != nil {
			return err
		}
	}
	batch := f.verdict(x)
	if len(batch.Gaps)+len(batch.Known) > 0 {
		if err := f.out.sink.Put(ctx, batch); err != nil {
			return fmt.Errorf("hand over %d gaps: %w", len(batch.Gaps), err)
		}
	}
	s.metrics.gaps.Add(float64(len(batch.Gaps)))
	for _, g := range batch.Gaps {
		s.log.Warn("not all that changed could be had", "cause", g.Cause, "area", g.Area, "from", g.From, "to", g.To, "tags", g.Tags)
	}
	f.drop(x)
	f.save()
	return nil
}

// prepare asks the server once what it bears and what time it has.
func (f *filler) prepare(ctx context.Context) error {
	if f.ready {
		return nil
	}
	limit := []*ua.NodeID{ua.NewNumericNodeID(0, id.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData)}
	values, err := f.session.read(ctx, limit)
	switch {
	case fatal(err):
		return fmt.Errorf("session lost: %w", err)
	case err != nil:
		return nil // it is asked again for the next hole
	}
	f.nodes = min(f.nodes, f.source.config.MaxItemsPerCall)
	if n, err := wire.Scalar(values[0].Value); err == nil {
		if most, ok := n.Int(); ok && most > 0 {
			f.nodes = int(min(int64(f.nodes), most))
		}
	}
	f.ahead, _, err = f.session.measureClock(ctx)
	f.ready = err == nil
	return err
}

// begin sets where reading begins of points of which nothing was read yet.
func (f *filler) begin(x *hole) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := x.known.From.Add(f.ahead)
	oldest := plant.At(time.Now().Add(f.ahead - f.source.config.TimeWindow.Past))
	x.server = later(x.server, f.session.started)
	for _, m := range x.missing {
		m.tries = 0
		if m.next != 0 {
			continue
		}
		m.next = x.start(m, from)
		if m.to == 0 {
			m.to = x.known.To.Add(f.ahead + lostOverlap)
			if x.cause == plant.GapLostNotification { // its source's clock may be ahead, as it was
				m.to = m.to.Add(max(m.last.Sub(from), 0))
			}
		}
		if m.next < oldest {
			m.next = oldest
			m.trouble = "older than " + f.source.config.TimeWindow.Past.String()
		}
		m.done = m.next >= m.to // it did not change meanwhile
	}
}

// start returns from when on a point is read: what came after its last value,
// which has the time of its source, and of a notification that was lost what came
// shortly before the last contact, too, for the last value may have been on its
// way still.
func (x *hole) start(m *missing, from plant.Instant) plant.Instant {
	if m.last == 0 {
		return from.Add(-lostOverlap)
	}
	start := max(m.last.Add(resolution), from.Add(-overlap))
	if x.cause == plant.GapLostNotification {
		return min(start, from.Add(-lostOverlap))
	}
	return start
}

// again waits after a fault that concerned all of list, and gives up those that
// had enough of them.
func (f *filler) again(ctx context.Context, list []*missing, err error) error {
	for _, m := range list {
		if m.tries++; m.tries >= historyTries || errors.Is(err, ua.StatusBadServiceUnsupported) {
			f.giveUp(m, err.Error())
		}
	}
	sleep(ctx, historyPause)
	return ctx.Err()
}

// readAll reads what is missing, slice by slice.
func (f *filler) readAll(ctx context.Context, x *hole) error {
	length := historySlice
	for {
		due, until := nextSlice(x.missing, length)
		if len(due) == 0 {
			return nil
		}
		n, few := 0, 10*len(due)
		for len(due) > 0 {
			part := due[:min(len(due), f.nodes, f.most())]
			got, err := f.read(ctx, part, until)
			if err != nil {
				return err
			}
			n, due = n+got, due[len(part):]
		}
		if n < few {
			length = min(2*length, longestSlice)
		} else {
			length = max(length/2, historySlice)
		}
	}
}

// nextSlice returns the points of which something is to be read, and up to
// when. One call reads all its nodes from one time on, so points that are
// further are left for later: what they have of the time before would be read
// for nothing. Slices end at the same times, from where on all are read
// together.
func nextSlice(list []*missing, length time.Duration) (due []*missing, until plant.Instant) {
	var start plant.Instant
	for _, m := range list {
		if m.looked && !m.done && (start == 0 || m.next < start) {
			start = m.next
		}
	}
	until = start.Add(length - time.Duration(start%plant.Instant(historySlice)))
	var end plant.Instant
	for _, m := range list {
		if m.looked && !m.done && m.next < min(start.Add(sameStart), until) {
			due, end = append(due, m), max(end, m.to)
		}
	}
	return due, min(until, end)
}
