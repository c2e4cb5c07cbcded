package production_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// hallOf builds an area of n machines in lines of ten, each with a state, a
// counter of units and one of rejects.
func hallOf(tb testing.TB, n int) (*plant.Tree, *production.Area) {
	tb.Helper()
	var lines []plant.LineConfig
	for i := range n {
		if i%10 == 0 {
			lines = append(lines, plant.LineConfig{Name: fmt.Sprintf("L%d", i/10)})
		}
		l := &lines[len(lines)-1]
		l.Equipment = append(l.Equipment, plant.EquipmentConfig{Name: fmt.Sprintf("M%d", i), Source: "plc", Tags: []plant.TagConfig{
			{Name: "state", Role: plant.RoleState}, {Name: "total", Role: plant.RoleTotalCount}, {Name: "reject", Role: plant.RoleRejectCount},
			{Name: "temp"}, {Name: "power"}}})
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{{Name: "a", Lines: lines}}})
	if err != nil {
		tb.Fatal(err)
	}
	cfg := pressConfig()
	cfg.Horizon = 26 * time.Hour
	cfg.Equipment = []production.EquipmentConfig{{Equipment: "s/**", Product: "P"}}
	a, err := production.New(cfg, tree, tree.Areas[0])
	if err != nil {
		tb.Fatal(err)
	}
	return tree, a
}

// BenchmarkCounting is one new count a second of each of 1,000 machines, with
// everything drained every second.
func BenchmarkCounting(b *testing.B) {
	benchmarkApply(b, "total", func(second, _ int) plant.Value { return plant.Int(int64(second)) })
}

// BenchmarkStateChanges is one change of state a second of each of 1,000
// machines: flicker of the worst kind.
func BenchmarkStateChanges(b *testing.B) {
	codes := []int64{6, 6, 11, 11, 11, 6, 9}
	benchmarkApply(b, "state", func(second, i int) plant.Value { return plant.Int(codes[(second+i)%len(codes)]) })
}

func benchmarkApply(b *testing.B, tag string, value func(second, i int) plant.Value) {
	const machines = 1000
	tree, a := hallOf(b, machines)
	start := productiontest.Start
	batch := make([]plant.Sample, machines)
	for i, eq := range tree.Equipment() {
		batch[i] = plant.Sample{Tag: eq.Tags[0], Value: plant.Int(6), Time: start}
	}
	a.Apply(start, batch, nil)
	for i, eq := range tree.Equipment() {
		batch[i].Tag = tree.Tag(eq.Path + "/" + tag)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		now := start + plant.Instant(n)*second
		for i := range batch {
			batch[i].Time, batch[i].Value = now, value(n, i)
		}
		a.Apply(now, batch, nil)
		a.Tick(now)
		a.Drain()
	}
	b.ReportMetric(float64(n*machines)/b.Elapsed().Seconds(), "samples/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*machines), "ns/sample")
}

// BenchmarkLive is what all screens show of 100 machines, eight hours into a
// shift.
func BenchmarkLive(b *testing.B) {
	tree, a := hallOf(b, 100)
	start := productiontest.Start - 3*Hour
	batch := make([]plant.Sample, 0, 200)
	now := start
	for s := 0; s < 8*3600; s += 10 {
		now = start + plant.Instant(s)*second
		batch = batch[:0]
		for i, eq := range tree.Equipment() {
			if (s+20*i)%600 == 0 {
				batch = append(batch, plant.Sample{Tag: eq.Tags[0], Time: now, Value: plant.Int([]int64{6, 11, 6, 9}[s/600%4])})
			}
			batch = append(batch, plant.Sample{Tag: eq.Tags[1], Time: now, Value: plant.Int(int64(s))})
		}
		a.Apply(now, batch, nil)
		a.Tick(now)
		a.Drain()
	}
	b.ReportAllocs()
	for b.Loop() {
		a.Live(now)
	}
}

// BenchmarkReplay is 12 hours of ten machines: counters every 10 s, a change
// of state every few minutes, two measurements every 5 s.
func BenchmarkReplay(b *testing.B) {
	tree, _ := hallOf(b, 10)
	type message struct {
		now     plant.Instant
		samples []plant.Sample
	}
	var history []message
	total := 0
	for s := 0; s < 12*3600; s += 5 {
		m := message{now: productiontest.Start + plant.Instant(s)*second}
		put := func(tag *plant.Tag, v plant.Value) {
			m.samples = append(m.samples, plant.Sample{Tag: tag, Value: v, Time: m.now})
		}
		for i, eq := range tree.Equipment() {
			if k := s + 30*i; k%300 < 5 {
				put(eq.Tags[0], plant.Int([]int64{6, 11, 6, 9, 6, 5}[k/300%6]))
			}
			if s%10 == 0 {
				put(eq.Tags[1], plant.Int(int64(s)))
				put(eq.Tags[2], plant.Int(int64(s/100)))
			}
			put(eq.Tags[3], plant.Float(float64(s)))
			put(eq.Tags[4], plant.Float(float64(s)))
		}
		total += len(m.samples)
		history = append(history, m)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		_, a := hallOf(b, 10)
		for _, m := range history {
			a.Apply(m.now, m.samples, nil)
			a.Tick(m.now)
			a.Drain()
		}
	}
	b.ReportMetric(float64(n*total)/b.Elapsed().Seconds(), "samples/s")
}

// BenchmarkMemory reports what one machine takes after a day of counts every
// second.
func BenchmarkMemory(b *testing.B) {
	const machines = 20
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		tree, a := hallOf(b, machines)
		day(tree, a)
		runtime.GC()
		runtime.ReadMemStats(&after)
		snap, err := a.Snapshot()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/machines/1024, "KiB/machine")
		b.ReportMetric(float64(len(snap))/machines/1024, "KiB/snapshot/machine")
	}
}

