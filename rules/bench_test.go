package rules_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"andon/plant"
	"andon/rules"
)

// bigPlant is 1,000 machines with eight rules each.
func bigPlant(t tb) (*plant.Tree, *rules.Set) {
	var lines []plant.LineConfig
	for l := range 50 {
		line := plant.LineConfig{Name: fmt.Sprintf("line%d", l)}
		for m := range 20 {
			line.Equipment = append(line.Equipment, plant.EquipmentConfig{Name: fmt.Sprintf("M%d", m), Source: "opcua", Tags: []plant.TagConfig{
				{Name: "gearbox_temp", Unit: "degC"}, {Name: "vibration"}, {Name: "total"}, {Name: "tank_level"}}})
		}
		lines = append(lines, line)
	}
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing", Lines: lines}}})
	if err != nil {
		t.Fatal(err)
	}
	h, a, f := hot(), silent(), fault()
	v, lo := guardOpen(), guardOpen()
	h.Equipment, a.Equipment, f.Equipment, v.Equipment, lo.Equipment = "northfield/**", "northfield/**", "northfield/**", "northfield/**", "northfield/**"
	h.OnDelay = time.Second
	v.ID, v.Tag, v.Raise = "vibration", "vibration", "> 4.5"
	lo.ID, lo.Tag, lo.Raise, lo.When = "low", "tank_level", "< 100", rules.When{}
	c, tr, n := weight(), heating(), chronic()
	c.Equipment, tr.Equipment, n.Equipment = "northfield/**", "northfield/**", "northfield/**"
	c.Levels, c.Priority, c.Tests, c.Spec.Target, c.Sigma = nil, plant.PriorityHigh, []string{"n1", "n5", "cusum"}, at(2), 1
	set, err := rules.New(rules.Config{Rules: []rules.Rule{h, a, f, v, lo, c, tr, n}}, tree, tree.Areas[0])
	if err != nil {
		t.Fatal(err)
	}
	return tree, set
}

// quietBatch is a batch in which nothing passes a limit.
func quietBatch(tree *plant.Tree, n int) []plant.Sample {
	random := rand.New(rand.NewPCG(1, 2))
	batch := make([]plant.Sample, n)
	for k := range batch {
		batch[k] = plant.Sample{Tag: tree.Tags()[random.IntN(len(tree.Tags()))], Value: plant.Float(60), Time: clock("10:00")}
		if batch[k].Tag.Name == "tank_level" {
			batch[k].Value = plant.Float(4000)
		} else if batch[k].Tag.Name == "vibration" {
			batch[k].Value = plant.Float(2)
		}
	}
	return batch
}

func TestNothingIsAllocatedWhileNothingChanges(t *testing.T) {
	tree, set := bigPlant(t)
	batch := quietBatch(tree, 1000)
	now := clock("10:00")
	for _, e := range tree.Equipment() {
		set.Eval(now, rules.Input{States: []plant.StateChange{{Equipment: e, State: plant.StateRun, Since: now}}})
	}
	got := testing.AllocsPerRun(100, func() {
		now = now.Add(100 * time.Millisecond)
		for k := range batch {
			batch[k].Time = now
		}
		if c := set.Eval(now, rules.Input{Samples: batch}); c != nil {
			t.Fatalf("conditions: got %s, want none", say(c))
		}
	})
	if got != 0 {
		t.Errorf("allocations: got %v for 1,000 samples, want 0", got)
	}
}

// BenchmarkEval counts evaluations: one sample seen by one rule of one
// machine. Each sample here is seen by one to three.
func BenchmarkEval(b *testing.B) {
	tree, set := bigPlant(b)
	batch := quietBatch(tree, 1000)
	now := clock("10:00")
	evals := 0
	for _, x := range batch {
		evals++ // absence
		if x.Tag.Name != "total" {
			evals++
		}
		if x.Tag.Name == "vibration" || x.Tag.Name == "gearbox_temp" {
			evals++ // spc, trend
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		now = now.Add(10 * time.Millisecond)
		for k := range batch {
			batch[k].Time = now
		}
		set.Eval(now, rules.Input{Samples: batch})
	}
	b.ReportMetric(float64(evals)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevals/s")
}

// BenchmarkTick is a second in which nothing arrives.
func BenchmarkTick(b *testing.B) {
	_, set := bigPlant(b)
	now := clock("10:00")
	set.Eval(now, rules.Input{})
	for b.Loop() {
		now = now.Add(time.Millisecond)
		set.Eval(now, rules.Input{})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	_, set := bigPlant(b)
	for b.Loop() {
		data, err := set.Snapshot()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(data)))
	}
}

// BenchmarkFullWindow is a trend with as many cells as it can have, and a
// chart beside it.
func BenchmarkFullWindow(b *testing.B) {
	tr, c := heating(), weight()
	c.Tag, c.Spec.Target, c.Sigma = "gearbox_temp", at(60), 1
	s := newShift(b, tr, c)
	now := clock("10:00")
	batch := []plant.Sample{s.temp("10:00", 60)}
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(3 * time.Second)
		batch[0].Time = now
		s.set.Eval(now, rules.Input{Samples: batch})
	}
}
