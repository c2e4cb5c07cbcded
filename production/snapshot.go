package production

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"
	"unique"

	"andon/plant"
)

// snapshotVersion is the first byte of a snapshot.
const snapshotVersion = 16

// Snapshot returns the state of the Area. It must be taken after Drain: what
// was not drained yet is not told by the Area that restores it. The same
// state gives the same bytes.
func (a *Area) Snapshot() ([]byte, error) {
	a.settle()
	w := &writer{b: []byte{snapshotVersion}}
	w.time(a.now)
	w.time(a.trimmed)
	w.len(len(a.sources))
	for _, name := range sortedKeys(a.sources) {
		w.text(name)
		w.spans(a.sources[name].spans)
	}
	w.len(len(a.units))
	for _, u := range a.units {
		w.text(u.eq.Path)
		part := &writer{}
		part.unit(u)
		w.bytes(part.b)
	}
	w.orders(a.orders)
	return binary.BigEndian.AppendUint64(w.b, checksum(w.b)), nil
}

// Restore puts the Area, new and with no input so far, into the state of a
// snapshot. Equipment that the snapshot does not know begins anew; what it
// knows and the tree does not is dropped. An Area that failed to restore must
// not be used.
func (a *Area) Restore(b []byte) error {
	if len(b) == 0 || b[0] != snapshotVersion {
		return fmt.Errorf("read snapshot: not of version %d", snapshotVersion)
	}
	n := len(b) - 8
	if n < 1 || binary.BigEndian.Uint64(b[n:]) != checksum(b[:n]) {
		return errSnapshot
	}
	r := &reader{b: b[1:n]}
	a.now = r.time()
	a.trimmed = r.time()
	for range r.len() {
		name := r.text()
		spans := r.spans()
		if src := a.sources[name]; src != nil {
			src.spans = spans
		}
	}
	for range r.len() {
		path := r.text()
		part := &reader{b: r.bytes()}
		i := slices.IndexFunc(a.units, func(u *unit) bool { return u.eq.Path == path })
		if i < 0 || r.err != nil {
			continue
		}
		if part.unit(a.units[i]); part.err != nil || len(part.b) != 0 {
			return fmt.Errorf("equipment %s: %w", path, errSnapshot)
		}
	}
	a.orders = r.orders()
	if r.err != nil || len(r.b) != 0 {
		return errSnapshot
	}
	for _, u := range a.units {
		u.jobs = u.set.plan.withOrders(a.ordersByLine(u.eq.Line.Path))
	}
	a.revive()
	return nil
}

