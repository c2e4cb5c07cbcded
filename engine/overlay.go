package engine

import (
	"slices"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// reviewed returns the facts of eq as people say they were, as far as they
// matter in w; false when nobody said anything of them.
func (c *core) reviewed(eq *plant.Equipment, w plant.Interval) (production.Facts, bool) {
	res, ok := c.overlay(eq, w)
	if !ok {
		return production.Facts{}, false
	}
	return tail(res.Facts, w.From), true
}

// facts returns what points and KPIs are made of.
func (c *core) facts(eq *plant.Equipment, w plant.Interval) production.Facts {
	if f, ok := c.reviewed(eq, w); ok {
		return f
	}
	return c.prod.Facts(eq, w)
}

// overlay lays the edits over the facts that the engine still holds.
func (c *core) overlay(eq *plant.Equipment, w plant.Interval) (review.Result, bool) {
	edits := c.review.Of(eq.Path)
	if len(edits) == 0 {
		return review.Result{}, false
	}
	stops := c.prod.Stops(eq)
	timeline, counts := review.Reach(w, stops, edits)
	if !review.Touches(edits, timeline, counts) {
		return review.Result{}, false
	}
	wide := plant.Interval{From: min(timeline.From, counts.From), To: max(timeline.To, counts.To)}
	return review.Apply(c.defs, review.Input{Equipment: eq.Path, Facts: c.prod.Facts(eq, wide), Stops: stops, Edits: edits}), true
}

// tail cuts off what ends before from.
func tail(f production.Facts, from plant.Instant) production.Facts {
	f.Segments = slices.DeleteFunc(slices.Clone(f.Segments), func(s production.Segment) bool { return s.To != 0 && s.To <= from })
	f.Counts = slices.DeleteFunc(slices.Clone(f.Counts), func(n production.Count) bool { return n.Minute < from.Truncate(minute) })
	f.Meters = slices.DeleteFunc(slices.Clone(f.Meters), func(m production.Meter) bool { return m.Minute < from.Truncate(minute) })
	return f
}

// present returns what screens show now of one line, open stops as people say
// they are.
func (c *core) present(line int) []production.Live {
	all := c.prod.LiveLine(c.now, line)
	for i := range all {
		l := &all[i]
		if l.Stop == "" || len(c.review.Of(l.Equipment.Path)) == 0 {
			continue
		}
		res, ok := c.overlay(l.Equipment, plant.Interval{From: c.now, To: c.now + 1})
		if !ok || len(res.Stops) == 0 {
			continue
		}
		if s := res.Stops[len(res.Stops)-1]; s.To == 0 && len(s.Edits) > 0 {
			l.State, l.Since, l.Reason, l.Stop, l.Culprit = s.State, s.From, s.Reason, s.ID, s.Culprit
		}
	}
	return all
}

// A touched is time of one equipment of which somebody said something new.
type touched struct {
	eq *plant.Equipment
	plant.Interval
	why string
}

// touchedBy returns the time that edits speak of, over whole stops.
func (c *core) touchedBy(edits []review.Edit) []touched {
	var out []touched
	for _, e := range edits {
		eq := c.find(e.Equipment)
		if eq == nil || e.Kind == review.KindSignOff || e.Kind == review.KindReview {
			continue
		}
		v := plant.Interval{From: e.From, To: max(e.To, e.From+1)}
		if e.Kind == review.KindAdjust {
			v = minutes(v)
		}
		for _, s := range c.prod.Stops(eq) {
			end := s.To
			if end == 0 {
				end = max(c.now, s.From+1)
			}
			if e.Kind != review.KindAdjust && s.From < v.To && end > v.From {
				v = plant.Interval{From: min(v.From, s.From), To: max(v.To, end)}
			}
		}
		out = append(out, touched{eq, v, review.Text(c.defs, []review.Edit{e}, c.review.Of(e.Equipment))})
	}
	return out
}

func (c *core) find(path string) *plant.Equipment {
	for _, line := range c.area.Lines {
		for _, eq := range line.Equipment {
			if eq.Path == path {
				return eq
			}
		}
	}
	return nil
}

// rewrites returns the rewrites with the facts as people say they were, and
// one more for each time that somebody spoke of.
func (c *core) rewrites(ch changes) []production.Rewrite {
	all := slices.Clone(ch.Rewrites)
	for i := range all {
		r := &all[i]
		if f, ok := c.reviewed(r.Equipment, plant.Interval{From: r.From, To: endOfTime}); ok && r.From != 0 {
			r.Segments = slices.DeleteFunc(f.Segments, func(s production.Segment) bool { return s.From < r.From })
		}
	}
	for _, t := range ch.touched {
		v, ok := c.holds(t.Interval)
		if !ok {
			continue
		}
		f := c.facts(t.eq, v)
		r := production.Rewrite{Equipment: t.eq, Since: v.From, Segments: f.Segments}
		if len(f.Segments) > 0 {
			r.From = f.Segments[0].From
		}
		all = append(all, r)
	}
	return all
}

const endOfTime = plant.Instant(1<<63 - 1)

// stopPoints returns the stops whose points are to be written: those that
// changed, as people say they are, and as void those that are no more.
func (c *core) stopPoints(ch changes) []production.Stop {
	var out []production.Stop
	said := map[*plant.Equipment]plant.Interval{}
	speak := func(eq *plant.Equipment, v plant.Interval) {
		if w, ok := said[eq]; ok {
			v = plant.Interval{From: min(v.From, w.From), To: max(v.To, w.To)}
		}
		said[eq] = v
	}
	for _, t := range ch.touched {
		if v, ok := c.holds(t.Interval); ok {
			speak(t.eq, v)
		}
	}
	for _, s := range ch.Stops {
		v := plant.Interval{From: s.From, To: max(s.To, s.From+1)}
		if _, ok := c.overlay(s.Equipment, v); ok {
			speak(s.Equipment, v)
			if !s.Void {
				continue
			}
		}
		out = append(out, s)
	}
	for _, line := range c.area.Lines {
		for _, eq := range line.Equipment {
			if v, ok := said[eq]; ok {
				out = append(out, c.effectiveStops(eq, v)...)
			}
		}
	}
	return out
}

// holds returns the part of v of which the engine has all facts. What is
// older is for the reviser, from the records.
func (c *core) holds(v plant.Interval) (plant.Interval, bool) {
	v.From = max(v.From, heldFrom(c.now, c.horizon))
	return v, v.From < v.To
}

// heldFrom returns the first whole minute of which an engine at now has all
// facts.
func heldFrom(now plant.Instant, horizon time.Duration) plant.Instant {
	return minutes(plant.Interval{To: now.Add(-horizon)}).To
}

func (c *core) effectiveStops(eq *plant.Equipment, v plant.Interval) []production.Stop {
	res, ok := c.overlay(eq, v)
	if !ok {
		return nil
	}
	return stopsToTell(eq, v, res, c.review.Of(eq.Path))
}

// stopsToTell returns the stops in v and, as void, those that they are in the
// place of.
func stopsToTell(eq *plant.Equipment, v plant.Interval, res review.Result, edits []review.Edit) []production.Stop {
	var out []production.Stop
	starts := map[plant.Instant]bool{}
	for _, s := range res.Stops {
		if s.From < v.To && (s.To == 0 || s.To > v.From) {
			s.Equipment = eq
			out = append(out, s.Stop)
			starts[s.From] = true
		}
	}
	void := func(s production.Stop) {
		if !starts[s.From] { // one of the same start has the point
			s.Equipment, s.Void = eq, true
			out = append(out, s)
			starts[s.From] = true
		}
	}
	for _, s := range res.Replaced {
		void(s.Stop)
	}
	// What was split may be whole again: its parts began at these times.
	for _, e := range edits {
		if at := e.Args.At; e.Kind == review.KindSplit && v.Contains(at) {
			void(production.Stop{ID: e.ID, From: at, To: at, State: plant.StateUnknown})
		}
	}
	return out
}

// rowsOf returns the rows of what people said.
func (e *encoder) edits(edits []review.Edit) []store.Edit {
	var out []store.Edit
	for _, x := range edits {
		out = append(out, store.Edit{Seq: x.Seq, ID: x.ID, Pos: x.Pos, Time: x.Time, Equipment: x.Equipment, Start: x.From, End: x.To,
			Kind: string(x.Kind), User: x.User, Body: e.json(x)})
	}
	return out
}

// loadEdits fills the book from rows, which should have the heads.
func (c *core) loadEdits(rows []store.Edit, heads []review.Head) error {
	edits, err := readEdits(rows)
	if err != nil {
		return err
	}
	c.lost = review.Lost(edits, heads)
	return c.review.Load(edits)
}
