package production

import (
	"slices"

	"andon/plant"
)

const (
	// trackBlockSize is about how many entries are packed together: twice as
	// many are kept as they are.
	trackBlockSize = 128
	// trackOpen is how long entries are kept as they are at least: what is not
	// sure yet is derived from them again and again.
	trackOpen = plant.Instant(3 * grace)
)

// A trackBlock is a run of old entries, packed as readings are, with indices
// of codes for counts: repeats at a steady pace take nearly nothing.
type trackBlock struct {
	from, to plant.Instant
	codes    []code // each once; blocks of the same codes share them
	n        int
	data     []byte
}

// newTrackBlock packs es, which must not be empty. The codes of a block may be
// those of another one, like.
func newTrackBlock(es []entry, like []code) trackBlock {
	var room [2 * trackBlockSize]reading
	rs, codes := room[:0], []code(nil)
	for _, e := range es {
		i := slices.Index(codes, e.v)
		if i < 0 {
			i, codes = len(codes), append(codes, e.v)
		}
		rs = append(rs, reading{e.t, int64(i)})
	}
	if slices.Equal(codes, like) {
		codes = like
	}
	return trackBlock{from: es[0].t, to: es[len(es)-1].t, codes: codes, n: len(es), data: pack(rs)}
}

// entries appends the entries of the block to dst.
func (b *trackBlock) entries(dst []entry) []entry {
	var room [2 * trackBlockSize]reading
	rs, err := unpack(room[:0], b.data, b.n)
	if err != nil {
		panic(err) // packed by us or checked by Restore
	}
	for _, r := range rs {
		dst = append(dst, entry{r.t, b.codes[r.v]})
	}
	return dst
}

// find returns the index of the first block that ends at or after t.
func (k *track) find(t plant.Instant) int {
	if n := len(k.old); n == 0 || k.old[n-1].to < t {
		return n
	}
	i, _ := slices.BinarySearchFunc(k.old, t, func(b trackBlock, t plant.Instant) int {
		if b.to < t {
			return -1
		}
		return 1
	})
	return i
}

// blockBy returns the index of the last block that begins by t, -1 for none.
func (k *track) blockBy(t plant.Instant) int {
	i := k.find(t)
	if i == len(k.old) || k.old[i].from > t {
		i--
	}
	return i
}

// codesOf returns the codes of the last of the first n blocks.
func (k *track) codesOf(n int) []code {
	if n == 0 {
		return nil
	}
	return k.old[n-1].codes
}

// seal packs what is old of the recent entries.
func (k *track) seal() {
	n := border(k.recent, trackBlockSize)
	if n == 0 {
		return
	}
	k.old = append(k.old, newTrackBlock(k.recent[:n], k.codesOf(len(k.old))))
	k.recent = slices.Delete(k.recent, 0, n)
}

// border returns where es can be divided, near n if possible: not between
// entries at one time. It is 0 when they are all at one.
func border(es []entry, n int) int {
	for i := n; i > 0; i-- {
		if es[i-1].t < es[i].t {
			return i
		}
	}
	for i := n + 1; i < len(es); i++ {
		if es[i-1].t < es[i].t {
			return i
		}
	}
	return 0
}

// insertOld is insert for an entry that belongs into a block.
func (k *track) insertOld(e entry) bool {
	i := k.find(e.t)
	b := &k.old[i]
	var room [2*trackBlockSize + 1]entry
	es, fresh := place(b.entries(room[:0]), e)
	if !fresh {
		return false
	}
	n := 0
	if len(es) >= 2*trackBlockSize {
		n = border(es, trackBlockSize)
	}
	if n > 0 {
		k.old = slices.Insert(k.old, i, newTrackBlock(es[:n], b.codes))
		i++
	}
	k.old[i] = newTrackBlock(es[n:], k.old[i].codes)
	return true
}

// atOld is at for a time before the recent entries.
func (k *track) atOld(t plant.Instant) code {
	i := k.blockBy(t)
	if i < 0 {
		return codeNone
	}
	b := &k.old[i]
	if len(b.codes) == 1 {
		return b.codes[0]
	}
	var room [2 * trackBlockSize]entry
	es := b.entries(room[:0])
	return es[countBy(es, t)-1].v
}

// untilOld is until for a time before the recent entries.
func (k *track) untilOld(t, sure plant.Instant, means *codes) plant.Instant {
	h := hold{v: k.atOld(t), sure: sure, means: means}
	i := k.blockBy(t)
	if i < 0 || isLost(h.v) {
		return k.next(t)
	}
	for ; i < len(k.old); i++ {
		if h.passBlock(&k.old[i], t) {
			return h.until
		}
	}
	if h.passAll(k.recent) {
		return h.until
	}
	return h.end()
}

