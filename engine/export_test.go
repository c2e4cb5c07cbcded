package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"andon/alerts"
	"andon/bus"
	"andon/plant"
	"andon/plant/setting"
	"andon/production/productiontest"
	"andon/rules"
	"andon/store"
)

// Northfield is the plant of the scripted hour.
func Northfield(tb testing.TB) *plant.Tree {
	tb.Helper()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

// NorthfieldConfig calls Anna at once and Ben after two minutes.
func NorthfieldConfig() Config {
	c := Config{Production: productiontest.Config(productiontest.Start), Rules: rules.DefaultConfig(), Alerts: alerts.DefaultConfig()}
	state := func(id, state string, class plant.Class) rules.Rule {
		return rules.Rule{ID: id, Class: class, Priority: plant.PriorityHigh, Kind: rules.KindState, Equipment: "northfield/**", States: []string{state}}
	}
	a1 := func(id, tag, raise, clear string) rules.Rule {
		return rules.Rule{ID: id, Class: plant.ClassMaintenance, Priority: plant.PriorityMedium, Kind: rules.KindThreshold,
			Equipment: productiontest.A1, Tag: tag, Raise: raise, Clear: clear, OnDelay: 10 * time.Second}
	}
	c.Rules.Rules = []rules.Rule{state("emergency-stop", "safety", plant.ClassSafety), state("fault", "fault", plant.ClassMaintenance),
		a1("vibration", "vibration", "> 2.8", "< 2.6"), a1("tank-low", "tank_level", "<= 2000", "> 2200"),
		{ID: "no-data", Class: plant.ClassMaintenance, Priority: plant.PriorityHigh, Kind: rules.KindAbsence,
			Equipment: "northfield/packing/lineA/A[12]", For: 15 * time.Second}}
	for i := range c.Rules.Rules {
		c.Rules.Rules[i].Response = "Go there."
	}
	c.Alerts.Contacts = map[string]alerts.Contact{"anna": {Log: &alerts.Log{}}, "ben": {Log: &alerts.Log{}}}
	c.Alerts.Policies = map[string][]alerts.Step{"shift": {{Notify: []string{"anna"}}, {After: 2 * time.Minute, Notify: []string{"ben"}}}}
	c.Alerts.Routes = []alerts.Route{{Policy: "shift"}}
	return c
}

// OpenBus opens a bus of the plant's own in a folder of the test.
func OpenBus(tb testing.TB, tree *plant.Tree) *bus.Bus {
	tb.Helper()
	c := bus.DefaultConfig()
	c.Dir = setting.File(tb.TempDir())
	b, err := bus.Open(tb.Context(), bus.Options{Config: c, Tree: tree, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			tb.Errorf("close bus: %v", err)
		}
	})
	return b
}

// OpenStore opens records in a folder of the test and returns their file.
func OpenStore(tb testing.TB) (*store.Store, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "andon.db")
	s, err := store.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s, path
}

// Recorded writes samples as a recording has them.
func Recorded(tb testing.TB, samples []plant.Sample) []byte {
	tb.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, s := range samples {
		line := map[string]any{"tag": s.Tag.Path, "ts": s.Time, "value": s.Value}
		if s.Status != plant.Good {
			line["status"] = s.Status.String()
		}
		if err := enc.Encode(line); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}
