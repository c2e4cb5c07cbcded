package production

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

const minute = plant.Instant(time.Minute)

// A bucketKey is what counts are kept apart by, besides the minute.
type bucketKey struct {
	product, order, shift string
	mould                 string // that made it together with other products
	ideal                 time.Duration
}

// A bucket is what was counted in one minute under one key.
type bucket struct {
	minute   plant.Instant
	key      int32 // index of the key
	n        [counters]int64
	inferred [counters]int64
	idle     int64
}

// Counts is the derived part of a unit that counters fill.
type counts struct {
	buckets     []bucket // sorted by minute, then key
	keys        []bucketKey
	meters      [counters]meter // after the last reading that is counted
	done        [counters]int   // how many readings of the tail are counted
	window      window
	scratch     *[]Count      // for KPIs, shared by the area
	contradicts bool          // told as a condition
	frozen      plant.Instant // counts of earlier minutes stay as they are
	carry       [counters]carry
}

// A window is where increments need no division: run in one minute, shift and
// segment. It is empty after every change.
type window struct {
	plant.Interval
	bucket   int
	inferred bool
}

// A piece is a part of an increment.
type piece struct {
	minute   plant.Instant
	key      int32
	inferred bool
	weight   uint64         // run time, or what it counts for; 0 without run
	within   plant.Interval // all of the segment with that minute and key
	n        int64
}

// count counts the readings that came since. When the timeline differs from
// changed on, or readings came late, it counts again from there. It returns
// from when on increments are new.
func (u *unit) count(changed plant.Instant) plant.Instant {
	if changed != endless {
		u.window = window{}
	}
	if u.recount != endless || u.counted() > changed {
		from := min(changed, u.recount)
		for i := range u.counters {
			if u.done[i] < len(u.counters[i].tail) {
				from = min(from, u.uncounted(i))
			}
		}
		u.recount = endless
		return u.countAgain(from)
	}
	from := endless
	for i := range u.counters {
		c := &u.counters[i]
		for ; u.done[i] < len(c.tail); u.done[i]++ {
			from = min(from, u.uncounted(i))
			r := c.tail[u.done[i]]
			inc, ok := u.meters[i].step(c.lim, r)
			if u.odd(i, r); ok {
				u.allot(i, inc, 0)
			}
		}
		u.sealCounter(i)
	}
	return from
}

// counted returns the time up to which any counter is counted.
func (u *unit) counted() plant.Instant {
	var t plant.Instant
	for i := range u.meters {
		t = max(t, u.meters[i].last.t)
	}
	return t
}

// uncounted returns the beginning of the next increment of a counter that has
// readings.
func (u *unit) uncounted(i int) plant.Instant {
	if m := &u.meters[i]; m.seen {
		return m.last.t
	}
	return u.counters[i].first()
}

// countedMain returns the time up to which the main counter is counted.
func (u *unit) countedMain() plant.Instant {
	for i := range u.counters[:cntReject] {
		if u.counters[i].tag != nil {
			return u.meters[i].last.t
		}
	}
	return 0
}

// countAgain replaces all counts from the minute on in which an increment
// begins that from divides, and returns that beginning.
func (u *unit) countAgain(from plant.Instant) plant.Instant {
	u.window = window{}
	for i := range u.counters {
		c := &u.counters[i]
		c.walk(c.lim, from, func(inc increment) bool {
			if inc.to > from {
				from = min(from, inc.from)
			}
			return inc.to <= from
		})
	}
	first := max(from.Truncate(time.Minute), u.frozen)
	for i := range u.counters {
		first = begin(first, u.frozen, &u.counters[i])
	}
	u.buckets = u.buckets[:u.bucketIndex(first)]
	u.out.minute = min(u.out.minute, first)
	for i := range u.counters {
		c := &u.counters[i]
		since := u.carry[i].reopen(first, u.frozen, c, func(inc increment) int64 { return u.valueOf(i, inc) })
		u.meters[i] = c.walk(c.lim, min(first, since), func(inc increment) bool {
			if inc.to > first || inc.from >= since {
				u.allot(i, inc, first)
			}
			return true
		})
		u.done[i] = len(c.tail)
		u.sealCounter(i)
	}
	return from
}

