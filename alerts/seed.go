package alerts

import "errors"

// Seed opens alarms as the records have them, in a new book whose snapshot is
// lost. Those that are over are left out. It is an error when b is not new.
func (b *Book) Seed(alarms []Alarm) error {
	if len(b.open) > 0 {
		return errors.New("seed alarms: want a book without any")
	}
	for _, a := range alarms {
		k := key{a.Rule, a.Equipment}
		if a.State == StateNormal || b.byKey[k] != nil || b.byID[a.ID] != nil {
			continue
		}
		e := &entry{Alarm: a.clone(), Announced: a.Raised.Stream}
		if steps := b.cfg.Policies[a.Policy]; a.NextAt != 0 && a.Step < len(steps) {
			e.Announced = a.NextAt.Add(-steps[a.Step].After)
		}
		if _, ok := b.cfg.Policies[a.Policy]; !ok {
			e.Alarm.Policy = b.route(&a).Policy
		}
		b.open = append(b.open, e)
		b.byKey[k], b.byID[a.ID] = e, e
		b.plan(e)
	}
	return nil
}
