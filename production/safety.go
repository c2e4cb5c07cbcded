package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A safetyMinute is what of emergency stops and of guards open while running
// lies in one minute.
type safetyMinute struct {
	minute               plant.Instant
	estops, guards       int
	estopTime, guardTime plant.Instant
}

// A safety keeps what is to be told of emergency stops and guards, from the
// raw signals and the run. No calendar and no filter of stops hides any of it.
type safety struct {
	minutes []safetyMinute
	from    plant.Instant // earliest change of the signals since, endless for none
	// lasting says that something goes on; then its time is booked up to the
	// whole minute told, and each further minute when it is over.
	lasting bool
	told    plant.Instant
}

// watchSafety works out again what changed: the run from changed on, signals,
// or the end of one more minute. It returns when the next one ends.
func (u *unit) watchSafety(changed plant.Instant) (wake plant.Instant) {
	s := &u.safety
	if !u.tracks[sigEStop].any() && !u.tracks[sigGuard].any() {
		return endless
	}
	told := (u.end - 1).Truncate(time.Minute)
	from := min(changed, s.from)
	if s.lasting && told > s.told {
		from = min(from, s.told)
	}
	s.from = endless
	if from != endless {
		s.told, s.lasting = told, false
		u.watchAgain(plant.Interval{From: max(from.Truncate(time.Minute), u.frozen), To: u.end})
	}
	if s.lasting {
		return s.told + minute
	}
	return endless
}

// watchAgain replaces the minutes in v.
func (u *unit) watchAgain(v plant.Interval) {
	s := &u.safety
	k := s.index(v.From)
	old := slices.Clone(s.minutes[k:])
	s.minutes = s.minutes[:k]
	u.watch(v, u.eStopAt, func(m *safetyMinute) (*int, *plant.Instant) { return &m.estops, &m.estopTime })
	u.watch(v, u.guardAt, func(m *safetyMinute) (*int, *plant.Instant) { return &m.guards, &m.guardTime })
	if !slices.Equal(old, s.minutes[k:]) {
		u.out.meter = min(u.out.meter, v.From)
	}
}

// eStopAt reports whether an emergency stop is active at t, and until when
// nothing changes that. During lost contact it stays as it was.
func (u *unit) eStopAt(t plant.Instant) (bool, plant.Instant) { return u.tracks[sigEStop].setAt(t) }

// guardAt reports whether a guard is open while the equipment runs at t, and
// until when nothing changes that.
func (u *unit) guardAt(t plant.Instant) (bool, plant.Instant) {
	open, until := u.tracks[sigGuard].setAt(t)
	if !open {
		return false, until
	}
	k := u.segmentIndex(t)
	if k == len(u.segs) {
		return false, until
	}
	if seg := u.segs[k]; t < seg.From {
		return false, min(until, seg.From)
	}
	run := u.segs[k].counting().run
	return run, min(until, u.segs[k].Interval(endless).To)
}

// setAt reports whether a signal is set at t, and when it is told next.
func (k *track) setAt(t plant.Instant) (bool, plant.Instant) {
	return isSet(k.at(t)), k.next(t)
}

// watch books what at tells of v. What begins counts in its minute at once.
func (u *unit) watch(v plant.Interval, at func(plant.Instant) (bool, plant.Instant), field func(*safetyMinute) (*int, *plant.Instant)) {
	s := &u.safety
	was, _ := at(v.From - 1)
	for t := v.From; t < v.To; {
		on, until := at(t)
		if on && !was {
			n, _ := field(s.at(t.Truncate(time.Minute)))
			*n++
		}
		to := until
		if until >= v.To {
			s.lasting, to = s.lasting || on, s.told
		}
		for ; on && t < to; t = min(to, t.Truncate(time.Minute)+minute) {
			_, d := field(s.at(t.Truncate(time.Minute)))
			*d += min(to, t.Truncate(time.Minute)+minute) - t
		}
		was, t = on, until
	}
}

// at returns the place of a minute, a new one if need be. The pointer holds
// until the next call.
func (s *safety) at(m plant.Instant) *safetyMinute {
	i := s.index(m)
	if i == len(s.minutes) || s.minutes[i].minute != m {
		s.minutes = slices.Insert(s.minutes, i, safetyMinute{minute: m})
	}
	return &s.minutes[i]
}

func (s *safety) index(m plant.Instant) int {
	k, _ := slices.BinarySearchFunc(s.minutes, m, func(x safetyMinute, t plant.Instant) int { return cmpInstant(x.minute, t) })
	return k
}

func (s *safety) forget(oldest plant.Instant) {
	if k := s.index(oldest); k > 0 {
		s.minutes = slices.Clone(s.minutes[k:])
	}
}
