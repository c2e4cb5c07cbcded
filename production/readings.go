package production

import (
	"slices"

	"andon/plant"
)

// A reading is one value of a counter, in counts.
type reading struct {
	t plant.Instant
	v int64
}

// A block is a run of old readings, packed: at a steady pace one byte each.
type block struct {
	from, to plant.Instant
	n        int
	data     []byte
	start    meter // the state of the counter before the first reading
}

// blockSize is how many readings are packed together.
const blockSize = 256

// A readings is the history of one counter, sorted by time and, at the same
// time, in the order in which they came: old ones packed in blocks, the recent
// ones as they are.
type readings struct {
	blocks []block
	tail   []reading
	start  meter // the state of the counter before tail
	valid  int   // how many start states, of blocks and then tail, are right
	buf    []reading
}

// insert puts r behind what there is of its time. It reports whether that value
// was not there at that time before.
func (h *readings) insert(r reading) bool {
	if n := len(h.tail); n == 0 && len(h.blocks) == 0 || n > 0 && h.tail[n-1].t < r.t {
		h.tail = append(h.tail, r)
		h.valid = max(h.valid, 1)
		return true
	}
	k, found := h.place(r)
	if found {
		return false
	}
	rs := h.open(k)
	i := len(rs)
	for i > 0 && rs[i-1].t > r.t {
		i--
	}
	rs = slices.Insert(rs, i, r)
	if k == len(h.blocks) {
		h.tail = rs
		return true
	}
	b := &h.blocks[k]
	h.buf = rs
	b.from, b.to, b.n, b.data = rs[0].t, rs[len(rs)-1].t, len(rs), pack(rs)
	h.valid = min(h.valid, k+1)
	if b.n >= 2*blockSize {
		h.split(k, rs)
	}
	return true
}

// place returns the part in which r comes last of its time, and whether it is
// there already. Readings at one time may lie in more than one part.
func (h *readings) place(r reading) (k int, found bool) {
	for k = h.find(r.t); ; k++ {
		rs := h.open(k)
		for i := len(rs); i > 0 && rs[i-1].t >= r.t; i-- {
			if rs[i-1] == r {
				return k, true
			}
		}
		if k == len(h.blocks) || h.startsAfter(k+1, r.t) {
			return k, false
		}
	}
}

// startsAfter reports whether part k has no reading up to t.
func (h *readings) startsAfter(k int, t plant.Instant) bool {
	if k < len(h.blocks) {
		return h.blocks[k].from > t
	}
	return len(h.tail) == 0 || h.tail[0].t > t
}

func (h *readings) split(k int, rs []reading) {
	half := len(rs) / 2
	a, b := slices.Clone(rs[:half]), slices.Clone(rs[half:])
	h.blocks[k] = newBlock(a, h.blocks[k].start)
	h.blocks = slices.Insert(h.blocks, k+1, newBlock(b, meter{}))
}

func newBlock(rs []reading, start meter) block {
	return block{from: rs[0].t, to: rs[len(rs)-1].t, n: len(rs), data: pack(rs), start: start}
}

// find returns the index of the part, block or tail, where a reading at t
// belongs: the first that ends at or after t.
func (h *readings) find(t plant.Instant) int {
	if n := len(h.blocks); n == 0 || h.blocks[n-1].to < t {
		return n
	}
	i, _ := slices.BinarySearchFunc(h.blocks, t, func(b block, t plant.Instant) int {
		if b.to < t {
			return -1
		}
		return 1
	})
	return i
}

// open returns the readings of part k; they are valid until the next call.
func (h *readings) open(k int) []reading {
	if k == len(h.blocks) {
		return h.tail
	}
	b := h.blocks[k]
	rs, err := unpack(h.buf[:0], b.data, b.n)
	if err != nil {
		panic(err) // packed by us or checked by Restore
	}
	h.buf = rs
	return rs
}

func (h *readings) startOf(k int) *meter {
	if k == len(h.blocks) {
		return &h.start
	}
	return &h.blocks[k].start
}

// walk calls f for the increments that the readings show, in order, from
// before t on, until f returns false. It returns the state of the counter
// there, and keeps the start states right on its way.
func (h *readings) walk(lim limits, t plant.Instant, f func(increment) bool) meter {
	k := min(h.find(t), max(0, h.valid-1))
	var m meter
	for ; k <= len(h.blocks); k++ {
		m = *h.startOf(k)
		for _, r := range h.open(k) {
			if inc, ok := m.step(lim, r); ok && !f(inc) {
				return m
			}
		}
		if k < len(h.blocks) && h.valid <= k+1 {
			*h.startOf(k + 1) = m
			h.valid = k + 2
		}
	}
	return m
}

// seal packs what is old of the tail. All start states must be valid.
func (h *readings) seal(lim limits) {
	for len(h.tail) >= 2*blockSize && h.valid == len(h.blocks)+1 {
		old := h.tail[:blockSize]
		h.blocks = append(h.blocks, newBlock(old, h.start))
		for _, r := range old {
			h.start.step(lim, r)
		}
		h.tail = append(h.tail[:0], h.tail[blockSize:]...)
		h.valid++
	}
}

// next returns the time of the first reading after t.
func (h *readings) next(t plant.Instant) (plant.Instant, bool) {
	for k := h.find(t + 1); k <= len(h.blocks); k++ {
		for _, r := range h.open(k) {
			if r.t > t {
				return r.t, true
			}
		}
	}
	return 0, false
}

// any reports whether there is a reading.
func (h *readings) any() bool { return len(h.blocks)+len(h.tail) > 0 }

// first returns the time of the first reading; there must be one.
func (h *readings) first() plant.Instant {
	if len(h.blocks) > 0 {
		return h.blocks[0].from
	}
	return h.tail[0].t
}

// trim forgets whole blocks that ended before t, but for the last of them.
func (h *readings) trim(t plant.Instant) {
	n := 0
	for n+1 < len(h.blocks) && h.blocks[n+1].to < t {
		n++
	}
	if n = min(n, h.valid-1); n > 0 {
		h.blocks = slices.Clone(h.blocks[n:])
		h.valid -= n
	}
}
