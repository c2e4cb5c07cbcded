package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"andon/configs"
	"andon/plant"
	"andon/production"
)

// showcaseLength is that of the scenario.
const showcaseLength = plant.Instant(10 * time.Minute)

// A board is what the demonstration's andon shows of the recorded showcase:
// since when it shows each state somewhere, and until when.
type board struct {
	t     *testing.T
	tree  *plant.Tree
	areas []*production.Area
	now   plant.Instant
	state map[string]plant.State // by equipment
	shown map[string][]plant.Interval
}

func newBoard(t *testing.T) *board {
	t.Helper()
	cfg, err := configs.Load("../../configs/demo/andon.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		t.Fatal(err)
	}
	b := &board{t: t, tree: tree, state: map[string]plant.State{}, shown: map[string][]plant.Interval{}}
	for _, area := range tree.Areas {
		a, err := production.New(cfg.Production, tree, area)
		if err != nil {
			t.Fatal(err)
		}
		b.areas = append(b.areas, a)
	}
	return b
}

// second shows what there is after the samples of one second.
func (b *board) second(samples []plant.Sample) {
	for _, a := range b.areas {
		a.Apply(b.now, samples, nil)
		a.Tick(b.now)
		for _, s := range a.Drain().States {
			b.state[s.Equipment.Name] = s.State
		}
	}
	seen := map[string]bool{}
	for equipment, s := range b.state {
		seen[s.String()] = true
		seen[equipment+" "+s.String()] = true
	}
	for what := range seen {
		b.show(what, plant.Interval{From: b.now, To: b.now.Add(time.Second)})
	}
}

func (b *board) show(what string, v plant.Interval) {
	all := b.shown[what]
	if n := len(all); n > 0 && all[n-1].To == v.From {
		all[n-1].To = v.To
		return
	}
	b.shown[what] = append(all, v)
}

// playShowcase shows the scenario twice, so that its end meets its beginning.
func (b *board) playShowcase() (start plant.Instant) {
	b.t.Helper()
	var out bytes.Buffer
	if err := record(b.t.Context(), recordOptions{scenario: "showcase", start: "2026-03-02T08:00:00Z", out: "-", duration: 20 * time.Minute}, &out); err != nil {
		b.t.Fatal(err)
	}
	var second []plant.Sample
	for dec := json.NewDecoder(&out); dec.More(); {
		var l struct {
			Tag    string        `json:"tag"`
			Time   plant.Instant `json:"ts"`
			Value  plant.Value   `json:"value"`
			Status string        `json:"status"`
		}
		if err := dec.Decode(&l); err != nil {
			b.t.Fatal(err)
		}
		if start == 0 {
			start, b.now = l.Time, l.Time
		}
		for ; b.now < l.Time; b.now = b.now.Add(time.Second) {
			b.second(second)
			second = nil
		}
		tag := b.tree.Tag(l.Tag)
		if tag == nil {
			b.t.Fatalf("%s: want a tag of the demonstration", l.Tag)
		}
		status, err := plant.ParseStatus(l.Status)
		value, ok := l.Value.As(tag.Type)
		if err != nil || status.IsGood() && !ok {
			b.t.Fatalf("%s: got %s %s, %v", l.Tag, l.Value, l.Status, err)
		}
		second = append(second, plant.Sample{Tag: tag, Value: value, Status: status, Time: l.Time})
	}
	return start
}

func TestTheShowcasePutsEveryStateOnTheBoardWithinAnyTwoMinutes(t *testing.T) {
	b := newBoard(t)
	start := b.playShowcase()
	for _, what := range []string{"A1 run", "A1 slow", "starved", "fault", "safety", "unknown"} {
		until := start
		for _, v := range append(b.shown[what], plant.Interval{From: b.now, To: b.now}) {
			if gap := time.Duration(v.From - until); gap > 2*time.Minute {
				t.Errorf("%s: not on the board from %s for %s", what, time.Duration(until-start), gap)
			}
			until = v.To
		}
	}
	for _, v := range b.shown["A1 slow"] {
		if v.Duration() < 8*time.Second {
			t.Errorf("A1 slow at %s: on the board for %s only", time.Duration(v.From-start)%time.Duration(showcaseLength), v.Duration())
		}
	}
}
