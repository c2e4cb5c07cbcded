package opcua

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// An ongoing is a point that is being read.
type ongoing struct {
	*missing
	node         *ua.NodeID
	continuation []byte
	newest       plant.Instant // of what came in this call, also of what was had before
	reached      plant.Instant // newest before the last answer
	came         int           // values in the last answer
}

// read reads the history of points up to a time, which follows what was read
// of them, in one call and those that continue it. It returns how many values
// came, wanted or not. Only the loss of the session or the Sink is an error.
func (f *filler) read(ctx context.Context, part []*missing, until plant.Instant) (n int, err error) {
	list := make([]*ongoing, 0, len(part))
	details := &ua.ReadRawModifiedDetails{EndTime: until.Time(), NumValuesPerNode: uint32(max(f.most()/len(part), 1))}
	start := until
	for _, m := range part {
		node, err := f.session.node(m.point)
		if err != nil {
			f.giveUp(m, err.Error())
			continue
		}
		list, start = append(list, &ongoing{missing: m, node: node}), min(start, m.next)
	}
	details.StartTime = start.Time()
	defer func() {
		f.release(ctx, details, append(list, f.held...))
		f.held = nil
	}()
	for len(list) > 0 {
		part := list[:channel.Fitting(list, f.session.channel.Room(), (*ongoing).size)]
		began := time.Now()
		results, err := f.call(ctx, details, part)
		less := f.timed(began, int(details.NumValuesPerNode)*len(part), err)
		switch {
		case fatal(err):
			return n, fmt.Errorf("session lost: %w", err)
		case less:
			return n, ctx.Err() // of the next
		case err != nil:
			return n, f.faulted(ctx, part, err)
		}
		if err := f.put(ctx, f.take(part, results, until)); err != nil {
			return n, err
		}
		came := 0 // the server had work with all, wanted or not
		for _, o := range part {
			came += o.came
		}
		n += came
		list = append(f.advance(part, results, until), list[len(part):]...)
		if !f.pace.wait(ctx, came) {
			return n, ctx.Err()
		}
	}
	return n, nil
}

// call sends one request.
func (f *filler) call(ctx context.Context, details *ua.ReadRawModifiedDetails, list []*ongoing) ([]*ua.HistoryReadResult, error) {
	resp, err := call[*ua.HistoryReadResponse](ctx, f.session, request(details, list))
	if err == nil && len(resp.Results) != len(list) {
		err = fmt.Errorf("read history: got %d results, want %d", len(resp.Results), len(list))
	}
	if err != nil {
		return nil, err
	}
	return resp.Results, nil
}

// faulted takes a fault of a whole call: less is tried of what is too much.
func (f *filler) faulted(ctx context.Context, list []*ongoing, err error) error {
	switch {
	case tooMuch(err) && len(list) > 1:
		f.nodes = max(min(f.nodes, len(list))/2, 1)
		return nil
	case tooMuch(err) && f.values > 1:
		f.values /= 2
		return nil
	}
	part := make([]*missing, len(list))
	for i, o := range list {
		part[i] = o.missing
	}
	return f.again(ctx, part, err)
}

// take makes samples of what came of each point between what was read before
// and what comes by itself.
func (f *filler) take(list []*ongoing, results []*ua.HistoryReadResult, until plant.Instant) []plant.Sample {
	var samples []plant.Sample
	var r wire.Reading
	d := decoder{window: TimeWindow{Past: overlap, Future: overlap}, metrics: f.source.metrics, tell: func(*point, string) {}}
	for i, o := range list {
		o.came = 0
		if results[i].StatusCode&severityBad != 0 {
			continue
		}
		values, err := wire.HistoryValues(results[i].HistoryData)
		if err != nil {
			f.giveUp(o.missing, err.Error())
			continue
		}
		o.came = len(values)
		family := o.point.shadows()
		for j := range values {
			v := &values[j]
			at := cmp.Or(v.Source, v.Server)
			if v.Status&0xFFFF0000 == ua.StatusBadDataLost {
				f.doubt(o.missing, "the server's history has a gap")
			}
			t := plant.At(at)
			if at.IsZero() {
				f.doubt(o.missing, "its history has values without a time")
				continue
			}
			if t >= min(o.to, until) {
				continue
			}
			if o.newest = max(o.newest, t); t < o.next {
				continue
			}
			for _, p := range family {
				p.makeOut(v, &r)
				samples = append(samples, d.sample(p, &r, at))
			}
		}
	}
	return samples
}