// BenchmarkMemoryOfMeters reports what an energy meter and a level take after
// a day of a reading each every ten seconds.
func BenchmarkMemoryOfMeters(b *testing.B) {
	const machines = 20
	var lines plant.LineConfig
	lines.Name = "L"
	for i := range machines {
		lines.Equipment = append(lines.Equipment, plant.EquipmentConfig{Name: fmt.Sprintf("M%d", i), Source: "plc", Tags: []plant.TagConfig{
			{Name: "state", Role: plant.RoleState}, {Name: "energy", Role: plant.RoleEnergy, Type: "float"}, {Name: "tank", Role: plant.RoleLevel, Type: "float"}}})
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{lines}}}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		a, err := production.New(production.DefaultConfig(), tree, tree.Areas[0])
		if err != nil {
			b.Fatal(err)
		}
		var batch []plant.Sample
		for s := 0; s < 26*3600; s += 10 {
			now := productiontest.Start + plant.Instant(s)*second
			batch = batch[:0]
			for _, eq := range tree.Equipment() {
				if s%600 == 0 {
					batch = append(batch, plant.Sample{Tag: eq.Tags[0], Time: now, Value: plant.Int([]int64{6, 9}[s/600%2])})
				}
				batch = append(batch, plant.Sample{Tag: eq.Tags[1], Time: now, Value: plant.Float(float64(s/10*97) / 1e3)},
					plant.Sample{Tag: eq.Tags[2], Time: now, Value: plant.Float(float64(s))})
			}
			a.Apply(now, batch, nil)
			a.Tick(now)
			a.Drain()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/machines/1024, "KiB/machine")
		runtime.KeepAlive(a)
	}
}

// day plays 26 hours with a count every second and a change of state every
// five minutes.
func day(tree *plant.Tree, a *production.Area) {
	batch := make([]plant.Sample, len(tree.Equipment()))
	for s := range 26 * 3600 {
		now := productiontest.Start + plant.Instant(s)*second
		for i, eq := range tree.Equipment() {
			tag, v := eq.Tags[1], int64(2*s+s%3)
			if s%300 == i {
				tag, v = eq.Tags[0], []int64{6, 11, 6, 9, 6, 5}[s/300%6]
			}
			batch[i] = plant.Sample{Tag: tag, Value: plant.Int(v), Time: now}
		}
		a.Apply(now, batch, nil)
		a.Tick(now)
		a.Drain()
	}
}
