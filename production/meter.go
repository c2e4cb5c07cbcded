package production

import (
	"time"

	"andon/plant"
)

// Limits are what is known of a counter beforehand.
type limits struct {
	rollover int64   // number of its values, 0 when it never rolls over
	rate     float64 // highest believable counts per second, 0 when not known
	free     int64   // so many counts are believable at any time; less than countSlack counts as that
}

// An increment is what a counter counted after from, up to and including to.
type increment struct {
	from, to plant.Instant
	n        int64
	at       int64 // what the counter shows
}

// A meter turns the readings of a counter, in order, into increments. It
// knows of resets, rollovers and readings that cannot be true.
type meter struct {
	// The flags stand together: a large plant has a hundred thousand meters.
	seen, hasOdd, hasBefore bool

	last reading // the last one believed

	// odd is a reading that did not fit; if the next one goes on from it,
	// the counter was set to another value and nothing is known to be made, or
	// it was reset where no rate says what is believable.
	odd reading

	// before is the reading before a reset, and since what was counted after
	// it. If the next readings go on from before, it was no reset.
	before reading
	since  int64

	// what says what was special about the last step.
	what QualityKind
}

const (
	rateMargin = 1.5
	// Counts come late and in bursts: a rate is judged over 10 s more than
	// the time between readings, and 10 counts are always believable.
	rateSlack  = 10 * time.Second
	countSlack = 10
	// maxJump bounds what one reading may add, so that sums cannot overflow.
	maxJump = 1 << 40
)

// plausible reports whether n counts can be made in d.
func (lim limits) plausible(n int64, d time.Duration) bool {
	if n > maxJump {
		return false
	}
	return lim.rate == 0 || n <= max(countSlack, lim.free) || float64(n) <= rateMargin*lim.rate*(d+rateSlack).Seconds()
}

// step takes the next reading. It returns the increment since the last
// reading that was believed, if r is believed too; it may be 0.
func (m *meter) step(lim limits, r reading) (increment, bool) {
	m.what = ""
	if r.v < 0 {
		if lim.rollover == 0 || r.v < -lim.rollover {
			m.what = QualityGlitch
			return increment{}, false
		}
		r.v += lim.rollover // a signed counter went over its greatest value
	}
	if !m.seen {
		m.seen, m.last = true, r
		return increment{}, false
	}
	n, ok := m.count(lim, r)
	if !ok {
		return increment{}, false
	}
	inc := increment{from: m.last.t, to: r.t, n: n, at: r.v}
	m.last, m.hasOdd = r, false
	return inc, true
}

// count returns how much was counted from the last reading to r, false when r
// cannot be believed for now.
func (m *meter) count(lim limits, r reading) (int64, bool) {
	d := r.v - m.last.v
	dt := r.t.Sub(m.last.t)
	switch {
	case d >= 0 && lim.plausible(d, dt):
		m.since += d
		return d, true
	case d >= 0:
		return m.countUp(lim, r)
	case lim.wraps(m.last.v, r.v) && lim.plausible(d+lim.rollover, dt):
		m.hasBefore, m.what = false, QualityRollover
		return d + lim.rollover, true
	case lim.rate > 0 && lim.plausible(r.v, dt):
		m.before, m.hasBefore, m.since = m.last, true, r.v
		m.what = QualityReset
		return r.v, true
	}
	return m.settle(lim, r)
}

// countUp judges a rise that is too fast: the counter went back to where it
// was before a reset, which then was none.
func (m *meter) countUp(lim limits, r reading) (int64, bool) {
	n := r.v - m.before.v
	if m.hasBefore && n >= 0 && lim.plausible(n, r.t.Sub(m.before.t)) {
		m.hasBefore, m.what = false, QualityGlitch
		return max(0, n-m.since), true
	}
	return m.settle(lim, r)
}

// settle keeps a reading that does not fit until the next one confirms it.
// Without a rate any fall may be a reset: it is one when the counter goes on
// from there and did not go back to where it was.
func (m *meter) settle(lim limits, r reading) (int64, bool) {
	n := r.v - m.odd.v
	fell := lim.rate == 0 && r.v < m.last.v
	switch {
	case m.hasOdd && fell && n == 0:
		return 0, false // it stands still
	case m.hasOdd && fell && n > 0:
		m.hasBefore, m.what = false, QualityReset
		return r.v, true
	case m.hasOdd && n >= 0 && lim.plausible(n, r.t.Sub(m.odd.t)):
		m.hasBefore, m.what = false, QualityReset
		return n, true
	}
	m.odd, m.hasOdd, m.what = r, true, QualityGlitch
	return 0, false
}

// wraps reports whether a counter that fell from a to b rolled over.
func (lim limits) wraps(a, b int64) bool {
	return lim.rollover > 0 && float64(a) > 0.9*float64(lim.rollover) && float64(b) < 0.1*float64(lim.rollover)
}
