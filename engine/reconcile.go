package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// reconcile ends what the records hold open and nobody will ever end: alarms
// and stops of equipment that the configuration no longer has, or that an
// engine without a usable snapshot does not know. What the stream still shows
// is opened again under the same id when it is worked through.
//
// known reports whether an engine still looks after a record; stops end at at.
func reconcile(ctx context.Context, s *store.Store, below string, at plant.Instant, known func(id, equipment string) bool) error {
	open, err := s.Alarms(ctx, store.AlarmFilter{Open: true, Equipment: below, Limit: store.All})
	if err != nil {
		return err
	}
	c := store.Commit{}
	for _, row := range open {
		if known(row.ID, row.Equipment) {
			continue
		}
		var a alerts.Alarm
		if err := json.Unmarshal(row.Body, &a); err != nil {
			return fmt.Errorf("read alarm %s: %w", row.ID, err)
		}
		a.State, a.Active, a.NextAt, a.NextTo = alerts.StateNormal, false, 0, nil
		if row.Body, err = json.Marshal(a); err != nil {
			return fmt.Errorf("encode alarm %s: %w", row.ID, err)
		}
		row.State, row.Open = string(a.State), false
		c.Alarms = append(c.Alarms, row)
	}
	stops, err := s.Stops(ctx, store.StopFilter{Open: true, Equipment: below, Limit: store.All})
	if err != nil {
		return err
	}
	for _, row := range stops {
		if known(row.ID, row.Equipment) {
			continue
		}
		row.End = max(at, row.Start)
		if row.Body, err = withEnd(row.Body, row.End); err != nil {
			return fmt.Errorf("end stop %s: %w", row.ID, err)
		}
		c.Stops = append(c.Stops, row)
	}
	if len(c.Alarms)+len(c.Stops) == 0 {
		return nil
	}
	return s.Amend(ctx, c)
}

// withEnd sets the end of a stop, and with it its duration, in its JSON and
// leaves the rest alone.
func withEnd(body []byte, at plant.Instant) ([]byte, error) {
	var fields map[string]json.RawMessage
	var stop production.Stop
	if err := errors.Join(json.Unmarshal(body, &fields), json.Unmarshal(body, &stop)); err != nil {
		return nil, err
	}
	var e encoder
	fields["to"] = e.json(at)
	fields["duration"] = e.json(production.Seconds(max(0, stop.Duration(at))))
	if e.err != nil {
		return nil, e.err
	}
	return json.Marshal(fields)
}

// retire ends the records of equipment that the plant no longer has, with the
// time that its area came to.
func (p *Plant) retire(ctx context.Context) error {
	if err := p.retireAreas(ctx); err != nil {
		return fmt.Errorf("end records of equipment that is gone: %w", err)
	}
	return nil
}

func (p *Plant) retireAreas(ctx context.Context) error {
	here := func(_, equipment string) bool {
		return p.o.Tree.FindEquipment(equipment) != nil || equipment == p.o.Tree.Site ||
			slices.ContainsFunc(p.o.Tree.Areas, func(a *plant.Area) bool { return a.Path == equipment })
	}
	for _, area := range p.o.Tree.Areas {
		progress, err := p.o.Store.Progress(ctx, area.Path)
		if err != nil {
			return err
		}
		if err := reconcile(ctx, p.o.Store, area.Path, progress.Time, here); err != nil {
			return err
		}
	}
	last, err := p.o.Store.LastTime(ctx)
	if err != nil {
		return err
	}
	return reconcile(ctx, p.o.Store, "", last, here)
}