func (u *unit) sealCounter(i int) {
	c := &u.counters[i]
	if n := len(c.tail); n >= 2*blockSize {
		c.seal(c.lim)
		u.done[i] -= n - len(c.tail)
	}
}

// segmentIndex returns the index of the segment that t lies in, or the first
// after t.
func (u *unit) segmentIndex(t plant.Instant) int {
	n := len(u.segs)
	if n > 0 && u.segs[n-1].From <= t {
		return n - 1
	}
	k, found := slices.BinarySearchFunc(u.segs, t, func(s Segment, t plant.Instant) int { return cmp.Compare(s.From, t) })
	if !found && k > 0 {
		k--
	}
	return k
}

func (u *unit) segmentAt(t plant.Instant) Segment {
	if k := u.segmentIndex(t); k < len(u.segs) {
		return u.segs[k]
	}
	return Segment{}
}

func (u *unit) keyOf(seg Segment, shift string, m plant.Instant) int32 {
	return u.keyFor(bucketKey{product: seg.Product, order: seg.Order, shift: shift, ideal: u.set.plan.ideal(seg.Product, m)})
}

func (u *unit) keyFor(key bucketKey) int32 {
	for i := len(u.keys) - 1; i >= 0; i-- {
		if u.keys[i] == key {
			return int32(i)
		}
	}
	u.keys = append(u.keys, key)
	return int32(len(u.keys) - 1)
}

// bucketOf returns the bucket of a minute and key, a new one if need be. The
// pointer holds until the next call.
func (u *unit) bucketOf(m plant.Instant, key int32) *bucket {
	i := len(u.buckets)
	for i > 0 && (u.buckets[i-1].minute > m || u.buckets[i-1].minute == m && u.compareKeys(u.buckets[i-1].key, key) > 0) {
		i--
	}
	if i > 0 && u.buckets[i-1].minute == m && u.buckets[i-1].key == key {
		return &u.buckets[i-1]
	}
	u.buckets = slices.Insert(u.buckets, i, bucket{minute: m, key: key})
	u.window = window{}
	return &u.buckets[i]
}

func (u *unit) compareKeys(a, b int32) int {
	x, y := u.keys[a], u.keys[b]
	return cmp.Or(cmp.Compare(x.product, y.product), cmp.Compare(x.order, y.order), cmp.Compare(x.shift, y.shift), cmp.Compare(x.mould, y.mould))
}

// export turns the buckets from the given index on into Counts.
func (u *unit) export(dst []Count, from int) []Count {
	for _, b := range u.buckets[from:] {
		k := u.keys[b.key]
		c := Count{Minute: b.minute, Product: k.product, Order: k.order, Shift: k.shift, Mould: k.mould, IdealCycle: k.ideal, Idle: b.idle}
		c.Total, c.Good, c.Reject = u.balance(b.n)
		c.Inferred, c.InferredGood, _ = u.balance(b.inferred)
		c.Rework = b.n[cntRework]
		dst = append(dst, c)
	}
	return dst
}

// balance makes total = good + reject of the counters that there are. What is
// to be reworked is not good at first pass, whether the reject counter counts
// it or not.
func (u *unit) balance(n [counters]int64) (total, good, reject int64) {
	hasTotal, hasGood, hasReject := u.counters[cntTotal].tag != nil, u.counters[cntGood].tag != nil, u.counters[cntReject].tag != nil
	bad := n[cntReject]
	if u.set.reworkApart || !hasReject {
		bad += n[cntRework]
	}
	switch {
	case hasTotal && hasReject:
		return n[cntTotal], n[cntTotal] - bad, bad
	case hasTotal && hasGood:
		return n[cntTotal], n[cntGood], n[cntTotal] - n[cntGood]
	case hasGood:
		return n[cntGood] + bad, n[cntGood], bad
	}
	return n[cntTotal], n[cntTotal] - bad, bad
}
