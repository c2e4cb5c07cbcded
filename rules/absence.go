package rules

import (
	"slices"
	"time"

	"andon/plant"
)

// armAbsence begins the silence of an instance, so that what never reported
// is named. The timer is moved only when it ends: most of the time a sign of
// life came meanwhile, and setting it at every sample would cost more.
func (s *Set) armAbsence(i *instance, now plant.Instant) {
	if i.seen == 0 {
		i.seen = now
	}
	if s.latches[i.first].phase == idle && !s.timers.running(i.first) {
		s.timers.set(i.first, i.seen.Add(i.rule.For))
	}
}

// sampleHeard takes a sample as a sign of life when it is Good.
func (s *Set) sampleHeard(i *instance, now plant.Instant, smp *plant.Sample) {
	s.good[smp.Tag.ID] = smp.Status.IsGood()
	if s.good[smp.Tag.ID] {
		s.heard(i, now, smp.Time)
	}
}

// hasGood reports whether a tag that i watches was last Good. Only then does
// a contact of the source say something of the equipment: a server lives on
// and says so when the equipment behind it is gone.
func (s *Set) hasGood(i *instance) bool {
	if i.tag != nil {
		return s.good[i.tag.ID]
	}
	return slices.ContainsFunc(i.equipment.Tags, func(t *plant.Tag) bool { return s.good[t.ID] })
}

// goodTags names the tags that i watches and that were last Good.
func (s *Set) goodTags(i *instance) (names []string) {
	for _, t := range i.equipment.Tags {
		if s.good[t.ID] && (i.tag == nil || i.tag == t) {
			names = append(names, t.Name)
		}
	}
	return names
}

// loadGood is the reverse of goodTags.
func (s *Set) loadGood(i *instance, x savedInstance) {
	// Earlier versions kept in Quality whether the last sample was Good, of
	// whichever tag.
	all := x.Quality == good && (i.tag == nil || i.tag.Name == x.Tag)
	for _, t := range i.equipment.Tags {
		if all && (i.tag == nil || i.tag == t) || slices.Contains(x.Good, t.Name) {
			s.good[t.ID] = true
		}
	}
}

// heard takes a sign of life. at is its event time.
func (s *Set) heard(i *instance, now, at plant.Instant) {
	i.seen = now
	l := &s.latches[i.first]
	if l.phase == idle {
		return
	}
	l.phase = idle
	i.flip = at
	s.timers.set(i.first, now.Add(i.rule.For))
}

// silent looks whether the silence is over its time, and if not, when it will
// be.
func (s *Set) silent(i *instance) bool {
	l := &s.latches[i.first]
	due := i.seen.Add(i.rule.For)
	if due > s.timers.due[i.first] { // also when it is due by now: others may be due before
		s.timers.set(i.first, due)
		return false
	}
	l.phase, l.began = active, i.seen
	i.flip = due
	return true
}

// prolongAway adds the time that andon was away to what was running.
func (s *Set) prolongAway(i *instance, away time.Duration) {
	switch {
	case i.rule.Kind == KindAbsence && i.seen != 0:
		i.seen = i.seen.Add(away)
	case (i.rule.Kind == KindThreshold || i.trend != nil) && i.frozen == 0:
		s.prolong(i, away)
	}
}
