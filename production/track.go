package production

import (
	"slices"
	"unique"

	"andon/plant"
)

// A code is a raw value of a state-like tag as text: "6", "RUN", "true".
// Handles make it one word and free it when nothing uses it any more.
type code = unique.Handle[string]

var (
	// codeLost and codeBad stand in the state's track for samples whose
	// status is not Good. No text of a tag contains a NUL.
	codeLost = unique.Make("\x00lost") // communication lost: any good sample ends it
	codeBad  = unique.Make("\x00bad")  // only a good state ends it
	codeNone = unique.Make("")
)

func isLost(c code) bool { return c == codeLost || c == codeBad }

// An entry is one value that a signal took.
type entry struct {
	t plant.Instant
	v code
}

// A track is the history of one state-like signal, sorted by time. Of several
// values at one time the one that came last counts. Repeats are kept, since a
// late value before them would make them matter; a device may send many a
// second, so old entries are packed. All entries at one time are in one part,
// a block or the recent ones.
type track struct {
	old    []trackBlock
	recent []entry
}

// countBy returns how many of es are not later than t.
func countBy(es []entry, t plant.Instant) int {
	if n := len(es); n == 0 || es[n-1].t <= t {
		return n
	}
	i, _ := slices.BinarySearchFunc(es, t, func(e entry, t plant.Instant) int {
		if e.t <= t {
			return -1
		}
		return 1
	})
	return i
}

// place puts e behind what there is of its time, unless that value is there at
// that time already.
func place(es []entry, e entry) ([]entry, bool) {
	i := countBy(es, e.t)
	for j := i; j > 0 && es[j-1].t == e.t; j-- {
		if es[j-1].v == e.v {
			return es, false
		}
	}
	return slices.Insert(es, i, e), true
}

// insert puts e behind what there is of its time and reports whether that
// value was not there at that time before.
func (k *track) insert(e entry) bool {
	if n := len(k.old); n > 0 && e.t <= k.old[n-1].to {
		return k.insertOld(e)
	}
	es, fresh := place(k.recent, e)
	k.recent = es
	if n := len(es); n >= 2*trackBlockSize && es[trackBlockSize].t < es[n-1].t-trackOpen {
		k.seal()
	}
	return fresh
}

// any reports whether the signal ever took a value.
func (k *track) any() bool { return len(k.old)+len(k.recent) > 0 }

// begun reports whether there is a value in force at t.
func (k *track) begun(t plant.Instant) bool {
	if len(k.old) > 0 {
		return k.old[0].from <= t
	}
	return len(k.recent) > 0 && k.recent[0].t <= t
}

// at returns the value in force at t, codeNone before the first entry.
func (k *track) at(t plant.Instant) code {
	if i := countBy(k.recent, t); i > 0 {
		return k.recent[i-1].v
	}
	if len(k.old) > 0 {
		return k.atOld(t)
	}
	return codeNone
}

// until returns a time up to which the value in force at t holds, endless when
// no entry ends it. It may be too early, never too late: repeats of a good
// value, which a device may send many a second, are passed over, but for the
// last one up to sure. What is derived up to there need not be looked at again.
// With means given, values that mean the same are repeats.
func (k *track) until(t, sure plant.Instant, means *codes) plant.Instant {
	n := countBy(k.recent, t)
	if n == 0 && len(k.old) > 0 {
		return k.untilOld(t, sure, means)
	}
	if n == 0 || isLost(k.recent[n-1].v) {
		return k.next(t)
	}
	h := hold{v: k.recent[n-1].v, sure: sure, means: means}
	if h.passAll(k.recent[n:]) {
		return h.until
	}
	return h.end()
}

// A hold finds how long a value holds.
type hold struct {
	v     code
	sure  plant.Instant
	means *codes

	until   plant.Instant // the last repeat up to sure, then the result
	repeats bool
}

// pass looks at the next entry and reports whether until is found.
func (h *hold) pass(e entry) bool {
	switch {
	case e.t > h.sure && h.repeats:
		return true
	case !h.means.alike(h.v, e.v):
		h.until = e.t
		return true
	case e.t <= h.sure:
		h.until, h.repeats = e.t, true
	}
	return false
}

// passAll looks at the next entries and reports whether until is found.
func (h *hold) passAll(es []entry) bool {
	for i := range es {
		e := &es[i]
		if e.v == h.v && e.t <= h.sure { // as pass, and most are so
			h.until, h.repeats = e.t, true
		} else if h.pass(*e) {
			return true
		}
	}
	return false
}

// end returns until after the last entry.
func (h *hold) end() plant.Instant {
	if h.repeats {
		return h.until
	}
	return endless
}

// next returns the time of the first entry after t, endless when there is
// none.
func (k *track) next(t plant.Instant) plant.Instant {
	if i := countBy(k.recent, t); i > 0 || len(k.old) == 0 {
		if i == len(k.recent) {
			return endless
		}
		return k.recent[i].t
	}
	return k.nextOld(t)
}

// trim forgets what was superseded before t. After a loss of connection the
// value before it may hold again, so that stays too.
func (k *track) trim(t plant.Instant) {
	j, es, i := k.known(t)
	switch {
	case i < 0:
	case j == len(k.old):
		if j > 0 || i > 0 {
			k.old, k.recent = nil, slices.Clone(es[i:])
		}
	default:
		k.trimOld(j, es, i)
	}
}

// rewind forgets what the signal was after now; its last value holds then.
func (k *track) rewind(now plant.Instant) {
	last, ok := k.last()
	if !ok || last.t <= now {
		return
	}
	k.reopen(now)
	n := countBy(k.recent, now)
	k.recent = slices.Clone(k.recent[:n])
	if k.at(now) == last.v {
		return
	}
	for n > 0 && k.recent[n-1].t == now { // of several at one time the last counts
		n--
	}
	k.recent = append(k.recent[:n], entry{now, last.v})
}
