package production

import (
	"slices"

	"andon/plant"
)

// A gap is a stretch without data; in runs the counter shows run. What
// happened up to until decided that.
type gap struct {
	plant.Interval
	runs  []plant.Interval // in order, apart
	until plant.Instant
}

// newGap finds what was made in v, a stretch without data, and remembers it,
// so that what comes later and tells more of it can touch it.
func (u *unit) newGap(v plant.Interval) gap {
	g := gap{Interval: v, until: v.To}
	u.inferRun(&g)
	n := len(u.gaps)
	for n > 0 && u.gaps[n-1].From >= g.From {
		n--
	}
	u.gaps = append(u.gaps[:n], g)
	return g
}

// answered reports whether contact at t ends a stretch without any, and the
// counter says at once what was made in it. Devices that publish less often
// than stale_after are heard of in this way only.
func (u *unit) answered(t plant.Instant) bool {
	c := u.main()
	if c == nil {
		return false
	}
	if g, ok := gapAfter(u.spans, *u.source, t-1, t, u.set.stale); !ok || g.To != t {
		return false
	}
	at, ok := c.next(t - 1)
	return ok && at == t
}

// decides returns t, or the start of the first stretch without data in which
// the run depends on what happened at t or after.
func (u *unit) decides(t plant.Instant) plant.Instant {
	for i := len(u.gaps) - 1; i >= 0; i-- {
		if g := u.gaps[i]; g.From < t && g.until > t {
			t = g.From
		}
	}
	return t
}

// independent reports whether no stretch without data before t depends on
// what happens after t.
func (u *unit) independent(t plant.Instant) bool {
	return !slices.ContainsFunc(u.gaps, func(g gap) bool { return g.From < t && g.until > t })
}

// touchGaps touches the stretches without data that end after t.
func (u *unit) touchGaps(t plant.Instant) {
	for i := len(u.gaps) - 1; i >= 0 && u.gaps[i].To > t; i-- {
		u.touch(u.gaps[i].From)
	}
}
