package production

import "andon/plant"

// Know takes times without contact of which all that changed was told by now,
// at the stream time of the last Apply: values that did not change then are
// known to have held on. Time before the horizon stays as it is.
func (a *Area) Know(known []plant.Known) {
	for _, k := range known {
		u := a.unitAt(k.Equipment)
		if u == nil || u.begin == 0 {
			continue
		}
		v := k.Clip(plant.Interval{From: a.now - a.horizon, To: a.now})
		if v.From >= v.To {
			continue
		}
		if from, changed := u.spans.addInterval(v, u.set.stale); changed {
			u.touch(from)
			a.mark(u)
		}
	}
}

// unitAt returns the unit of the equipment with that path, nil when it has
// none.
func (a *Area) unitAt(path string) *unit {
	for _, u := range a.units {
		if u.eq.Path == path {
			return u
		}
	}
	return nil
}

// ApplyPast is Apply of samples that were read from a server's history: those
// from before the horizon say nothing of the present, whatever else is known.
func (a *Area) ApplyPast(now plant.Instant, samples []plant.Sample, contacts []plant.Contact) {
	a.past = true
	a.Apply(now, samples, contacts)
	a.past = false
}
