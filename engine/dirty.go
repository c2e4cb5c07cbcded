package engine

import (
	"context"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// A lateness is what of a piece of the stream reaches into settled time.
type lateness struct {
	of    map[string]bool // paths of equipment whose samples came late
	order bool            // somebody gave or corrected an order
}

// note keeps what may explain why settled time changes.
func (l *lateness) note(m plant.Message, edge plant.Instant) {
	l.order = l.order || m.Kind == plant.KindCommand && strings.HasPrefix(m.Command.Verb, "order.")
	for i := range m.Samples {
		if m.Samples[i].Time < edge {
			l.add(m.Samples[i].Tag.Equipment.Path)
		}
	}
	for _, k := range m.Known { // the end of samples that came late
		if k.From < edge {
			l.add(k.Equipment)
		}
	}
}

func (l *lateness) add(equipment string) {
	if l.of == nil {
		l.of = map[string]bool{}
	}
	l.of[equipment] = true
}

// why says in words for people what changed settled time of equipment.
func (l *lateness) why(eq *plant.Equipment) (kind, why string) {
	switch {
	case l.of[eq.Path]:
		return store.DirtyFacts, lateSamplesOf + eq.Name
	case len(l.of) > 0:
		return store.DirtyFacts, lateSamples
	case l.order:
		return store.DirtySaid, "an order changed"
	}
	return store.DirtyFacts, "derived again from what came since"
}

// edge returns the end of settled time: what KPIs say of windows that end by
// then is kept.
func (r *runner) edge() plant.Instant { return r.core.now.Add(-r.o.Config.Production.Settle) }

// dirty returns the settled time in which c changes what KPIs come from.
func (r *runner) dirty(c changes) []store.Dirty {
	var out []store.Dirty
	for _, rows := range r.dirtyFacts(c) {
		out = append(out, rows...)
	}
	return append(out, r.dirtySaid(c, r.edge())...)
}

// dirtyFacts returns the settled time that rewrites of c change, in their
// order.
func (r *runner) dirtyFacts(c changes) [][]store.Dirty {
	late := r.late
	r.late = lateness{}
	out := make([][]store.Dirty, len(c.Rewrites))
	for i, w := range c.Rewrites {
		out[i] = r.dirtyOf(w, &late)
	}
	return out
}

// dirtyOf returns the settled time that one rewrite changes, also of equipment
// whose units were inspected there.
func (r *runner) dirtyOf(w production.Rewrite, late *lateness) []store.Dirty {
	edge, known := r.edge(), noticed(r.core.now, r.quiet())
	d := store.Dirty{Equipment: w.Equipment.Path, Start: w.Since, End: edge, First: known, Last: known}
	d.Kind, d.Why = late.why(w.Equipment)
	for _, s := range w.Segments {
		if s.StopStart != 0 && s.StopStart < d.Start {
			if d.Start >= edge {
				d.Kind, d.Why = store.DirtyFacts, "the stop of "+s.StopStart.String()+" went on"
			}
			d.Start = s.StopStart
		}
	}
	if d.Kind == store.DirtySaid {
		d.First, d.Last = r.core.now, r.core.now
	}
	if d.Start >= edge {
		return nil
	}
	out := []store.Dirty{d}
	for _, eq := range r.core.prod.Inspected(w.Equipment) {
		d.Equipment, d.Kind, d.Why = eq.Path, store.DirtyFacts, inspectionChanged
		out = append(out, d)
	}
	return out
}

// dirtySaid returns the time of which people said something.
func (r *runner) dirtySaid(c changes, edge plant.Instant) []store.Dirty {
	var out []store.Dirty
	said := func(equipment string, v plant.Interval, why string) {
		out = append(out, store.Dirty{Kind: store.DirtySaid, Equipment: equipment, Start: v.From, End: v.To, Why: why, First: r.core.now, Last: r.core.now})
	}
	for _, t := range c.touched {
		said(t.eq.Path, t.Interval, t.why)
	}
	raised := map[string]plant.Instant{}
	for _, a := range c.alerts.Alarms {
		raised[a.ID] = a.Raised.Event
	}
	for _, t := range c.alerts.Transitions {
		if at := raised[t.Alarm]; t.Event == alerts.EventAcknowledged && at != 0 && at < edge {
			said(t.Equipment, plant.Interval{From: at, To: at + 1}, t.User+" acknowledged "+t.Rule)
		}
	}
	for _, x := range c.recompute {
		out = append(out, store.Dirty{Kind: store.DirtyRecompute, Equipment: x.Equipment, Start: x.From, End: x.To, Why: x.why(), First: x.at, Last: x.at})
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
			c.Dirty = append(c.Dirty, store.Dirty{Kind: store.DirtyFacts, Equipment: eq.Path, Start: end.Add(-longestStream), End: end,
				Why: "the stream was worked through again", First: end, Last: end})
		}
	}
	return r.o.Store.Amend(ctx, c)
}
