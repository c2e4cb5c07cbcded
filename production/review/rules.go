package review

import (
	"slices"
	"time"

	"andon/plant"
	"andon/production"
)

// Evidence is what a reason rule looks at besides the stop itself, each for
// the time of the stop.
type Evidence struct {
	Zone       *time.Location
	Signal     []string      // values that the rule's signal had
	Neighbours []plant.State // that the rule's neighbour was in
	Alarm      bool          // the condition of the rule's alarm held
}

// Match reports whether a reason rule is for the stop, which must be over.
func Match(w production.RuleWhen, s production.Stop, ev Evidence) bool {
	d := s.Duration(s.To)
	switch {
	case len(w.States) > 0 && !slices.Contains(w.States, s.State.String()):
		return false
	case w.LongerThan > 0 && d <= w.LongerThan, w.AtMost > 0 && d > w.AtMost:
		return false
	case w.From != "" && !within(s.From.Time().In(ev.Zone).Format("15:04"), w.From, w.To):
		return false
	case w.Signal != "" && !slices.ContainsFunc(ev.Signal, func(v string) bool { return means(w.Value, v) }):
		return false
	case w.Neighbour != "" && !slices.ContainsFunc(ev.Neighbours, func(n plant.State) bool { return slices.Contains(w.NeighbourStates, n.String()) }):
		return false
	}
	return w.Alarm == "" || ev.Alarm
}

// within reports whether a time of day is in [from, to), which may go past
// midnight.
func within(t, from, to string) bool {
	if from <= to {
		return from <= t && t < to
	}
	return t >= from || t < to
}

// means reports whether a signal has the value that a rule wants; "" is any
// that says something.
func means(want, value string) bool {
	if want != "" {
		return value == want
	}
	return value != "" && value != "0" && value != "false"
}
