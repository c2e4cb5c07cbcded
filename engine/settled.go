package engine

import (
	"slices"

	"andon/plant"
	"andon/production"
)

// settledFacts returns what of f the KPIs of a window that is over depend on:
// its own time, failures that began in it to their end, and behind a
// changeover that goes on after it what comes next. All else may still change
// without these KPIs changing. from is where f begins.
func settledFacts(f production.Facts, from plant.Instant, w plant.Interval) production.Facts {
	var kept []production.Segment
	setup := false // the window ends in a changeover, and its product is not known yet
	for _, s := range f.Segments {
		s.From = max(s.From, from)
		mine := s.Failure && w.Contains(s.StopStart)
		switch {
		case s.To != 0 && s.To <= s.From:
			continue
		case s.From >= w.To && !mine && !setup:
			continue
		case s.From >= w.To && s.Loss != production.LossRun:
		case s.From >= w.To:
			setup = false // how long it runs, and how well, is nothing to the changeover
			s = production.Segment{From: s.From, To: s.From + 1, State: plant.StateRun, Loss: s.Loss, Product: s.Product}
		case s.To == 0 || s.To > w.To:
			setup = s.Loss == production.LossSetup
		}
		if !mine && s.From < w.To && (s.To == 0 || s.To > w.To) {
			s.To = w.To
		}
		kept = append(kept, s)
	}
	f.Segments = kept
	f.Counts = slices.DeleteFunc(slices.Clone(f.Counts), func(c production.Count) bool { return !w.Contains(c.Minute) })
	f.Meters = slices.DeleteFunc(slices.Clone(f.Meters), func(m production.Meter) bool { return m.Minute >= w.To })
	return f
}