// shadows returns a copy of p and its family, for values that are decoded
// beside those of the present.
func (p *point) shadows() []*point {
	var list []*point
	for ; p != nil; p = p.next {
		s := &point{tag: p.tag, address: p.address}
		s.known.Store(p.known.Load())
		list = append(list, s)
	}
	return list
}

// advance notes what was read, once the Sink has it, and returns what goes on.
func (f *filler) advance(list []*ongoing, results []*ua.HistoryReadResult, until plant.Instant) []*ongoing {
	var rest []*ongoing
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, o := range list {
		r, before := results[i], o.reached
		o.continuation, o.reached = nil, max(o.reached, o.newest)
		switch {
		case o.done:
			o.continuation = r.ContinuationPoint
			f.held = append(f.held, o)
		case r.StatusCode&severityBad != 0 && r.StatusCode != ua.StatusBadNoData:
			f.refusedLocked(o.missing, r.StatusCode)
		case len(r.ContinuationPoint) > 0 && o.newest > before:
			o.continuation, o.next, o.tries = r.ContinuationPoint, max(o.next, o.newest), 0
			rest = append(rest, o)
		case len(r.ContinuationPoint) > 0: // more of nothing: it must not go on for ever
			o.continuation = r.ContinuationPoint
			if o.stalledLocked() {
				f.held = append(f.held, o)
			} else {
				rest = append(rest, o)
			}
		case r.StatusCode&0xFFFF0000 == ua.StatusGoodMoreData && o.newest > o.next:
			o.next, o.tries = o.newest, 0 // a server without continuation points: the next slice goes on
		case r.StatusCode&0xFFFF0000 == ua.StatusGoodMoreData:
			o.stalledLocked()
		default:
			if r.StatusCode == ua.StatusBadNoData {
				o.trouble = statusText(r.StatusCode)
			}
			o.next, o.tries = until, 0
			o.done = o.next >= o.to
		}
	}
	return rest
}

// stalledLocked notes an answer that brought nothing new though there is said to
// be more, and reports whether these are too many.
func (m *missing) stalledLocked() bool {
	if m.tries++; m.tries < historyTries {
		return false
	}
	m.done, m.trouble = true, "its history has no end"
	return true
}

// refusedLocked takes the refusal of one node: some are for now only.
func (f *filler) refusedLocked(m *missing, status ua.StatusCode) {
	m.tries++
	switch {
	case errors.Is(status, ua.StatusBadNoContinuationPoints):
		f.nodes = max(f.nodes/2, 1)
	case errors.Is(status, ua.StatusBadContinuationPointInvalid), errors.Is(status, ua.StatusBadTimeout), tooMuch(status):
	default:
		m.tries = historyTries
	}
	if m.tries >= historyTries {
		m.done, m.trouble = true, statusText(status)
	}
}

// put hands over samples of the past.
func (f *filler) put(ctx context.Context, samples []plant.Sample) error {
	if len(samples) == 0 {
		return nil
	}
	if err := f.out.sink.Put(ctx, plant.Batch{Samples: samples, Backfilled: true}); err != nil {
		return fmt.Errorf("hand over %d samples of the past: %w", len(samples), err)
	}
	f.source.metrics.backfilled.Add(float64(len(samples)))
	return nil
}

// A pace bounds how many values are read in a second.
type pace struct {
	perSecond int
	next      time.Time // when more may be read
}

// wait waits after n values until more may be read, and reports whether ctx is
// still alive.
func (p *pace) wait(ctx context.Context, n int) bool {
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(n) * time.Second / time.Duration(p.perSecond))
	return sleep(ctx, p.next.Sub(now))
}
