package engine

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
	"andon/rules"
)

// resinAlarm explains stops of the moulder in which its resin was out, with
// the alarm that says so.
func resinAlarm(raise string) Config {
	c := NorthfieldConfig()
	c.Rules.Rules = append(c.Rules.Rules, rules.Rule{ID: "no-resin", Class: plant.ClassMaterial, Priority: plant.PriorityMedium,
		Kind: rules.KindThreshold, Equipment: productiontest.B1, Tag: "resin", Raise: raise, Response: "Bring resin."})
	c.Production.Reasons = append(c.Production.Reasons, production.Reason{ID: "no_resin", Name: "No resin", Category: production.CategoryStarved})
	c.Production.ReasonRules = []production.ReasonRule{{When: production.RuleWhen{Alarm: "no-resin"}, Reason: "no_resin"}}
	return c
}

// explained returns what rules said in the hour of an area, whose engine a
// snapshot carries over at some times.
func explained(t *testing.T, cfg Config, area string, carry ...plant.Instant) []review.Edit {
	t.Helper()
	s := newStation(t, area)
	began := func() *core {
		c, err := newCore(cfg, s.tree, s.area)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := began()
	var edits []review.Edit
	for _, m := range s.hour() {
		if len(carry) > 0 && m.Time >= carry[0] {
			edits, carry = append(edits, c.drain().edits...), carry[1:]
			data, err := c.snapshot()
			if err != nil {
				t.Fatal(err)
			}
			c = began()
			if err := c.restore(data); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.step(m); err != nil {
			t.Fatal(err)
		}
	}
	return append(edits, c.drain().edits...)
}

func TestAnAlarmThatHeldExplainsTheStopOfItsEquipment(t *testing.T) {
	got := explained(t, resinAlarm("<= 0"), "moulding")
	if len(got) != 1 || got[0].Equipment != productiontest.B1 || got[0].From != at(41, 0) || got[0].Args.Reason != "no_resin" {
		t.Errorf("got %+v, want the moulder's stop of 08:41 without resin", got)
	}
}

func TestAnAlarmOfAnotherTimeExplainsNothing(t *testing.T) {
	for name, raise := range map[string]string{"that never held": "< -5", "of a value never seen": "> 1e9"} {
		if got := explained(t, resinAlarm(raise), "moulding"); len(got) != 0 {
			t.Errorf("alarm %s: got %+v, want nothing explained", name, got)
		}
	}
	cfg := resinAlarm("<= 0")
	cfg.Production.ReasonRules[0].Equipment = productiontest.B2
	if got := explained(t, cfg, "moulding"); len(got) != 0 {
		t.Errorf("alarm of another equipment: got %+v, want nothing explained", got)
	}
}

func TestAnAlarmOfBeforeARestartStillExplainsTheStop(t *testing.T) {
	got := explained(t, resinAlarm("<= 0"), "moulding", at(42, 0), at(44, 0), at(46, 0))
	if len(got) != 1 || got[0].From != at(41, 0) {
		t.Errorf("got %+v, want the stop of 08:41 explained once", got)
	}
}
