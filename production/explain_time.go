package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A located span is one with the bucket that the KPIs book it on, and its
// segment, an empty one of unknown state where the facts have none.
type located struct {
	Span
	loss Loss
	seg  Segment
}

// timeline cuts the segments to the window. What none covers is what the
// calendar plans, and unknown in the time for work.
func (e *Explainer) timeline() []located {
	var out []located
	at := e.window.From
	add := func(w plant.Interval, s Segment) {
		if w.Duration() > 0 {
			loss := e.in.booked(s)
			out = append(out, located{spanOf(s, w, loss), loss, s})
		}
	}
	for _, s := range e.in.Facts.Segments {
		w := s.Interval(e.window.To).Clip(e.window)
		if w.Duration() == 0 {
			continue
		}
		e.gap(plant.Interval{From: at, To: w.From}, add)
		add(w, s)
		at = max(at, w.To)
	}
	e.gap(plant.Interval{From: at, To: e.window.To}, add)
	e.because(out)
	return out
}

// gap adds time that no segment covers.
func (e *Explainer) gap(v plant.Interval, add func(plant.Interval, Segment)) {
	plan := &schedule{cal: e.in.calendar}
	for at := v.From; at < v.To; {
		span := plan.at(at)
		s := Segment{State: plant.StateUnknown, Loss: LossUnknown}
		switch span.kind {
		case schedBreak:
			s.State, s.Loss = plant.StatePlannedStop, LossPlanned
		case schedOff:
			s.State, s.Loss = plant.StateNotScheduled, LossNotScheduled
		}
		to := min(span.To, v.To)
		add(plant.Interval{From: at, To: to}, s)
		at = to
	}
}

func spanOf(s Segment, w plant.Interval, loss Loss) Span {
	return Span{From: w.From, To: w.To, Seconds: Seconds(w.Duration()), State: s.State.String(), Loss: loss.String(),
		Stop: s.Stop, Reason: s.Reason, Culprit: s.Culprit, Inferred: s.Inferred}
}

// booked returns the bucket on which the KPIs book a segment.
func (in KPIInput) booked(s Segment) Loss {
	if s.Loss == LossRun && s.Inferred && in.Unknown == UnknownExclude {
		return LossUnknown
	}
	return s.Loss
}

// booking lists the time in some buckets.
func booking(losses ...Loss) func(*Explainer, *Term) {
	return spending(func(_ *Explainer, s located) bool { return slices.Contains(losses, s.loss) })
}

// spending lists the time that is in something.
func spending(in func(*Explainer, located) bool) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, s := range e.spans {
			if in(e, s) {
				t.Intervals = append(t.Intervals, s.Span)
			}
		}
	}
}

func (s located) isDown() bool { return s.loss >= LossSetup && s.loss <= LossOther }

func (s located) isInferred() bool { return s.loss == LossRun && s.Inferred }

// knownTime lists the planned time with data.
func knownTime(e *Explainer, t *Term) {
	for _, s := range e.spans {
		if slices.Contains(plannedLosses, s.loss) && !s.isInferred() {
			t.Intervals = append(t.Intervals, s.Span)
		}
	}
}

// uninspected lists the run in which nothing told good units from bad ones.
func uninspected(e *Explainer, t *Term) {
	for _, s := range e.spans {
		for _, v := range e.in.Uninspected {
			part := s.Span
			cut := plant.Interval{From: s.From, To: s.To}.Clip(v)
			if part.From, part.To = cut.From, cut.To; s.loss == LossRun && part.From < part.To {
				part.Seconds, part.Why = Seconds(cut.Duration()), "nothing was known of "+e.in.InspectedBy
				t.Intervals = append(t.Intervals, part)
			}
		}
	}
}

func (s located) isUnscheduled() bool { return s.loss == LossRun && s.seg.Unscheduled }

// isRepair is the time of failures, whatever the policy for unknown time.
func (s located) isRepair() bool {
	return s.seg.Failure && s.seg.Loss != LossUnknown && s.seg.Loss != LossNotScheduled
}