// passBlock looks at the entries of b that are after t.
func (h *hold) passBlock(b *trackBlock, t plant.Instant) bool {
	if len(b.codes) == 1 && b.from > t { // the first or the last entry stands for all
		first, last := entry{b.from, b.codes[0]}, entry{b.to, b.codes[0]}
		switch {
		case b.from > h.sure, !h.means.alike(h.v, first.v):
			return h.pass(first)
		case b.to <= h.sure:
			return h.pass(last)
		}
	}
	var room [2 * trackBlockSize]entry
	es := b.entries(room[:0])
	return h.passAll(es[countBy(es, t):])
}

// nextOld is next for a time before the recent entries.
func (k *track) nextOld(t plant.Instant) plant.Instant {
	i := k.find(t + 1)
	switch {
	case i < len(k.old) && k.old[i].from > t:
		return k.old[i].from
	case i < len(k.old):
		var room [2 * trackBlockSize]entry
		es := k.old[i].entries(room[:0])
		return es[countBy(es, t)].t
	case len(k.recent) > 0:
		return k.recent[0].t
	}
	return endless
}

// firstAfter returns the time of the first entry after t whose value is lost
// or, without lost, is not; endless when there is none.
func (k *track) firstAfter(t plant.Instant, lost bool) plant.Instant {
	is := func(c code) bool { return isLost(c) == lost }
	n := countBy(k.recent, t)
	if n == 0 {
		for i := k.find(t + 1); i < len(k.old); i++ {
			b := &k.old[i]
			if !slices.ContainsFunc(b.codes, is) {
				continue
			}
			var room [2 * trackBlockSize]entry
			es := b.entries(room[:0])
			for _, e := range es[countBy(es, t):] {
				if is(e.v) {
					return e.t
				}
			}
		}
	}
	for _, e := range k.recent[n:] {
		if is(e.v) {
			return e.t
		}
	}
	return endless
}

// known returns the last entry by t that is not lost contact: the part that it
// is in, len(k.old) for the recent entries, the entries of that, and its index
// there, -1 when there is none.
func (k *track) known(t plant.Instant) (part int, es []entry, i int) {
	part, es = len(k.old), k.recent
	var unpacked []entry
	for {
		for i = countBy(es, t) - 1; i >= 0; i-- {
			if es[i].v != codeLost {
				return part, es, i
			}
		}
		if part--; part < 0 {
			return 0, nil, -1
		}
		for part = min(part, max(0, k.blockBy(t))); k.old[part].allLost(); part-- {
			if part == 0 {
				return 0, nil, -1
			}
		}
		unpacked = k.old[part].entries(slices.Grow(unpacked[:0], k.old[part].n))
		es = unpacked
	}
}

// allLost reports whether nothing but lost contact is in the block: a client
// may tell that every second for a day.
func (b *trackBlock) allLost() bool { return len(b.codes) == 1 && b.codes[0] == codeLost }

// trimOld forgets what is before the entry es[i] of block j.
func (k *track) trimOld(j int, es []entry, i int) {
	if i > 0 {
		k.old[j] = newTrackBlock(es[i:], k.old[j].codes)
	}
	if j > 0 {
		k.old = slices.Clone(k.old[j:])
	}
}

// lastBy returns the time of the last entry by t; there must be one.
func (k *track) lastBy(t plant.Instant) plant.Instant {
	if i := countBy(k.recent, t); i > 0 {
		return k.recent[i-1].t
	}
	var room [2 * trackBlockSize]entry
	es := k.old[k.blockBy(t)].entries(room[:0])
	return es[countBy(es, t)-1].t
}

// last returns the last entry, false when there is none.
func (k *track) last() (entry, bool) {
	if n := len(k.recent); n > 0 {
		return k.recent[n-1], true
	}
	if len(k.old) == 0 {
		return entry{}, false
	}
	es := k.old[len(k.old)-1].entries(nil)
	return es[len(es)-1], true
}

// reopen makes blocks recent again until an entry by t is recent, and forgets
// what is after it, so far as it is in other parts.
func (k *track) reopen(t plant.Instant) {
	for n := len(k.old); n > 0 && (len(k.recent) == 0 || k.recent[0].t > t); n-- {
		k.recent = k.old[n-1].entries(nil)
		k.old = slices.Clone(k.old[:n-1])
	}
}
