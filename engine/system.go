package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/store"
)

// takeSystem keeps what andon says of itself until the alarms of its message
// are worked out.
func (c *core) takeSystem(cmd plant.Command) error {
	s, err := alerts.ReadSystemCondition(c.area, cmd.Args)
	if err != nil {
		return err
	}
	c.system = &s
	return nil
}

// Unwritten returns why what the engines came to is not in the records, nil
// when it is. It waits for nothing.
func (p *Plant) Unwritten() error {
	var errs []error
	for _, r := range p.runners {
		if err := r.unwritten.Load(); err != nil {
			errs = append(errs, *err)
		}
	}
	return errors.Join(errs...)
}

// Behind returns how far the engine of an area is behind the clock; false
// while it has taken no message. It waits for nothing.
func (p *Plant) Behind(area *plant.Area) (time.Duration, bool) {
	seen := plant.Instant(p.runnerFor(area).seen.Load())
	return time.Since(seen.Time()), seen != 0
}

// openAlarms returns the alarms of an area that the records hold open, with
// those of the whole site that its book has.
func openAlarms(ctx context.Context, s *store.Store, area *plant.Area) ([]alerts.Alarm, error) {
	rows, err := s.Alarms(ctx, store.AlarmFilter{Open: true, Equipment: area.Site, Limit: store.All})
	if err != nil {
		return nil, err
	}
	var open []alerts.Alarm
	for _, row := range rows {
		if row.Area != area.Path {
			continue
		}
		var a alerts.Alarm
		if err := json.Unmarshal(row.Body, &a); err != nil {
			return nil, fmt.Errorf("read alarm %s: %w", row.ID, err)
		}
		open = append(open, a)
	}
	return open, nil
}
