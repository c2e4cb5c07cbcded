package engine_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func replayed(t *testing.T, commands string, change func(*production.Config)) (*engine.Report, error) {
	t.Helper()
	tree := engine.Northfield(t)
	records, _ := engine.OpenStore(t)
	list, err := engine.ReadCommands(strings.NewReader(commands))
	if err != nil {
		t.Fatal(err)
	}
	cfg := engine.NorthfieldConfig()
	change(&cfg.Production)
	samples := strings.Join(linesOf(t, theHour(t)), "")
	return engine.Replay(t.Context(), engine.ReplayOptions{Config: cfg, Tree: tree, Store: records, Commands: list,
		Samples: recording.New(strings.NewReader(samples), tree)})
}

func nothing(*production.Config) {}

const splitAndLab = `
{"id":"2","verb":"count.adjust","target":"northfield/moulding/lineB/B1","user":"Ben","comment":"lab","time":"2026-03-02T11:00:00Z","args":{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":10}}
{"id":"1","verb":"stop.split","target":"northfield/packing/lineA/A1","user":"Anna","time":"2026-03-02T08:30:00Z","args":{"start":"2026-03-02T08:18:40Z","at":"2026-03-02T08:21:40Z"}}
`

func TestAReplayDoesWhatPeopleDid(t *testing.T) {
	t.Parallel()
	r, err := replayed(t, splitAndLab, nothing)
	if err != nil {
		t.Fatal(err)
	}
	parts := 0
	for _, s := range r.Stops {
		if s.Equipment == productiontest.A1 && s.Review != nil && s.Stop.Duration(0) == 180*time.Second {
			parts++
		}
	}
	if parts != 2 {
		t.Errorf("stops: got %d parts of the fault, want 2", parts)
	}
	for _, k := range r.KPIs {
		if k.Path == productiontest.B1 && k.Window == "hour" && k.From == productiontest.Start && math.Abs(k.OEEIndex.Value-2400.0/3600) > 5e-7 {
			t.Errorf("OEE of the moulder: got %s, want 2400/3600", k.OEEIndex)
		}
		if k.Path == productiontest.A1 && k.Window == "hour" && k.From == productiontest.Start && k.Failures != 1 {
			t.Errorf("failures of the filler: got %d, want 1", k.Failures)
		}
	}
	again, err := replayed(t, splitAndLab, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := asJSON(t, r), asJSON(t, again); a != b {
		t.Error("the same again: got another report")
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAReplayOfACommandThatIsRefusedSaysWhich(t *testing.T) {
	_, err := replayed(t, strings.Replace(splitAndLab, "stop.split", "stop.explode", 1), nothing)
	if err == nil || !strings.Contains(err.Error(), "command 1") {
		t.Errorf("got %v, want the command named", err)
	}
}

func TestRulesExplainWhatNothingElseDoes(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]production.RuleWhen{
		"state and duration": {States: []string{"starved"}, LongerThan: 3 * time.Minute, AtMost: 5 * time.Minute},
		"time of day":        {From: "09:40", To: "09:45"},
		"signal":             {Signal: "resin", Value: "0"},
		"neighbour":          {Neighbour: "downstream", NeighbourStates: []string{"starved"}, States: []string{"starved"}},
	} {
		r, err := replayed(t, "", func(c *production.Config) {
			c.Reasons = append(c.Reasons, production.Reason{ID: "no_resin", Name: "No resin", Category: production.CategoryStarved})
			c.ReasonRules = []production.ReasonRule{{Equipment: productiontest.B1, When: when, Reason: "no_resin"}}
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []plant.Instant
		for _, s := range r.Stops {
			if s.Equipment == productiontest.B1 && s.Reason == "no_resin" && s.ReasonSource == "rule" {
				got = append(got, s.From)
			}
		}
		if len(got) != 1 || got[0] != productiontest.Start.Add(41*time.Minute) {
			t.Errorf("%s: got stops at %v explained, want the one at 08:41", name, got)
		}
	}
}
