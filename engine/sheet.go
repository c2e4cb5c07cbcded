package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// A Sheet is what happened to one equipment in a window, as people say it
// was.
type Sheet struct {
	Equipment *plant.Equipment
	Segments  []production.Segment // in order; they may reach over the window
	Stops     []SheetStop          // that overlap the window, in order of time
	Edits     []EditView           // that speak of the window's time, in the order in which they were taken
}

// A SheetStop is a stop of a sheet.
type SheetStop struct {
	StopView
	// Inside is the part of its time that lies in the window and is downtime
	// or planned.
	Inside time.Duration
	// InsideCost is what that part cost. Inside and InsideCost of windows that
	// follow each other add up to those of all of them.
	InsideCost production.Amount
}

// Sheet returns what happened to eq in w; what lasts ends at now.
func (d *Desk) Sheet(ctx context.Context, eq *plant.Equipment, w plant.Interval, now plant.Instant) (Sheet, error) {
	wide, err := d.wholeStops(ctx, eq, w, now)
	if err != nil {
		return Sheet{}, err
	}
	r, err := d.reading(ctx, eq, wide)
	if err != nil {
		return Sheet{}, fmt.Errorf("stops of %s: %w", eq.Path, err)
	}
	res := r.apply(d.defs)
	out := Sheet{Equipment: eq, Segments: res.Facts.Segments}
	for _, s := range res.Stops {
		if s.From >= w.To || s.To != 0 && s.To <= w.From {
			continue
		}
		near := production.Facts{Segments: around(res.Facts.Segments, s)}
		x := SheetStop{StopView: d.view(r, s, res, now), Inside: inside(near.Segments, s.ID, w, now),
			InsideCost: d.pricing[eq.Path].CostIn(s.Stop, near, w, now)}
		if len(res.Facts.Segments) == 0 && !s.NotDowntime { // records without a timeline
			x.Inside = plant.Interval{From: s.From, To: s.From.Add(s.Duration(now))}.Clip(w).Duration()
		}
		out.Stops = append(out.Stops, x)
	}
	for _, v := range d.editViews(r.edits, res) {
		if v.Edit.From < w.To && max(v.To, v.Edit.From+1) > w.From {
			out.Edits = append(out.Edits, v)
		}
	}
	return out, nil
}

// wholeStops widens w to the whole of the stops that reach over its ends, and
// to the run after it.
func (d *Desk) wholeStops(ctx context.Context, eq *plant.Equipment, w plant.Interval, now plant.Instant) (plant.Interval, error) {
	wide := w
	for _, end := range []plant.Instant{w.From, w.To} {
		rows, err := d.store.StopsOf(ctx, eq.Path, plant.Interval{From: end, To: end + 1})
		if err != nil {
			return w, err
		}
		for _, row := range rows {
			to := row.End
			if to == 0 {
				to = max(now, row.Start) + 1
			}
			wide = plant.Interval{From: min(wide.From, row.Start), To: max(wide.To, to)}
		}
	}
	return d.untilRun(ctx, eq, wide)
}

// around returns the segments of a stop and those up to the next run, which
// decides the price of a changeover.
func around(all []production.Segment, s review.Stop) []production.Segment {
	from, _ := slices.BinarySearchFunc(all, s.From, func(x production.Segment, t plant.Instant) int {
		if x.To != 0 && x.To <= t {
			return -1
		}
		return 1
	})
	to := from
	for to < len(all) && (s.To == 0 || all[to].From < s.To || all[to].Loss != production.LossRun) {
		to++
	}
	return all[from:min(to+1, len(all))]
}

// inside returns the time of a stop within w.
func inside(segments []production.Segment, id string, w plant.Interval, now plant.Instant) (sum time.Duration) {
	for _, s := range segments {
		lost := s.Loss > production.LossRun && s.Loss < production.LossUnknown || s.Loss == production.LossPlanned
		if s.Stop == id && lost {
			sum += s.Interval(now).Clip(w).Duration()
		}
	}
	return sum
}

// Past returns the latest 1,000 stops of one equipment in the 30 days before
// t, which say what reasons a stop may have.
func (d *Desk) Past(ctx context.Context, equipment string, t plant.Instant) ([]review.Stop, error) {
	eq := d.tree.FindEquipment(equipment)
	if eq == nil {
		return nil, nil
	}
	q := StopQuery{Equipment: []*plant.Equipment{eq}, Window: plant.Interval{From: t - historyOf, To: t + 1}, Now: t}
	found, _, err := d.back(ctx, q, startOf(q), stopsAtOnce)
	if err != nil {
		return nil, err
	}
	out := make([]review.Stop, len(found))
	for i, v := range found {
		out[i] = v.Stop
	}
	return out, nil
}

// Definitions returns what edits mean.
func (d *Desk) Definitions() *review.Definitions { return d.defs }

// Shifts returns the shifts of eq that overlap w, in order; none for equipment
// without a calendar.
func (d *Desk) Shifts(eq *plant.Equipment, w plant.Interval) []plant.Shift {
	if cal := d.calendars[eq.Path]; cal != nil {
		return cal.Shifts(w)
	}
	return nil
}

// calendars returns the calendar of all equipment that has one.
func calendars(cfg production.Config, tree *plant.Tree) map[string]*plant.Calendar {
	byName, out := map[string]*plant.Calendar{}, map[string]*plant.Calendar{}
	for _, c := range cfg.Calendars {
		if cal, err := plant.NewCalendar(c, tree.Zone); err == nil { // cfg is valid
			byName[c.Name] = cal
		}
	}
	for _, eq := range tree.Equipment() {
		i := slices.IndexFunc(cfg.CalendarFor, func(f production.CalendarFor) bool { return plant.Match(f.Equipment, eq.Path) })
		if i >= 0 {
			out[eq.Path] = byName[cfg.CalendarFor[i].Calendar]
		}
	}
	return out
}
