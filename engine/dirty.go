package engine

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/store"
)

// A lateness is what of a piece of the stream reaches into settled time.
type lateness struct {
	names map[string]bool // of equipment whose samples came late
	told  bool            // somebody gave a command
}

// note keeps what may explain why settled time changes.
func (l *lateness) note(m plant.Message, edge plant.Instant) {
	l.told = l.told || m.Kind == plant.KindCommand
	for i := range m.Samples {
		if m.Samples[i].Time >= edge {
			continue
		}
		if l.names == nil {
			l.names = map[string]bool{}
		}
		l.names[m.Samples[i].Tag.Equipment.Name] = true
	}
}

// why says in words for people what changed settled time.
func (l *lateness) why() string {
	switch {
	case len(l.names) > 0:
		return "late samples of " + strings.Join(slices.Sorted(maps.Keys(l.names)), ", ")
	case l.told:
		return "an order changed"
	}
	return "derived again from what came since"
}

// edge returns the end of settled time: what KPIs say of windows that end by
// then is kept.
func (r *runner) edge() plant.Instant { return r.core.now.Add(-r.o.Config.Production.Settle) }

// dirty returns the settled time in which c changes what KPIs come from.
func (r *runner) dirty(c changes) []store.Dirty {
	edge, why := r.edge(), r.late.why()
	r.late = lateness{}
	var out []store.Dirty
	for _, w := range c.Rewrites {
		from, reason := w.Since, why
		for _, s := range w.Segments {
			if s.StopStart != 0 && s.StopStart < from {
				if from >= edge {
					reason = "the stop of " + s.StopStart.String() + " went on"
				}
				from = s.StopStart
			}
		}
		if from < edge {
			out = append(out, store.Dirty{Equipment: w.Equipment.Path, Start: from, End: edge, Why: reason})
		}
	}
	raised := map[string]plant.Instant{}
	for _, a := range c.alerts.Alarms {
		raised[a.ID] = a.Raised.Event
	}
	for _, t := range c.alerts.Transitions {
		if at := raised[t.Alarm]; t.Event == alerts.EventAcknowledged && at != 0 && at < edge {
			out = append(out, store.Dirty{Equipment: t.Equipment, Start: at, End: at + 1, Why: t.User + " acknowledged " + t.Rule})
		}
	}
	return out
}

// longestStream is how far back KPIs are looked at when the stream is worked
// through again: more than it holds unless configured otherwise.
const longestStream = 8 * 24 * time.Hour

// doubt has the KPIs of the stream's time looked at again: facts may come out
// otherwise without what was before the stream began.
func (r *runner) doubt(ctx context.Context, end plant.Instant) error {
	var c store.Commit
	for _, line := range r.area.Lines {
		for _, eq := range line.Equipment {
			c.Dirty = append(c.Dirty, store.Dirty{Equipment: eq.Path, Start: end.Add(-longestStream), End: end, Why: "the stream was worked through again"})
		}
	}
	return r.o.Store.Amend(ctx, c)
}
