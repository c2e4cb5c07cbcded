package engine_test

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/production/productiontest"
	"andon/store"
)

// drives is how many measurements without a role each equipment of an
// instrumented plant has besides its own tags.
const drives = 8

// instrumented is Northfield with more measurements on each equipment.
func instrumented(tb testing.TB) *plant.Tree {
	tb.Helper()
	c := productiontest.Plant()
	for _, area := range c.Areas {
		for _, line := range area.Lines {
			for i := range line.Equipment {
				for d := range drives {
					line.Equipment[i].Tags = append(line.Equipment[i].Tags, plant.TagConfig{Name: fmt.Sprintf("drive_%d", d), Type: "float", Unit: "A"})
				}
			}
		}
	}
	tree, err := plant.NewTree(c)
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

// densely is what a historian writes that takes down every tag each step:
// what the script gave last, and currents of drives that never rest.
func densely(tree *plant.Tree, from, to, step time.Duration) []plant.Sample {
	script := productiontest.Northfield(tree, productiontest.Start)
	last := make([]plant.Value, len(tree.Tags()))
	var out []plant.Sample
	for at := productiontest.Start; at < productiontest.Start.Add(to); at = at.Add(step) {
		for ; len(script) > 0 && script[0].Time <= at; script = script[1:] {
			last[script[0].Tag.ID] = script[0].Value
		}
		if at < productiontest.Start.Add(from) {
			continue
		}
		phase := at.Sub(productiontest.Start).Seconds()
		for _, tag := range tree.Tags() {
			v := last[tag.ID]
			if tag.Unit == "A" {
				v = plant.Float(math.Round(1e3*(11+math.Sin(phase+float64(tag.ID)))) / 1e3)
			}
			if v.Kind() != plant.KindNone {
				out = append(out, plant.Sample{Tag: tag, Value: v, Time: at})
			}
		}
	}
	return out
}

func TestASampleOfADenseRecordingNeedsHardlyAnyMemory(t *testing.T) {
	tree := instrumented(t)
	n := 0
	replayed := func(step time.Duration) (samples, allocations float64) {
		of := densely(tree, 9*time.Minute, 11*time.Minute, step)
		text := engine.Recorded(t, of)
		allocations = testing.AllocsPerRun(1, func() {
			n++
			records, err := store.Open(t.Context(), filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", n)))
			if err != nil {
				t.Fatal(err)
			}
			defer records.Close()
			r, err := engine.Replay(t.Context(), engine.ReplayOptions{Config: engine.NorthfieldConfig(), Tree: tree, Store: records,
				Samples: recording.New(bytes.NewReader(text), tree)})
			if err != nil || r.Samples != len(of) {
				t.Fatalf("got %+v and %v, want %d samples", r, err, len(of))
			}
		})
		return float64(len(of)), allocations
	}
	few, fewer := replayed(500 * time.Millisecond)
	many, more := replayed(100 * time.Millisecond)
	if got := (more - fewer) / (many - few); got > .1 {
		t.Errorf("got %.2f allocations for each sample more, want at most 0.1", got)
	}
}
