package production

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// An output collects what changed in a unit since the last Drain.
type output struct {
	segment plant.Instant // start of the first segment that changed
	differs plant.Instant // first instant at which segments changed
	minute  plant.Instant // first minute whose counts changed
	meter   plant.Instant // first minute whose meters changed
	stops   map[string]Stop
	state   plant.StateChange // as last told
	part    plant.Instant     // start of what was going on when rules last heard
	quality []QualityEvent
	due     bool // the unit is in Area.changed
}

func (o *output) reset() {
	o.quality = nil
	o.segment, o.differs, o.minute, o.meter, o.stops = endless, endless, endless, endless, nil
}

// change notes that a segment that began at segment differs from differs on.
func (o *output) change(segment, differs plant.Instant) {
	o.segment, o.differs = min(o.segment, segment), min(o.differs, differs)
}

func (o *output) note(ch change) {
	o.change(ch.segment, ch.differs)
	for _, s := range ch.stops {
		if o.stops == nil {
			o.stops = map[string]Stop{}
		}
		o.stops[s.ID] = s
	}
}

// Drain returns everything that changed since the last Drain.
func (a *Area) Drain() Changes {
	a.settle()
	var ch Changes
	if a.early != nil {
		ch, a.early = *a.early, nil
	}
	slices.SortFunc(a.changed, func(x, y *unit) int { return x.id - y.id })
	for _, u := range a.changed {
		u.out.due = false
		u.drain(&ch)
	}
	a.changed = a.changed[:0]
	ch.Orders, a.newOrders = append(ch.Orders, a.newOrders...), nil
	return ch
}

func (u *unit) drain(ch *Changes) {
	ch.Quality = append(ch.Quality, u.out.quality...)
	if min(u.out.segment, u.out.minute, u.out.meter) != endless {
		ch.Rewrites = append(ch.Rewrites, u.rewrite())
	}
	if len(u.out.stops) > 0 {
		var stops []Stop
		for _, id := range sortedKeys(u.out.stops) {
			stops = append(stops, u.out.stops[id])
		}
		slices.SortStableFunc(stops, func(a, b Stop) int { return cmp.Compare(a.From, b.From) })
		ch.Stops = append(ch.Stops, stops...)
	}
	if now, news := u.stateNews(); news {
		ch.States = append(ch.States, now)
	}
	u.out.reset()
}

// stateNews returns the unit's state if it differs from the one last told.
func (u *unit) stateNews() (plant.StateChange, bool) {
	if u.out.segment == endless || len(u.segs) == 0 {
		return plant.StateChange{}, false
	}
	s, since := u.present()
	now := plant.StateChange{Equipment: u.eq, State: s.State, Since: since, Reason: s.Reason}
	if now == u.out.state {
		return plant.StateChange{}, false
	}
	u.out.state = now
	return now, true
}

func (u *unit) rewrite() Rewrite {
	r := Rewrite{Equipment: u.eq, Since: min(u.out.differs, u.out.minute, u.out.meter)}
	if from := u.out.segment; from != endless {
		k, _ := slices.BinarySearchFunc(u.segs, from, func(s Segment, t plant.Instant) int { return cmp.Compare(s.From, t) })
		r.From, r.Segments = from, u.view(nil, k)
	}
	if from := u.out.minute; from != endless {
		r.CountsFrom = from.Truncate(time.Minute)
		r.Counts = u.export(nil, u.bucketIndex(r.CountsFrom))
	}
	if from := u.out.meter; from != endless {
		r.MetersFrom, r.Meters = from, u.exportMeters(&meterSheet{}, from)
	}
	return r
}
