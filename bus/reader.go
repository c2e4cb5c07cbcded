package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"andon/plant"
)

// quietTime is how long nothing may come before the reader asks the stream
// whether there is more. A tick comes every second.
const quietTime = 2 * time.Second

// maxFetched is how many samples Fetch returns at once: some 4 MB. A message
// more may have been begun.
const maxFetched = 64_000

// A Reader hands over the messages of one area in order, each once. It comes
// back by itself after NATS was away. It is not safe for concurrent use, but
// for Skipped.
type Reader struct {
	b       *Bus
	name    string // who reads, for metrics
	area    *plant.Area
	lane    *lane
	dec     *decoder
	after   uint64    // position of the last message handed over or passed by
	created time.Time // of the stream read so far

	sub      *subscription // nil when there is none
	quiet    time.Time     // when something last came or the stream was asked
	failures int           // to subscribe, since something came
	joined   bool          // counted among the lane's readers
	skipped  atomic.Uint64
}

// Reader returns a reader that begins after a position: 0 for the beginning.
// When retention has removed the next message it begins with the first left
// and Skipped counts the rest, as it does what a damaged file does not give. A position past the end means that the stream
// was made anew since: the reader begins at its beginning. Call Close when
// done.
func (b *Bus) Reader(ctx context.Context, area *plant.Area, after uint64) (*Reader, error) {
	return b.NamedReader(ctx, "other", area, after)
}

// NamedReader is Reader for one whose name stands in the metrics of what it
// missed. Names are few.
func (b *Bus) NamedReader(ctx context.Context, name string, area *plant.Area, after uint64) (*Reader, error) {
	l := b.byPath[area.Path]
	if l == nil {
		return nil, fmt.Errorf("area %s is not of site %s", area.Path, b.tree.Site)
	}
	r := &Reader{b: b, name: name, area: area, lane: l, dec: newDecoder(b.tree), after: after}
	r.b.m.skipped.WithLabelValues(area.Name, name) // a 0 to compare with
	if err := r.subscribe(ctx); err != nil {
		return nil, fmt.Errorf("read stream of %s: %w", area.Path, err)
	}
	l.recent.join()
	r.joined = true
	return r, nil
}

// Skipped returns how many messages this reader did not get: retention had
// removed them, or their file is damaged. It is safe for concurrent use.
func (r *Reader) Skipped() uint64 { return r.skipped.Load() }

// Position returns the position of the last message that was handed over or
// passed by.
func (r *Reader) Position() uint64 { return r.after }

// Close ends the reader.
func (r *Reader) Close() {
	r.drop()
	if r.joined {
		r.joined = false
		r.lane.recent.leave()
	}
}

// Fetch returns the next messages, at most that many and not many more than
// 64,000 samples. It waits for the first one as long as wait and takes what
// else is there; after wait in vain it returns none and no error. A message
// that cannot be read is logged, counted and passed by. Fetch fails only when
// ctx is done or the bus is closed. The messages belong to the caller, but for
// what they hold of telemetry, which other readers may have as well: nobody may
// change that.
func (r *Reader) Fetch(ctx context.Context, most int, wait time.Duration) ([]plant.Message, error) {
	deadline := time.Now().Add(wait)
	for {
		out, err := r.next(ctx, most, deadline)
		if len(out) > 0 || err != nil {
			return out, err
		}
		if !time.Now().Before(deadline) {
			return nil, nil
		}
	}
}

// next does one step of Fetch: it makes sure of a subscription and waits for
// messages, trouble, the quiet time or the deadline.
func (r *Reader) next(ctx context.Context, most int, deadline time.Time) ([]plant.Message, error) {
	if err := r.ready(ctx, deadline); r.sub == nil || err != nil {
		return nil, err
	}
	select {
	case m := <-r.sub.messages:
		return r.take(m, most), nil
	default:
	}
	timer := time.NewTimer(min(time.Until(deadline), time.Until(r.quiet.Add(quietTime))))
	defer timer.Stop()
	select {
	case m := <-r.sub.messages:
		return r.take(m, most), nil
	case err := <-r.sub.broken:
		if r.b.isClosed() {
			return nil, ErrClosed
		}
		r.fail(err)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.b.closed:
		return nil, ErrClosed
	case <-timer.C:
	}
	return nil, nil
}

