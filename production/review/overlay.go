package review

import (
	"andon/plant"
	"andon/production"
)

// segments returns the timeline with the changed stops in it: as long, and
// without gaps, as it was.
func (w *work) segments() []production.Segment {
	var changed []*leaf
	for _, l := range w.leaves {
		if l.changed || l.start != l.From {
			changed = append(changed, l)
		}
	}
	if len(changed) == 0 {
		return w.facts.Segments
	}
	out := make([]production.Segment, 0, len(w.facts.Segments)+2*len(changed))
	for _, s := range w.facts.Segments {
		out = cut(out, s, changed)
	}
	return out
}

// cut appends s, cut where changed stops begin and end, each piece as its
// stop says.
func cut(out []production.Segment, s production.Segment, changed []*leaf) []production.Segment {
	for _, l := range changed {
		end := s.Interval(endless).To
		if s.To == 0 {
			end = endless
		}
		if l.end() <= s.From || l.From >= end {
			continue
		}
		if l.From > s.From {
			before := s
			before.To, s.From = l.From, l.From
			out = append(out, before)
		}
		inside := s
		if l.end() < end {
			inside.To, s.From = l.end(), l.end()
			out = append(out, l.label(inside))
			continue
		}
		return append(out, l.label(inside))
	}
	return append(out, s)
}

// label returns s as a piece of the stop.
func (l *leaf) label(s production.Segment) production.Segment {
	if s.State == plant.StateUnknown {
		return s
	}
	off := s.Loss == production.LossNotScheduled
	if l.NotDowntime {
		s.Stop, s.StopStart, s.Reason, s.Culprit, s.Failure, s.Blip = "", 0, "", "", false, false
		if !off {
			s.State, s.Loss = plant.StateRun, production.LossRun
			s.Unscheduled = l.base.ReasonSource == "calendar" && l.base.Planned
		}
		return s
	}
	s.Blip = s.Blip || s.Stop == "" && s.State.Producing()
	s.State, s.Stop, s.StopStart = l.State, l.ID, l.start
	s.Reason, s.Culprit, s.Failure, s.Unscheduled = l.Reason, l.Culprit, l.Failure && l.downtime(), false
	if !off {
		s.Loss = l.Loss
	}
	return s
}

// Reach widens w so far that Apply gives for w what it gives for all time:
// over stops that begin or end outside it and over edits that speak of more.
// timeline is for segments and stops, counts for counts.
func Reach(w plant.Interval, stops []production.Stop, edits []Edit) (timeline, counts plant.Interval) {
	timeline, counts = w, w
	for again := true; again; {
		again = false
		widen := func(v *plant.Interval, from, to plant.Instant) {
			if from < v.To && to > v.From && (from < v.From || to > v.To) {
				v.From, v.To = min(v.From, from), max(v.To, to)
				again = true
			}
		}
		for _, s := range stops {
			if s.To != 0 { // one that lasts ends with the facts
				widen(&timeline, s.From, s.To)
			} else if s.From < timeline.From {
				timeline.From, again = s.From, true
			}
		}
		for _, e := range edits {
			switch e.Kind {
			case KindAdjust:
				widen(&counts, e.From.Truncate(minute), e.To)
			case KindMerge:
				widen(&timeline, e.From, e.To+1)
			}
		}
	}
	return timeline, counts
}

// Touches reports whether one of the edits may matter in the timeline or the
// counts of these times.
func Touches(edits []Edit, timeline, counts plant.Interval) bool {
	for _, e := range edits {
		v := timeline
		if e.Kind == KindAdjust {
			v = counts
		}
		if e.From < v.To && max(e.To, e.From+1) > v.From {
			return true
		}
	}
	return false
}
