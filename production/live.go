package production

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// Live returns what screens show at now: for each line first the line itself,
// which is in the state of its constraint, then its equipment. It changes
// nothing, so it may be called at any time; states are those of the last Apply
// or Tick.
func (a *Area) Live(now plant.Instant) []Live {
	var out []Live
	for i := range a.views {
		out = append(out, a.LiveLine(now, i)...)
	}
	return out
}

// LiveLine is Live of one line, by its index in the area: of a large area the
// figures have kilobytes for each equipment, and take longer than what else
// the engine has to do should wait.
func (a *Area) LiveLine(now plant.Instant, line int) []Live {
	a.settle()
	v := a.views[line]
	out := make([]Live, 0, len(v.units)+1)
	if v.limit != nil {
		out = append(out, Live{})
	}
	whole := len(out)
	for _, u := range v.units {
		out = append(out, u.live(now))
	}
	if v.limit != nil {
		out[0] = v.live(now, out[whole:])
	}
	return out
}

func (u *unit) live(now plant.Instant) Live {
	l := Live{Equipment: u.eq, Shift: u.plan.shiftAt(now), LastSeen: max(u.spans.last(), u.source.last())}
	if u.begin == 0 {
		l.LastSeen = 0
	}
	full := now.Truncate(time.Minute)
	l.KPI = u.kpi(l.Shift.Interval(), WindowShift, now)
	l.Hour = u.kpi(lastHour(now), WindowLastHour, now)
	l.UnitsLastHour = l.Hour.Produced
	for _, b := range u.buckets[u.bucketIndex(full-minute):u.bucketIndex(full)] {
		total, _, _ := u.balance(b.n)
		l.UnitsLastMinute += total
	}
	f := frag{from: now, to: endless}
	u.placeInPlan(&f)
	l.Product, l.Order = f.product, f.order
	if len(u.segs) > 0 {
		s, since := u.present()
		l.State, l.Since, l.Reason, l.Stop, l.Culprit = s.State, since, s.Reason, s.Stop, s.Culprit
		l.Known = !u.stale && s.State != plant.StateUnknown
	}
	return l
}

// lastHour returns the 60 minutes before the one of t.
func lastHour(t plant.Instant) plant.Interval {
	full := t.Truncate(time.Minute)
	return plant.Interval{From: full.Add(-time.Hour), To: full}
}

// shiftAt returns the shift at t. Without one it is the production day, and
// without a calendar the day of UTC, with no name.
func (s *schedule) shiftAt(t plant.Instant) plant.Shift {
	if s.cal == nil {
		day := t.Truncate(24 * time.Hour)
		return plant.Shift{From: day, To: day.Add(24 * time.Hour)}
	}
	if span := s.at(t); span.kind != schedOff {
		return span.shift
	}
	day := s.cal.Day(t)
	return plant.Shift{From: day.From, To: day.To}
}

func (u *unit) bucketIndex(m plant.Instant) int {
	k, _ := slices.BinarySearchFunc(u.buckets, m, func(b bucket, t plant.Instant) int { return cmp.Compare(b.minute, t) })
	return k
}

// kpi computes from the segments and counts as they are; that run is slow
// makes no difference to it.
func (u *unit) kpi(w plant.Interval, name string, now plant.Instant) KPI {
	return Compute(u.input(w, name, now))
}

// input returns what the KPIs of a window come from. It is valid until the
// next call for any unit of the area.
func (u *unit) input(w plant.Interval, name string, now plant.Instant) KPIInput {
	*u.scratch = u.export((*u.scratch)[:0], u.bucketIndex(w.From.Truncate(time.Minute)))
	in := KPIInput{Equipment: u.eq.Path, Window: w, Name: name, Now: now, Mode: u.set.mode, Unknown: u.set.unknown,
		NoQuality: !u.hasQuality(), Pricing: u.set.pricing, Standards: u.set.standards,
		Facts: Facts{Segments: u.segs[u.segmentIndex(w.From.Truncate(time.Minute)):], Counts: *u.scratch}}
	u.define(&in)
	in.plan = u.plan
	if v := u.inspector; v != nil {
		in.Uninspected = Uninspected(v.segs[v.segmentIndex(w.From):], in.counted())
	}
	in.Crews, in.LineCrews = crews(u.set.staff, u.plan, w), crews(u.set.lineStaff, u.plan, w)
	u.addMeters(&in, min(now, w.To))
	meters := in.Facts.Meters // nobody says anything of them
	u.overlay(&in)
	in.Facts.Meters = meters
	return in.Cut()
}

// facts returns the segments that end in or after w and the counts of w.
func (u *unit) facts(w plant.Interval) Facts {
	from := w.From.Truncate(time.Minute)
	return Facts{Segments: u.view(nil, u.segmentIndex(w.From)), Counts: u.export(nil, u.bucketIndex(from)),
		Meters: u.exportMeters(&meterSheet{}, from)}
}

// KPI returns the KPIs of one equipment over a window within the horizon,
// with the configured definitions. name becomes KPI.Window. It is false when
// the area does not derive anything for eq.
func (a *Area) KPI(eq *plant.Equipment, w plant.Interval, name string) (KPI, bool) {
	a.settle()
	if u := a.of[eq]; u != nil {
		return u.kpi(w, name, a.now), true
	}
	return KPI{}, false
}

// Facts returns a copy of the facts of one equipment that the area still
// holds and that lie in w or, for segments, after it.
func (a *Area) Facts(eq *plant.Equipment, w plant.Interval) Facts {
	a.settle()
	if u := a.of[eq]; u != nil {
		return u.facts(w)
	}
	return Facts{}
}

// Stats returns what could not be used so far.
func (a *Area) Stats() Stats { return a.stats }
