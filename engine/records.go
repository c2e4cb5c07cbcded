package engine

import (
	"encoding/json"
	"fmt"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// records turns changes into rows of the store.
func records(area string, c changes) (store.Commit, error) {
	out := store.Commit{Area: area}
	var e encoder
	for _, r := range c.Rewrites {
		out.Rewrites = append(out.Rewrites, e.rewrite(r))
	}
	for _, s := range c.Stops {
		out.Stops = append(out.Stops, store.Stop{ID: s.ID, Equipment: s.Equipment.Path, Start: s.From, End: s.To,
			State: s.State.String(), Category: string(s.Category), Void: s.Void, Body: e.json(stopBody(s))})
	}
	for _, o := range c.Orders {
		out.Orders = append(out.Orders, store.Order{ID: o.ID, Line: o.Line, Start: o.From, Body: e.json(o)})
	}
	for _, a := range c.alerts.Alarms {
		out.Alarms = append(out.Alarms, store.Alarm{ID: a.ID, Area: area, Equipment: a.Equipment, Rule: a.Rule,
			Class: string(a.Class), Priority: string(a.Priority), State: string(a.State),
			Open: a.State != alerts.StateNormal, Raised: a.Raised.Event, Body: e.json(a)})
	}
	for _, t := range c.alerts.Transitions {
		out.Transitions = append(out.Transitions, store.Transition{ID: t.ID, Alarm: t.Alarm, Time: t.Time.Stream, Body: e.json(t)})
	}
	for _, m := range c.alerts.Messages {
		out.Messages = append(out.Messages, store.Message{ID: m.ID, Contact: m.To, Alarm: m.Alarm, Created: m.Time, Body: e.json(m)})
	}
	out.Edits = e.edits(c.edits)
	return out, e.err
}

// A StopRecord is a stop as API, files and records show it.
type StopRecord struct {
	Equipment string `json:"equipment"` // path
	production.Stop
	// Duration is the downtime; an open stop's is missing, it still grows.
	Duration *production.Seconds `json:"duration,omitempty"`
	// Review is what people said, nil when nobody did.
	Review *review.Detail `json:"review,omitempty"`
}

func stopBody(s production.Stop) StopRecord {
	rec := StopRecord{Equipment: s.Equipment.Path, Stop: s}
	if s.To != 0 {
		d := production.Seconds(s.Duration(s.To))
		rec.Duration = &d
	}
	return rec
}

// An encoder keeps the first error of several encodings.
type encoder struct{ err error }

func (e *encoder) json(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("encode %T: %w", v, err)
	}
	return b
}

func (e *encoder) rewrite(r production.Rewrite) store.Rewrite {
	out := store.Rewrite{Equipment: r.Equipment.Path, From: r.From, CountsFrom: r.CountsFrom, MetersFrom: r.MetersFrom}
	for _, s := range r.Segments {
		out.Segments = append(out.Segments, store.Segment{Start: s.From, End: s.To, State: s.State.String(), Body: e.json(s)})
	}
	for _, c := range r.Counts {
		part := c.Product + "\x1f" + c.Order + "\x1f" + c.Shift
		if c.Mould != "" {
			part += "\x1f" + c.Mould
		}
		out.Counts = append(out.Counts, store.Count{Start: c.Minute, Part: part, Body: e.json(c)})
	}
	for _, m := range r.Meters {
		out.Meters = append(out.Meters, store.Meter{Start: m.Minute, Safety: m.Safety(), Body: e.json(m)})
	}
	return out
}

// facts reads an equipment's facts of a window back from rows.
func facts(segments []store.Segment, counts []store.Count) (production.Facts, error) {
	var f production.Facts
	for _, row := range segments {
		var s production.Segment
		if err := json.Unmarshal(row.Body, &s); err != nil {
			return f, fmt.Errorf("read segment at %s: %w", row.Start, err)
		}
		// The records end a segment that a lost snapshot left open.
		s.From, s.To = row.Start, row.End
		f.Segments = append(f.Segments, s)
	}
	for _, row := range counts {
		var c production.Count
		if err := json.Unmarshal(row.Body, &c); err != nil {
			return f, fmt.Errorf("read count at %s: %w", row.Start, err)
		}
		f.Counts = append(f.Counts, c)
	}
	return f, nil
}

// minutes widens a window to whole minutes, the grain of counts.
func minutes(w plant.Interval) plant.Interval {
	from, to := w.From.Truncate(minute), w.To.Truncate(minute)
	if to < w.To {
		to = to.Add(minute)
	}
	return plant.Interval{From: from, To: to}
}