func (s located) isMaintenance(e *Explainer) bool {
	return !s.isRepair() && slices.Contains(e.in.Maintenance, s.Reason)
}

// begun lists stops that began in the window, each as one.
func begun(which func(Segment, Loss) bool) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, s := range e.in.Facts.Segments {
			d := s.Interval(e.window.To).Clip(e.window).Duration()
			if d > 0 && s.From == s.StopStart && e.window.Contains(s.From) && which(s, e.in.booked(s)) {
				t.Stops = append(t.Stops, NotedStop{Stop: s.Stop, From: s.From, Reason: s.Reason, Value: 1})
			}
		}
	}
}

// isFailure reports whether a segment is of a failure that began in the
// window, in time with data and for work.
func (e *Explainer) isFailure(s Segment) bool {
	return s.Failure && e.window.Contains(s.StopStart) && s.Loss != LossUnknown && s.Loss != LossNotScheduled
}

// failed lists the failures that began in the window.
func failed(e *Explainer, t *Term) {
	var last plant.Instant
	for _, s := range e.in.Facts.Segments {
		if e.isFailure(s) && s.StopStart != last {
			last = s.StopStart
			t.Stops = append(t.Stops, NotedStop{Stop: s.Stop, From: s.StopStart, Reason: s.Reason, Value: 1})
		}
	}
}

// repaired lists the whole time of these, also what comes after the window.
func repaired(e *Explainer, t *Term) {
	for _, s := range e.in.Facts.Segments {
		if e.isFailure(s) {
			t.Intervals = append(t.Intervals, spanOf(s, s.Interval(e.in.Now), s.Loss))
		}
	}
}

// unrepaired lists the failures that are not repaired.
func unrepaired(e *Explainer, t *Term) {
	for _, s := range e.in.Facts.Segments {
		if e.isFailure(s) && s.To == 0 {
			t.Stops = append(t.Stops, NotedStop{Stop: s.Stop, From: s.StopStart, Reason: s.Reason, Value: 1})
		}
	}
}

// acknowledged lists the failures of which a person took note, with how long
// that took or, counted, each as one.
func acknowledged(count bool) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, s := range e.in.Facts.Segments {
			at, ok := e.in.Acknowledged[s.Stop]
			if !ok || !s.Failure || s.From != s.StopStart || !e.window.Contains(s.From) {
				continue
			}
			n := NotedStop{Stop: s.Stop, From: s.From, Reason: s.Reason, Acknowledged: &at, Value: 1}
			if !count {
				n.Value = Seconds(max(0, at.Sub(s.From))).Float()
			}
			t.Stops = append(t.Stops, n)
		}
	}
}

// changedOver lists the changeovers that began in the window, each as one or
// with the time allowed for it.
func changedOver(count bool) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, c := range changeovers(e.in.Standards, e.in.Facts.Segments, e.window.To) {
			if !e.window.Contains(c.From) {
				continue
			}
			n := NotedStop{Stop: c.Stop, From: c.From, Reason: LossSetup.String(), Before: c.Before, After: c.After, Value: 1}
			if !count {
				n.Value = c.Standard.Float()
			}
			t.Stops = append(t.Stops, n)
		}
	}
}

// overStandard lists the setup time beyond what is allowed.
func overStandard(e *Explainer, t *Term) {
	for _, c := range changeovers(e.in.Standards, e.in.Facts.Segments, e.window.To) {
		if c.Standard == 0 {
			continue
		}
		allowed := c.From.Add(c.Standard.Duration())
		for _, s := range e.spans {
			v := plant.Interval{From: max(s.From, allowed), To: s.To}
			if s.seg.Loss == LossSetup && s.Stop == c.Stop && v.Duration() > 0 {
				span := spanOf(s.seg, v, s.loss)
				span.Why = "beyond the " + time.Duration(c.Standard).String() + " allowed from " + plain(c.Before) + " to " + plain(c.After)
				t.Intervals = append(t.Intervals, span)
			}
		}
	}
}

// plain returns the name of a product for people.
func plain(product string) string {
	if product == "" {
		return "any product"
	}
	return product
}
