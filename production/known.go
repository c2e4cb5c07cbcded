package production

import "andon/plant"

// Know takes times without contact of which all that changed was told by now,
// at the stream time of the last Apply: values that did not change then are
// known to have held on. Time before the horizon stays as it is.
func (a *Area) Know(known []plant.Known) {
	if len(known) == 0 {
		return
	}
	of := map[string][]plant.Interval{} // by path; after an outage it is all equipment of a source
	for _, k := range known {
		of[k.Equipment] = append(of[k.Equipment], k.Interval)
	}
	for _, u := range a.units {
		for _, v := range of[u.eq.Path] {
			a.knowUnit(u, v.Clip(plant.Interval{From: a.now - a.horizon, To: a.now}))
		}
	}
}

func (a *Area) knowUnit(u *unit, v plant.Interval) {
	if u.begin == 0 || v.From >= v.To {
		return
	}
	if from, changed := u.spans.addInterval(v, u.set.stale); changed {
		a.touchHeard(u, *u.source, from, v.From)
	}
}

// ApplyPast is Apply of samples that were read from a server's history: those
// from before the horizon say nothing of the present, whatever else is known.
func (a *Area) ApplyPast(now plant.Instant, samples []plant.Sample, contacts []plant.Contact) {
	a.past = true
	a.Apply(now, samples, contacts)
	a.past = false
}
