package engine_test

import (
	"strings"
	"testing"
	"time"

	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/rules"
)

// Northfield's moulder has no resin from 8:41 on. Of ten rules only the last
// one is for that, or for any other stop.
func TestOfManyReasonRulesOnlyTheOneThatFitsSpeaks(t *testing.T) {
	b1 := productiontest.B1
	wrong := func(equipment string, when production.RuleWhen) production.ReasonRule {
		return production.ReasonRule{Equipment: equipment, When: when, Reason: "wrong"}
	}
	list := []production.ReasonRule{
		wrong("northfield/packing/**", production.RuleWhen{From: "09:41", To: "09:42"}),
		wrong("northfield/moulding/lineB/B", production.RuleWhen{AtMost: time.Hour}),
		wrong(b1, production.RuleWhen{States: []string{"stopped"}}),
		wrong(b1, production.RuleWhen{LongerThan: 4 * time.Minute}),
		wrong(b1, production.RuleWhen{AtMost: 4*time.Minute - 1}),
		wrong(b1, production.RuleWhen{From: "22:00", To: "09:00"}),
		wrong(b1, production.RuleWhen{Signal: "resin", Value: "1"}),
		wrong(b1, production.RuleWhen{States: []string{"starved"}, Neighbour: "downstream", NeighbourStates: []string{"fault"}}),
		wrong(b1, production.RuleWhen{States: []string{"starved"}, Alarm: "fault"}),
		{Equipment: "northfield/*/line?/B1", Reason: "no_resin", When: production.RuleWhen{States: []string{"starved"}, LongerThan: 4*time.Minute - 1,
			AtMost: 4 * time.Minute, From: "09:41", To: "09:42", Signal: "resin", Value: "0", Neighbour: "downstream",
			NeighbourStates: []string{"starved"}, Alarm: "starved"}},
	}
	cfg := engine.NorthfieldConfig()
	cfg.Production.Reasons = append(cfg.Production.Reasons, production.Reason{ID: "no_resin", Category: production.CategoryStarved},
		production.Reason{ID: "wrong", Category: production.CategoryOther})
	cfg.Production.ReasonRules = list
	cfg.Rules.Rules = append(cfg.Rules.Rules, rules.Rule{ID: "starved", Class: plant.ClassMaterial, Priority: plant.PriorityLow, Kind: rules.KindState,
		Equipment: "northfield/**", States: []string{"starved"}, Response: "Look."})
	tree := engine.Northfield(t)
	records, _ := engine.OpenStore(t)
	samples := strings.Join(linesOf(t, theHour(t)), "")
	r, err := engine.Replay(t.Context(), engine.ReplayOptions{Config: cfg, Tree: tree, Store: records,
		Samples: recording.New(strings.NewReader(samples), tree)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range r.Stops {
		if s.ReasonSource == "rule" {
			got = append(got, s.Equipment+" "+s.From.String()+" "+s.Reason)
		}
	}
	if want := b1 + " " + productiontest.Start.Add(41*time.Minute).String() + " no_resin"; len(got) != 1 || got[0] != want {
		t.Errorf("stops that rules explained: got %q, want %q", got, want)
	}
}