// ready subscribes when there is no subscription, or when a silent one turns
// out to have missed something. After a failure it waits a little.
func (r *Reader) ready(ctx context.Context, deadline time.Time) error {
	if r.sub != nil && time.Since(r.quiet) < quietTime {
		return nil
	}
	actx, cancel := r.b.link.watch(ctx)
	defer cancel()
	if r.sub != nil {
		last, err := r.b.Last(actx, r.area)
		r.quiet = time.Now()
		if err != nil || last == r.after || len(r.sub.messages) > 0 {
			return ctx.Err()
		}
		r.fail(fmt.Errorf("no message comes, though the stream is at %d and this reader at %d", last, r.after))
	}
	err := r.subscribe(actx)
	if err == nil {
		return nil
	}
	if r.b.isClosed() {
		return ErrClosed
	}
	r.fail(err)
	if pause(ctx, min(backOff(r.failures), time.Until(deadline))) != nil {
		return ctx.Err()
	}
	return nil
}

// fail drops the subscription. The first failure in a row is logged.
func (r *Reader) fail(err error) {
	r.drop()
	if r.failures++; r.failures == 1 {
		r.b.log.Warn("reader of the stream is cut off, trying on", "area", r.area.Name, "position", r.after, "err", err)
	}
}

func (r *Reader) drop() {
	if r.sub != nil {
		r.sub.stop()
		r.sub = nil
	}
}

// take reads m and what else is there.
func (r *Reader) take(m jetstream.Msg, most int) []plant.Message {
	var out []plant.Message
	samples := 0
	for {
		before := len(out)
		if !r.accept(m, &out) || len(out) >= most {
			break
		}
		for _, m := range out[before:] {
			samples += len(m.Samples)
		}
		if samples >= maxFetched {
			break
		}
		select {
		case m = <-r.sub.messages:
			continue
		default:
		}
		break
	}
	r.quiet = time.Now()
	r.b.m.read.WithLabelValues(r.area.Name).Add(float64(len(out)))
	if len(out) > 0 && r.failures > 0 {
		r.failures = 0
		r.b.log.Info("reader of the stream is back", "area", r.area.Name, "position", r.after)
	}
	return out
}

// skip passes by what retention has removed, up to a position.
func (r *Reader) skip(to uint64) {
	if to <= r.after {
		return
	}
	count := to - r.after
	r.skipped.Add(count)
	r.b.m.skipped.WithLabelValues(r.area.Name, r.name).Add(float64(count))
	r.b.log.Warn("retention removed messages before they were read", "reader", r.name, "area", r.area.Name, "after", r.after, "count", count)
	r.after = to
}

// accept appends m to out. It is false when the subscription lost a message
// and was dropped.
func (r *Reader) accept(m jetstream.Msg, out *[]plant.Message) bool {
	meta, err := m.Metadata()
	if err != nil {
		r.fail(err)
		return false
	}
	pos := meta.Sequence.Stream
	if r.sub.delivered++; meta.Sequence.Consumer != r.sub.delivered || pos <= r.after {
		r.fail(errors.New("a message was lost on the way"))
		return false
	}
	r.missing(pos - 1)
	r.after = pos
	msg, err := r.decode(m)
	if err != nil {
		r.b.m.decodeErrors.WithLabelValues(r.area.Name).Inc()
		r.b.log.Error("a message of the stream cannot be read, passing it by", "area", r.area.Name, "position", pos, "err", err)
		return true
	}
	msg.Pos, msg.Time = pos, plant.At(meta.Timestamp)
	*out = append(*out, msg)
	return true
}

func (r *Reader) decode(m jetstream.Msg) (msg plant.Message, err error) {
	msg.Kind = kindOf(m.Subject())
	switch msg.Kind {
	case plant.KindTelemetry:
		w, ok := r.lane.recent.take(m.Headers().Get(jetstream.MsgIDHeader), len(m.Data()))
		if !ok {
			w.content, err = r.dec.decode(m.Data())
		}
		msg.Samples, msg.Contacts, msg.Events = w.samples, w.contacts, w.events
		msg.Gaps, msg.Known, msg.Backfilled = w.gaps, w.known, w.backfilled
	case plant.KindCommand:
		msg.Command = &plant.Command{}
		err = json.Unmarshal(m.Data(), msg.Command)
	case plant.KindDerived:
		msg.Points = m.Data()
	case plant.KindTick:
	default:
		err = fmt.Errorf("subject %.200q is of no kind", m.Subject())
	}
	return msg, err
}