func checksum(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// revive derives again what a snapshot leaves out.
func (a *Area) revive() {
	for _, u := range a.units {
		if u.begin == 0 {
			continue
		}
		u.stated = u.last
		u.deriveAgain()
		u.wake = min(u.wake, u.judgeSpeed(endless), u.measure(endless))
		u.out.reset()
		if len(u.segs) > 0 {
			now, since := u.present()
			u.out.state = plant.StateChange{Equipment: u.eq, State: now.State, Since: since, Reason: now.Reason}
			u.out.part = now.From
		}
		a.list(u)
	}
}

func (w *writer) spans(s spans) {
	w.len(len(s))
	for _, v := range s {
		w.time(v.From)
		w.time(v.To)
	}
}

func (r *reader) spans() spans {
	var s spans
	for range r.len() {
		s = append(s, plant.Interval{From: r.time(), To: r.time()})
	}
	return s
}

func (w *writer) unit(u *unit) {
	w.time(u.begin)
	w.time(u.last)
	w.time(u.at)
	w.time(u.end)
	w.time(u.sure)
	w.spans(u.spans)
	for i := range u.tracks {
		w.track(&u.tracks[i])
	}
	w.cursor(&u.checks[0].cursor)
	w.time(u.since)
	w.int(int64(u.ran))
	for i := range u.counters {
		w.counter(&u.counters[i], u.meters[i], u.done[i])
	}
	w.signs(u.signs)
	w.spans(u.slow)
	w.time(u.slowPos)
	w.bool(u.contradicts)
	w.time(u.frozen)
	for _, c := range u.carry {
		w.carry(c)
	}
	w.len(len(u.keys))
	for _, k := range u.keys {
		w.text(k.product)
		w.text(k.order)
		w.text(k.shift)
		w.text(k.mould)
		w.int(int64(k.ideal))
	}
	w.len(len(u.buckets))
	for _, b := range u.buckets {
		w.time(b.minute)
		w.int(int64(b.key))
		w.int(b.idle)
		for i := range b.n {
			w.int(b.n[i])
			w.int(b.inferred[i])
		}
	}
	w.gauges(&u.gauges)
}

func (r *reader) unit(u *unit) {
	u.begin = r.time()
	u.last = r.time()
	u.at = r.time()
	u.end = r.time()
	u.sure = r.time()
	u.spans = r.spans()
	for i := range u.tracks {
		u.lost = r.track(&u.tracks[i]) || u.lost
	}
	r.cursor(&u.checks[0].cursor)
	u.since, u.ran = r.time(), time.Duration(r.int())
	u.cur = u.checks[0].clone()
	for i := range u.counters {
		u.meters[i], u.done[i] = r.counter(&u.counters[i])
	}
	r.signs(u.signs)
	u.slow = r.spans()
	u.slowPos = r.time()
	u.contradicts = r.bool()
	u.frozen = r.time()
	for i := range u.carry {
		u.carry[i] = r.carry()
	}
	for range r.len() {
		u.keys = append(u.keys, bucketKey{r.text(), r.text(), r.text(), r.text(), time.Duration(r.int())})
	}
	for range r.len() {
		b := bucket{minute: r.time(), key: int32(r.int()), idle: r.int()}
		for i := range b.n {
			b.n[i], b.inferred[i] = r.int(), r.int()
		}
		if b.key < 0 || int(b.key) >= len(u.keys) {
			r.fail()
			return
		}
		u.buckets = append(u.buckets, b)
	}
	r.gauges(&u.gauges)
}

func (r *reader) code() code { return unique.Make(r.text()) }

func (w *writer) counter(c *counter, now meter, done int) {
	w.meter(now)
	w.int(int64(done))
	w.len(len(c.blocks))
	for _, b := range c.blocks {
		w.time(b.from)
		w.time(b.to)
		w.int(int64(b.n))
		w.bytes(b.data)
		w.meter(b.start)
	}
	w.meter(c.start)
	w.int(int64(c.valid))
	w.len(len(c.tail))
	for _, r := range c.tail {
		w.time(r.t)
		w.int(r.v)
	}
}

func (r *reader) counter(c *counter) (now meter, done int) {
	now = r.meter()
	counted := r.upTo(math.MaxInt32)
	c.readings = readings{}
	for range r.len() {
		b := block{from: r.time(), to: r.time(), n: int(r.upTo(maxPacked)), data: r.bytes(), start: r.meter()}
		if _, err := unpack(nil, b.data, b.n); err != nil {
			r.fail()
			return now, 0
		}
		b.data = slices.Clone(b.data)
		c.blocks = append(c.blocks, b)
	}
	c.start = r.meter()
	c.valid = int(r.upTo(int64(len(c.blocks) + 1)))
	for range r.len() {
		c.tail = append(c.tail, reading{r.time(), r.int()})
	}
	if counted > int64(len(c.tail)) {
		r.fail()
		return now, 0
	}
	return now, int(counted)
}

func (w *writer) reading(r reading) {
	w.time(r.t)
	w.int(r.v)
}

func (r *reader) reading() reading { return reading{r.time(), r.int()} }

func (w *writer) meter(m meter) {
	w.bool(m.seen)
	w.bool(m.hasOdd)
	w.bool(m.hasBefore)
	w.reading(m.last)
	w.reading(m.odd)
	w.reading(m.before)
	w.int(m.since)
}

func (r *reader) meter() meter {
	return meter{seen: r.bool(), hasOdd: r.bool(), hasBefore: r.bool(), last: r.reading(), odd: r.reading(),
		before: r.reading(), since: r.int()}
}
