package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A lineView is what the figures of one line come from.
type lineView struct {
	cfg   Config
	line  *plant.Line
	units []*unit
	limit *unit    // its constraint, nil when nothing is derived of it
	work  WorkTime // of the constraint
	spare *[]Count // shared by the area

	good    *unit         // whose good units are those of the line
	checked plant.Instant // the minute for which good was looked up
}

func (a *Area) newView(cfg Config, line *plant.Line, units []*unit) *lineView {
	v := &lineView{cfg: cfg, line: line, units: slices.Clip(units), spare: &a.spare}
	for _, u := range units {
		if u.eq == line.Constraint {
			v.limit, v.work = u, WorkTime{schedule{cal: u.plan.cal}}
			a.lines[line] = v
		}
	}
	return v
}

// counter returns the unit whose good units are those of the line at t: ideal
// cycles that begin to hold may change it.
func (v *lineView) counter(t plant.Instant) *unit {
	if m := t.Truncate(time.Minute); v.good == nil || v.checked != m {
		v.good, v.checked = v.limit, m
		eq := GoodCounter(v.cfg, v.line, t)
		if i := slices.IndexFunc(v.units, func(u *unit) bool { return u.eq == eq }); i >= 0 {
			v.good = v.units[i]
		}
	}
	return v.good
}

// live returns the line as it is at now; parts are its equipment.
func (v *lineView) live(now plant.Instant, parts []Live) Live {
	i := slices.IndexFunc(parts, func(l Live) bool { return l.Equipment == v.limit.eq })
	l := parts[i]
	l.Line = v.line
	in := v.input(l.Shift.Interval(), WindowShift, now)
	plan := AttainShift(ShiftInput{Config: v.cfg, Line: v.line, Work: &v.work, Shift: l.Shift, Facts: in.Facts, Now: now, plan: &v.limit.set.plan})
	l.Plan = &plan
	l.KPI = lineKPI(v.line, in, &l.KPI)
	l.Hour = lineKPI(v.line, v.input(lastHour(now), WindowLastHour, now), &l.Hour)
	l.KPI.conserve(v.conserved(plant.Interval{From: l.KPI.From, To: l.KPI.To}, now))
	l.Hour.conserve(v.conserved(plant.Interval{From: l.Hour.From, To: l.Hour.To}, now))
	var shift, hour Labour
	for k, u := range v.units {
		own := parts[k].KPI
		if own.From != l.KPI.From {
			own = u.kpi(l.Shift.Interval(), WindowShift, now)
		}
		if !v.inspects(u) {
			l.KPI.RolledYield.times(own.FirstPassYield)
			l.Hour.RolledYield.times(parts[k].Hour.FirstPassYield)
		}
		shift.add(own.Labour)
		hour.add(parts[k].Hour.Labour)
		if u.set.plan.fastest() == 0 {
			continue
		}
		l.KPI.Rollup.offer(u.eq.Path, own.OEEIndex)
		l.Hour.Rollup.offer(u.eq.Path, parts[k].Hour.OEEIndex)
	}
	l.KPI.ofMachines(shift)
	l.Hour.ofMachines(hour)
	return l
}

// input returns what the KPIs of the line over a window come from. It is
// valid until the next call for any line or unit of the area.
func (v *lineView) input(w plant.Interval, name string, now plant.Instant) KPIInput {
	s := v.sheet(w, now)
	return v.limit.input(w, name, now).ofLine(v.limit.set.plan, s)
}

// sheet collects the counts of the line's sources. Of those before its
// counter it asks only what people said.
func (v *lineView) sheet(w plant.Interval, now plant.Instant) lineSheet {
	good := v.counter(now)
	s := lineSheet{line: v.line, good: good.eq}
	v.addEnergy(&s, w)
	for _, u := range v.units {
		if u == good {
			if good != v.limit {
				s.last = u.handed(w, now, v.spare).Facts.Counts
			}
			break
		}
		if u.review == nil {
			continue
		}
		if f, ok := u.review(u.eq, w); ok {
			in := KPIInput{Window: w, Now: now, Facts: f}
			s.add(u.eq, in.Cut().Facts.Counts)
		}
	}
	return s
}

// addEnergy adds what the meters of the line's equipment showed in w.
func (v *lineView) addEnergy(s *lineSheet, w plant.Interval) {
	for _, eq := range energyOfLine(v.cfg, v.line, func(eq *plant.Equipment) bool { return eq.Tag(plant.RoleEnergy) != nil }) {
		for _, u := range v.units {
			if u.eq == eq {
				s.addEnergy(eq, u.exportEnergy(w))
			}
		}
	}
}

// handed returns what u counted in w, as people say it was and cut to w as its
// KPIs have it; in buf when nobody said anything. It has nothing else that
// KPIs come from.
func (u *unit) handed(w plant.Interval, now plant.Instant, buf *[]Count) KPIInput {
	from := w.From.Truncate(time.Minute)
	*buf = u.export((*buf)[:0], u.bucketIndex(from))
	in := KPIInput{Equipment: u.eq.Path, Window: w, Now: now, Facts: Facts{Segments: u.segs[u.segmentIndex(from):], Counts: *buf}}
	if u.inspector != nil {
		in.InspectedBy = u.inspector.eq.Path
	}
	u.overlay(&in)
	return in.Cut()
}

// view returns how the line is seen, nil when nothing is derived of its
// constraint.
func (a *Area) view(line *plant.Line) *lineView { return a.lines[line] }

// GoodCounter returns the equipment whose good units are those of the line
// now; nil when nothing is derived of the line's constraint.
func (a *Area) GoodCounter(line *plant.Line) *plant.Equipment {
	if v := a.view(line); v != nil {
		return v.counter(a.now).eq
	}
	return nil
}

// LineFacts returns the facts of a line from those of its LineSources. Of a
// line of which nothing is derived it has none.
func (a *Area) LineFacts(line *plant.Line, of func(*plant.Equipment) Facts) Facts {
	v := a.view(line)
	if v == nil {
		return Facts{}
	}
	s := lineSheet{line: line, good: v.counter(a.now).eq}
	var own Facts
	for _, eq := range LineSources(line, s.good) {
		f := of(eq)
		if s.add(eq, f.Counts); eq == line.Constraint {
			own = f
		}
	}
	own.Counts = s.counts(v.limit.set.plan, own.Counts)
	return own
}
