package production

import (
	"time"

	"andon/plant"
)

// longestPause is how far stream time may leap ahead at once and still be
// derived through. A computer without a battery begins in another decade: all
// minutes of the time between would be more than its memory holds.
const longestPause = 31 * 24 * time.Hour

// advance moves stream time on to now.
func (a *Area) advance(now plant.Instant) {
	if a.now != 0 && now.Sub(a.now) > longestPause {
		a.leap(now)
	}
	a.now = max(a.now, now)
}

// leap has facts begin anew at now. What went on before lasts until contact
// was lost; what counters show beyond that was made from now on.
func (a *Area) leap(now plant.Instant) {
	end := a.now
	for _, u := range a.units {
		end = max(end, u.last+u.set.stale+1, a.now+u.set.stale+1)
		a.mark(u)
	}
	a.now = end
	a.settle()
	ch := a.Drain() // before it is forgotten
	a.early = &ch
	a.now = now
	for _, u := range a.units {
		if u.begin == 0 {
			continue
		}
		u.beginAnew(now, end)
		u.frozen, u.carry, u.energy.carry = now.Truncate(time.Minute), [counters]carry{}, carry{}
		u.safety.told, u.safety.lasting = u.frozen, false
		u.touch(now)
		a.mark(u)
	}
	a.settle()
}
