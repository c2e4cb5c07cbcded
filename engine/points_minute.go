package engine

import (
	"andon/influx"
	"andon/plant"
	"andon/production"
)

// A subject is what minutes and KPIs have points of: equipment, or a line as a
// whole. A line is not the sum of its equipment, so it has points of its own.
type subject struct {
	eq   *plant.Equipment // of a line its constraint
	good *plant.Equipment // of a line whose good units are its own; nil of equipment
}

// An origin is what points of minutes and KPIs are made from.
type origin struct {
	area *plant.Area
	prod *production.Definitions
	now  plant.Instant
	// facts are those of one equipment as people say they were, good returns
	// whose good units are those of a line, nil for none, and line its facts.
	facts func(*plant.Equipment, plant.Interval) production.Facts
	good  func(*plant.Line) *plant.Equipment
	line  func(line *plant.Line, of func(*plant.Equipment) production.Facts) production.Facts
}

// origin is what the engine itself holds.
func (c *core) origin() origin {
	return origin{area: c.area, prod: c.prod.Definitions, now: c.now, facts: c.facts, good: c.prod.GoodCounter, line: c.prod.LineFacts}
}

// subjects returns all of an area, in order of the tree.
func (o origin) subjects() []subject {
	var all []subject
	for _, line := range o.area.Lines {
		for _, eq := range line.Equipment {
			all = append(all, subject{eq: eq})
		}
		if good := o.good(line); good != nil {
			all = append(all, subject{eq: line.Constraint, good: good})
		}
	}
	return all
}

func (s subject) tags() []influx.Label {
	line := s.eq.Line
	tags := []influx.Label{{Key: "area", Value: line.Area.Name}}
	level := production.ScopeLine
	if s.good == nil {
		level = production.ScopeEquipment
		tags = append(tags, influx.Label{Key: "equipment", Value: s.eq.Name})
	}
	return append(tags, influx.Label{Key: "level", Value: string(level)}, influx.Label{Key: "line", Value: line.Name},
		influx.Label{Key: "site", Value: line.Area.Site})
}

// facts returns what the points of w are made of.
func (s subject) facts(o origin, w plant.Interval) production.Facts {
	if s.good == nil {
		return o.facts(s.eq, w)
	}
	return o.line(s.eq.Line, func(eq *plant.Equipment) production.Facts { return o.facts(eq, w) })
}

// sources returns the equipment whose facts make those of s.
func (s subject) sources() []*plant.Equipment {
	if s.good == nil {
		return []*plant.Equipment{s.eq}
	}
	return production.LineSources(s.eq.Line, s.good)
}

// input returns what the KPIs of w come from, but for now and facts.
func (s subject) input(o origin, w plant.Interval, name string) production.KPIInput {
	in := o.prod.Definition(s.eq, w, name)
	if s.good != nil && s.good != s.eq {
		in.NoQuality = false
	}
	return in
}

// target returns how many good units the plan wants in w.
func (s subject) target(o origin, w plant.Interval, segs []production.Segment) production.Ratio {
	if s.good != nil {
		return o.prod.LineTarget(s.eq.Line, w, segs)
	}
	return o.prod.Target(s.eq, w, segs)
}

// buckets writes the minutes of w. It asks for the facts once and goes
// through them in step with the minutes.
func (p *pointWriter) buckets(o origin, of subject, w plant.Interval) {
	if w.Duration() == 0 {
		return
	}
	f := of.facts(o, w)
	for m := w.From; m < w.To; m = m.Add(minute) {
		next := m.Add(minute)
		for len(f.Segments) > 0 && f.Segments[0].To != 0 && f.Segments[0].To <= m {
			f.Segments = f.Segments[1:]
		}
		for len(f.Counts) > 0 && f.Counts[0].Minute < m {
			f.Counts = f.Counts[1:]
		}
		segments, counts := 0, 0
		for segments < len(f.Segments) && f.Segments[segments].From < next {
			segments++
		}
		for counts < len(f.Counts) && f.Counts[counts].Minute < next {
			counts++
		}
		if segments > 0 { // there is none before the first sample
			in := of.input(o, plant.Interval{From: m, To: next}, "")
			p.calendars.Use(&in)
			in.Now, in.Facts = o.now, production.Facts{Segments: f.Segments[:segments], Counts: f.Counts[:counts]}
			p.bucket(of, production.Compute(in), of.target(o, in.Window, in.Facts.Segments))
			if s := f.Segments[0]; s.From < m && of.good == nil {
				p.state(of.eq, s, m) // without it, a window inside a long state would show none
			}
		}
	}
}

// bucket writes the additive fields of one minute.
func (p *pointWriter) bucket(of subject, k production.KPI, target production.Ratio) {
	sec := func(key string, s production.Seconds) influx.Field {
		return influx.Field{Key: key, Value: plant.Float(s.Float())}
	}
	num := func(key string, n int64) influx.Field { return influx.Field{Key: key, Value: plant.Int(n)} }
	fall := k.Waterfall
	fields := []influx.Field{
		sec("run_s", k.ActualProduction), sec("micro_s", fall.MicroStop), sec("setup_s", fall.Setup),
		sec("starved_s", fall.Starved), sec("blocked_s", fall.Blocked), sec("fault_s", fall.Fault),
		sec("safety_s", fall.Safety), sec("other_s", fall.Other), sec("unknown_s", fall.Unknown),
		sec("planned_s", fall.Planned), sec("off_s", fall.NotScheduled), sec("mpt_s", k.MeasuredPlanned),
		sec("pbt_s", k.PlannedBusy), sec("inferred_s", k.InferredRun), sec("std_s", k.StandardProduced),
		sec("good_std_s", k.StandardGood),
		num("total", k.Produced), num("good", k.Good), num("reject", k.Rejected),
	}
	if target.OK {
		fields = append(fields, influx.Field{Key: "target", Value: plant.Float(target.Value)})
	}
	if cost := amountOf(k.Cost); cost.OK {
		fields = append(fields, influx.Field{Key: "cost", Value: plant.Float(cost.Value)})
	}
	p.point("production", of.tags(), fields, k.From)
}

// windows writes the KPIs of the hours and shifts that w touches, up to the
// end of w: how far into a minute a commit reaches must not show.
func (p *pointWriter) windows(o origin, of subject, w plant.Interval) {
	write := func(name string, window plant.Interval) {
		if window.To.Add(p.settle) <= w.To {
			return // the point of its revision stands
		}
		in := of.input(o, window, name)
		p.calendars.Use(&in)
		in.Now, in.Facts = w.To, of.facts(o, window)
		k := production.Compute(in)
		p.point("kpi", append(of.tags(), influx.Label{Key: "window", Value: name}), kpiFields(k, 0), k.From)
	}
	for h := w.From.Truncate(60 * minute); h < w.To; h = h.Add(60 * minute) {
		write(production.WindowHour, plant.Interval{From: h, To: h.Add(60 * minute)})
	}
	for _, s := range p.calendars.Shifts(o.prod, of.eq, w) {
		write(production.WindowShift, s.Interval())
	}
}
