package production

import (
	"encoding/binary"
	"errors"
	"slices"

	"andon/plant"
)

// A reading is one value of a counter, in counts.
type reading struct {
	t plant.Instant
	v int64
}

func (r reading) compare(s reading) int {
	if r.t != s.t {
		return int(min(1, max(-1, r.t-s.t)))
	}
	return int(min(1, max(-1, r.v-s.v)))
}

// A block is a run of old readings, packed: at a steady pace one byte each.
type block struct {
	from, to plant.Instant
	n        int
	data     []byte
	start    meter // the state of the counter before the first reading
}

const (
	blockSize = 256
	// packed bytes up to smallMax hold one reading: how its distance in time
	// changed (-3..3 units) and how far it counted (0..34).
	smallSteps = 35
	smallMax   = 7*smallSteps - 1
	bigReading = 255
)

var (
	timeUnits = [...]plant.Instant{1e9, 1e6, 1e3, 1}
	// Energy comes in steps of watt-hours and more, though it is counted in
	// milliwatt-hours.
	countUnits = [...]int64{1, 1e3, 1e4, 1e5, 1e6}
)

// pack packs readings, which are sorted and not empty.
func pack(rs []reading) []byte {
	u := 0
	for _, r := range rs {
		for r.t%timeUnits[u] != 0 {
			u++
		}
	}
	unit, c := timeUnits[u], commonUnit(rs)
	each := countUnits[c]
	b := make([]byte, 1, 2*len(rs)+16)
	b[0] = byte(c*len(timeUnits) + u)
	b = binary.AppendVarint(b, int64(rs[0].t/unit))
	b = binary.AppendVarint(b, rs[0].v/each)
	var step int64
	for i, r := range rs[1:] {
		dt := int64((r.t - rs[i].t) / unit)
		dd, dv := dt-step, (r.v-rs[i].v)/each
		step = dt
		if dd >= -3 && dd <= 3 && dv >= 0 && dv < smallSteps {
			b = append(b, byte((dd+3)*smallSteps+dv))
			continue
		}
		b = append(b, bigReading)
		b = binary.AppendVarint(b, dd)
		b = binary.AppendVarint(b, dv)
	}
	return slices.Clip(b)
}

// commonUnit returns the index of the greatest unit that all values are in.
func commonUnit(rs []reading) int {
	c := len(countUnits) - 1
	for _, r := range rs {
		for r.v%countUnits[c] != 0 {
			c--
		}
	}
	return c
}

var errPacked = errors.New("unpack readings: damaged block")

// unpack appends the n readings in b to dst.
func unpack(dst []reading, b []byte, n int) ([]reading, error) {
	if len(b) == 0 || int(b[0]) >= len(timeUnits)*len(countUnits) || n < 1 || n > len(b) {
		return dst, errPacked
	}
	unit, count := timeUnits[int(b[0])%len(timeUnits)], countUnits[int(b[0])/len(timeUnits)]
	b = b[1:]
	bad := false
	varint := func() int64 {
		v, k := binary.Varint(b)
		if k <= 0 {
			bad = true
			return 0
		}
		b = b[k:]
		return v
	}
	t := varint()
	v := varint()
	dst = append(dst, reading{plant.Instant(t) * unit, v * count})
	var step int64
	for i := 1; i < n && !bad; i++ {
		if len(b) == 0 {
			return dst, errPacked
		}
		head := int64(b[0])
		b = b[1:]
		if head <= smallMax {
			step += head/smallSteps - 3
			v += head % smallSteps
		} else {
			step += varint()
			v += varint()
		}
		t += step
		dst = append(dst, reading{plant.Instant(t) * unit, v * count})
	}
	if bad || len(b) != 0 {
		return dst, errPacked
	}
	return dst, nil
}

// A readings is the history of one counter, sorted by time and value: old
// ones packed in blocks, the recent ones as they are.
type readings struct {
	blocks []block
	tail   []reading
	start  meter // the state of the counter before tail
	valid  int   // how many start states, of blocks and then tail, are right
	buf    []reading
}

// insert puts r in its place. It reports whether r was not there before.
func (h *readings) insert(r reading) bool {
	if n := len(h.tail); n == 0 && len(h.blocks) == 0 || n > 0 && h.tail[n-1].t < r.t {
		h.tail = append(h.tail, r)
		h.valid = max(h.valid, 1)
		return true
	}
	k := h.find(r.t)
	if k == len(h.blocks) {
		i, found := slices.BinarySearchFunc(h.tail, r, reading.compare)
		if !found {
			h.tail = slices.Insert(h.tail, i, r)
		}
		return !found
	}
	b := &h.blocks[k]
	rs := h.open(k)
	i, found := slices.BinarySearchFunc(rs, r, reading.compare)
	if found {
		return false
	}
	rs = slices.Insert(rs, i, r)
	h.buf = rs
	b.from, b.to, b.n, b.data = rs[0].t, rs[len(rs)-1].t, len(rs), pack(rs)
	h.valid = min(h.valid, k+1)
	if b.n >= 2*blockSize {
		h.split(k, rs)
	}
	return true
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
