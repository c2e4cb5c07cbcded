package production

import (
	"math"
	"slices"
	"time"

	"andon/plant"
)

// A level is one material level of a unit: of each minute the last good
// value, that at the very end of the minute included.
type level struct {
	tag    *plant.Tag
	name   string // the tag's name, its path when it is of another equipment
	points []levelPoint
}

type levelPoint struct {
	t plant.Instant
	v float64
}

// closing returns the minute whose end or inside t is.
func closing(t plant.Instant) plant.Instant { return (t - 1).Truncate(time.Minute) }

func cmpInstant(a, b plant.Instant) int { return int(min(1, max(-1, a-b))) }

// readLevel notes a value of a level. Whatever the order in which they come,
// the last of a minute stays, of several at one time the highest.
func (a *Area) readLevel(u *unit, i int, s *plant.Sample) {
	v, ok := s.Value.Float()
	if !ok || s.Value.Kind() == plant.KindBool || math.IsNaN(v) || math.IsInf(v, 0) {
		a.stats.NoNumber++
		return
	}
	m := closing(s.Time)
	if m < u.frozen {
		a.stats.TooLate++
		return
	}
	if u.levels[i].note(levelPoint{s.Time, v}) {
		u.out.meter = min(u.out.meter, m)
		a.mark(u)
	}
}

// note puts p in its place and reports whether it is the minute's last.
func (l *level) note(p levelPoint) bool {
	m := closing(p.t)
	i := len(l.points)
	for i > 0 && closing(l.points[i-1].t) > m {
		i--
	}
	if i == 0 || closing(l.points[i-1].t) < m {
		l.points = slices.Insert(l.points, i, p)
		return true
	}
	old := &l.points[i-1]
	if p.t < old.t || p.t == old.t && p.v <= old.v {
		return false
	}
	*old = p
	return true
}

// index returns the index of the first point in minute m or later.
func (l *level) index(m plant.Instant) int {
	k, _ := slices.BinarySearchFunc(l.points, m, func(p levelPoint, t plant.Instant) int { return cmpInstant(closing(p.t), t) })
	return k
}

// forget forgets what is before oldest, but for the last value.
func (l *level) forget(oldest plant.Instant) {
	if k := l.index(oldest) - 1; k > 0 {
		l.points = slices.Clone(l.points[k:])
	}
}
