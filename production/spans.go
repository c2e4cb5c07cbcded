package production

import (
	"slices"

	"andon/plant"
)

// A spans says when a source was in touch: closed intervals [From, To] whose
// ends are contacts, with no gap longer than the joining time inside them. It
// is the same for every order in which the contacts are told.
type spans []plant.Interval

// add notes a contact at t. It reports the end of the contact before t when
// that changed a gap, so that everything from there on is another history.
func (s *spans) add(t plant.Instant, join plant.Instant) (from plant.Instant, changed bool) {
	n := len(*s)
	if n == 0 {
		*s = append(*s, plant.Interval{From: t, To: t})
		return t, true
	}
	last := &(*s)[n-1]
	switch {
	case t >= last.From && t <= last.To:
		return 0, false
	case t > last.To && t-last.To <= join:
		last.To = t
		return 0, false
	case t > last.To:
		from = last.To
		*s = append(*s, plant.Interval{From: t, To: t})
		return from, true
	}
	return s.addLate(t, join)
}

// addInterval notes contact all through v. It reports where that changed a
// gap, as add does.
func (s *spans) addInterval(v plant.Interval, join plant.Instant) (from plant.Instant, changed bool) {
	old := *s
	i := old.endingFrom(v.From - join)
	if i < len(old) && old[i].From <= v.From && v.To <= old[i].To {
		return 0, false
	}
	n := i
	for n < len(old) && old[n].From-join <= v.To {
		n++
	}
	switch {
	case n > i && old[i].From <= v.From:
		from = old[i].To
	case i > 0:
		from = old[i-1].To
	default:
		from = v.From
	}
	if n > i {
		v.From, v.To = min(v.From, old[i].From), max(v.To, old[n-1].To)
	}
	*s = slices.Replace(slices.Clone(old), i, n, v)
	return from, true
}

func (s *spans) addLate(t plant.Instant, join plant.Instant) (from plant.Instant, changed bool) {
	i := s.endingFrom(t)
	v := *s
	if v[i].From <= t {
		return 0, false
	}
	from = t
	if i > 0 {
		from = v[i-1].To
	}
	left, right := i > 0 && t-v[i-1].To <= join, v[i].From-t <= join
	switch {
	case left && right:
		v[i-1].To = v[i].To
		*s = slices.Delete(v, i, i+1)
	case left:
		v[i-1].To = t
	case right:
		v[i].From = t
	default:
		*s = slices.Insert(v, i, plant.Interval{From: t, To: t})
	}
	return from, true
}

// endingFrom returns the index of the first span that ends at or after t.
func (s spans) endingFrom(t plant.Instant) int {
	if n := len(s); n == 0 || s[n-1].To < t {
		return n
	}
	i, _ := slices.BinarySearchFunc(s, t, func(v plant.Interval, t plant.Instant) int {
		if v.To < t {
			return -1
		}
		return 1
	})
	return i
}

// last returns the last contact, 0 for none.
func (s spans) last() plant.Instant {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].To
}

// lastBy returns the last contact at or before t, as far as is known: t inside
// a span, 0 before the first.
func (s spans) lastBy(t plant.Instant) plant.Instant {
	i := s.endingFrom(t)
	switch {
	case i < len(s) && s[i].From <= t:
		return t
	case i > 0:
		return s[i-1].To
	}
	return 0
}

// nextFrom returns the first contact at or after t, as far as is known: t
// inside a span, endless after the last.
func (s spans) nextFrom(t plant.Instant) plant.Instant {
	if i := s.endingFrom(t); i < len(s) {
		return max(t, s[i].From)
	}
	return endless
}

// trim forgets what ended before t, but for the last contact then.
func (s *spans) trim(t plant.Instant) {
	if i := s.endingFrom(t); i > 1 {
		*s = slices.Clone((*s)[i-1:])
	}
}

// gapAfter returns the first stretch longer than join, with an end after t,
// that neither of a and b covers. Its To is 0 when it has no end yet, so far
// as is known at now. Time before the first contact is no gap.
func gapAfter(a, b spans, t, now, join plant.Instant) (gap plant.Interval, found bool) {
	i, j := a.endingFrom(t), b.endingFrom(t)
	// Begin with the contact before t, which may be where the gap begins.
	var end plant.Instant
	if i > 0 {
		end = a[i-1].To
	}
	if j > 0 {
		end = max(end, b[j-1].To)
	}
	for {
		next, ok := plant.Instant(0), false
		if i < len(a) {
			next, ok = a[i].From, true
		}
		if j < len(b) && (!ok || b[j].From < next) {
			next, ok = b[j].From, true
		}
		if end != 0 && (!ok && now-end > join || ok && next-end > join && next > t) {
			return plant.Interval{From: end, To: next}, true
		}
		if !ok {
			return plant.Interval{}, false
		}
		for ; i < len(a) && a[i].From <= max(end, next); i++ {
			end = max(end, a[i].To)
		}
		for ; j < len(b) && b[j].From <= max(end, next); j++ {
			end = max(end, b[j].To)
		}
	}
}
