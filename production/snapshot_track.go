package production

import "slices"

// The parts of a snapshot that hold the history of state-like signals.

func (w *writer) track(k *track) {
	w.len(len(k.old))
	for i := range k.old {
		b := &k.old[i]
		w.len(len(b.codes))
		for _, c := range b.codes {
			w.code(c)
		}
		w.int(int64(b.n))
		w.bytes(b.data)
	}
	w.len(len(k.recent))
	for _, e := range k.recent {
		w.time(e.t)
		w.code(e.v)
	}
}

// track reads a track and reports whether contact is lost somewhere in it.
func (r *reader) track(k *track) (lost bool) {
	for n := range r.len() {
		b := r.trackBlock(k.codesOf(n))
		if r.err == nil && n > 0 && k.old[n-1].to >= b.from {
			r.fail()
		}
		if r.err != nil {
			return false
		}
		k.old = append(k.old, b)
		lost = lost || slices.Contains(b.codes, codeLost)
	}
	for range r.len() {
		e := entry{r.time(), r.code()}
		lost = lost || e.v == codeLost
		k.recent = append(k.recent, e)
	}
	return lost
}

// trackBlock reads a block, whose codes may be like.
func (r *reader) trackBlock(like []code) trackBlock {
	var b trackBlock
	for range r.len() {
		b.codes = append(b.codes, r.code())
	}
	if slices.Equal(b.codes, like) {
		b.codes = like
	}
	b.n = int(r.upTo(maxPacked))
	b.data = slices.Clone(r.bytes())
	rs, err := unpack(nil, b.data, b.n)
	if err != nil || r.err != nil {
		r.fail()
		return b
	}
	b.from, b.to = rs[0].t, rs[0].t
	for _, e := range rs {
		if e.v < 0 || e.v >= int64(len(b.codes)) || e.t < b.to {
			r.fail()
			return b
		}
		b.to = e.t
	}
	return b
}
