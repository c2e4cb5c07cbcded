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

// An entry is one value that a signal took.
type entry struct {
	t plant.Instant
	v code
}

// A track is the history of one state-like signal, sorted by time. Of several
// values at one time the one that came last counts. Repeats are kept: a late
// value before them would make them matter.
type track []entry

// insert puts e behind what there is of its time and reports whether that
// value was not there at that time before.
func (k *track) insert(e entry) bool {
	i := k.after(e.t)
	for j := i; j > 0 && (*k)[j-1].t == e.t; j-- {
		if (*k)[j-1].v == e.v {
			return false
		}
	}
	*k = slices.Insert(*k, i, e)
	return true
}

// after returns the index of the first entry later than t.
func (k track) after(t plant.Instant) int {
	if n := len(k); n == 0 || k[n-1].t <= t {
		return n
	}
	i, _ := slices.BinarySearchFunc(k, t, func(e entry, t plant.Instant) int {
		if e.t <= t {
			return -1
		}
		return 1
	})
	return i
}

// at returns the value in force at t, codeNone before the first entry.
func (k track) at(t plant.Instant) code {
	if i := k.after(t); i > 0 {
		return k[i-1].v
	}
	return codeNone
}

// until returns a time up to which the value in force at t holds, endless when
// no entry ends it. It may be too early, never too late: repeats of a good
// value, which a device may send many a second, are passed over, but for the
// last one up to sure. What is derived up to there need not be looked at again.
// With means given, values that mean the same are repeats.
func (k track) until(t, sure plant.Instant, means *codes) plant.Instant {
	n := k.after(t)
	switch {
	case n == len(k):
		return endless
	case n == 0, k[n-1].v == codeLost, k[n-1].v == codeBad:
		return k[n].t
	}
	i := n
	for i < len(k) && means.alike(k[n-1].v, k[i].v) {
		i++
	}
	if i < len(k) && (k[i].t <= sure || i == n) {
		return k[i].t
	}
	if m := min(k.after(sure), i); m > n {
		return k[m-1].t
	}
	if i < len(k) {
		return k[i].t
	}
	return endless
}

// trim forgets what was superseded before t. After a loss of connection the
// value before it may hold again, so that stays too.
func (k *track) trim(t plant.Instant) {
	i := k.after(t) - 1
	for i > 0 && (*k)[i].v == codeLost {
		i--
	}
	if i > 0 {
		*k = slices.Clone((*k)[i:])
	}
}
