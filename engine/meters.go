package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// levelReach is how far before the end of a window its last level is looked
// for: a level that does not change tells nothing.
const levelReach = 8 * time.Hour

// readMeters completes in with what the records say of meters. Nobody says
// anything of meters, so they are no matter of edits.
func readMeters(ctx context.Context, q kpiQuery, in *production.KPIInput) error {
	if !in.HasEnergy && !in.HasSafety && len(in.Intakes) == 0 {
		return nil
	}
	w := minutes(q.window)
	if len(in.Intakes) > 0 {
		w.From = min(w.From, w.To.Add(-levelReach))
	}
	rows, err := q.store.Meters(ctx, q.equipment.Path, w)
	if err != nil {
		return err
	}
	meters, err := metersOf(rows)
	if err != nil {
		return fmt.Errorf("meters of %s: %w", q.equipment.Path, err)
	}
	in.Facts.Meters = withLevels(meters, q.window.From.Truncate(minute))
	if in.HasSafety {
		in.LastSafety, err = q.store.LastSafety(ctx, q.equipment.Path, q.window.From)
	}
	return err
}

func metersOf(rows []store.Meter) ([]production.Meter, error) {
	var out []production.Meter
	for _, row := range rows {
		var m production.Meter
		if err := json.Unmarshal(row.Body, &m); err != nil {
			return nil, fmt.Errorf("read meter at %s: %w", row.Start, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// withLevels returns the meters from a minute on and, of those before it, the
// last level of each tag: nothing else before a window matters to it.
func withLevels(meters []production.Meter, from plant.Instant) []production.Meter {
	k, _ := slices.BinarySearchFunc(meters, from, func(m production.Meter, t plant.Instant) int {
		return int(min(1, max(-1, m.Minute-t)))
	})
	var before []production.Meter
	seen := map[string]bool{}
	for _, m := range slices.Backward(meters[:k]) {
		last := production.Meter{Minute: m.Minute}
		for _, l := range m.Levels {
			if !seen[l.Tag] {
				seen[l.Tag] = true
				last.Levels = append(last.Levels, l)
			}
		}
		if len(last.Levels) > 0 {
			before = append(before, last)
		}
	}
	slices.Reverse(before)
	return append(before, meters[k:]...)
}

// readAcknowledged completes in with when a person took an alarm of each
// failure: one that was raised on the equipment during the stop.
func readAcknowledged(ctx context.Context, q kpiQuery, in *production.KPIInput) error {
	for _, s := range in.Facts.Segments {
		if !s.Failure || s.From != s.StopStart || !q.window.Contains(s.From) {
			continue
		}
		end := s.Interval(max(q.now, s.From+1)).To
		rows, err := q.store.Alarms(ctx, store.AlarmFilter{Equipment: q.equipment.Path, Window: plant.Interval{From: s.From, To: end}})
		if err != nil {
			return err
		}
		for _, row := range rows {
			var a alerts.Alarm
			if err := json.Unmarshal(row.Body, &a); err != nil {
				return fmt.Errorf("read alarm %s: %w", row.ID, err)
			}
			at := a.Acknowledged.Event
			if at == 0 {
				continue
			}
			if in.Acknowledged == nil {
				in.Acknowledged = map[string]plant.Instant{}
			}
			if first, ok := in.Acknowledged[s.Stop]; !ok || at < first {
				in.Acknowledged[s.Stop] = at
			}
		}
	}
	return nil
}
