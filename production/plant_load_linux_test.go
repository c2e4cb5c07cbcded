package production_test

import (
	"fmt"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// BenchmarkPlantLoad is a plant that an OPC UA server tells of: 500 machines
// with ten tags that all change each 250 ms, 20,000 samples a second in
// messages of 10 ms. A machine runs for 50 changes of its state of 60 and is
// held for ten, each shown by two PackML states of the same meaning.
func BenchmarkPlantLoad(b *testing.B) { benchmarkPlantLoad(b, packMLPair) }

// BenchmarkPlantLoadOfFlicker is the same of machines whose every change of
// state means something else.
func BenchmarkPlantLoadOfFlicker(b *testing.B) {
	benchmarkPlantLoad(b, func(n, _ int) plant.Value { return plant.Int([]int64{6, 11, 9, 5}[n%4]) })
}

func benchmarkPlantLoad(b *testing.B, state func(n, machine int) plant.Value) {
	l := newPlantLoad(b, state)
	for range 20 {
		l.second() // until the tails of the timelines are as long as they get
	}
	b.ReportAllocs()
	n := 0
	before := cpuTime(b)
	for b.Loop() {
		n += l.second()
	}
	b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(n), "ns/sample") // of all cores
}

// packMLPair is the state of a machine after its n-th change.
func packMLPair(n, machine int) plant.Value {
	codes := []int64{6, 16} // Execute, Completing
	if (n+machine*7)%60 >= 50 {
		codes = []int64{11, 17} // Held, Complete
	}
	return plant.Int(codes[n%2])
}

// A plantLoad changes a tag of all machines in turn, then the next tag.
type plantLoad struct {
	area    *production.Area
	nodes   []loadNode
	now     plant.Instant
	at      int // of nodes
	samples []plant.Sample
}

type loadNode struct {
	tag     *plant.Tag
	machine int
	changes int
	value   func(n, machine int) plant.Value
}

const (
	loadMachines = 500
	loadPerSlice = 200 // samples in a message
	loadSlice    = plant.Instant(10 * time.Millisecond)
)

func newPlantLoad(tb testing.TB, state func(n, machine int) plant.Value) *plantLoad {
	tb.Helper()
	tree, a := loadPlant(tb)
	l := &plantLoad{area: a, now: productiontest.Start, samples: make([]plant.Sample, loadPerSlice)}
	values := []func(n, machine int) plant.Value{state,
		func(n, _ int) plant.Value { return plant.Int(int64(1000 + 25*n)) },
		func(n, _ int) plant.Value { return plant.Int(int64(10 + n)) },
		func(n, machine int) plant.Value { return plant.Float(float64(n*37+machine) / 100) }}
	for i := range 10 {
		for m, eq := range tree.Equipment() {
			l.nodes = append(l.nodes, loadNode{tag: eq.Tags[i], machine: m, value: values[min(i, 3)]})
		}
	}
	return l
}

// second plays one second, asks after each message what the engine asks, and
// drains. It returns the number of samples.
func (l *plantLoad) second() int {
	for range 100 {
		l.now += loadSlice
		l.message()
		l.area.Apply(l.now, l.samples, nil)
		l.ask()
	}
	l.area.Tick(l.now)
	l.ask()
	l.area.Drain()
	return 100 * loadPerSlice
}

func (l *plantLoad) ask() {
	l.area.Starting()
	l.area.TakeStates()
	l.area.Conditions()
}

func (l *plantLoad) message() {
	for i := range l.samples {
		node := &l.nodes[l.at]
		l.at = (l.at + 1) % len(l.nodes)
		node.changes++
		l.samples[i] = plant.Sample{Tag: node.tag, Value: node.value(node.changes, node.machine), Time: l.now - loadSlice}
	}
}

// loadPlant builds the machines in lines of ten.
func loadPlant(tb testing.TB) (*plant.Tree, *production.Area) {
	tb.Helper()
	var lines []plant.LineConfig
	for m := range loadMachines {
		if m%10 == 0 {
			lines = append(lines, plant.LineConfig{Name: fmt.Sprintf("L%02d", m/10)})
		}
		tags := []plant.TagConfig{{Name: "state", Role: plant.RoleState}, {Name: "total", Role: plant.RoleTotalCount}, {Name: "reject", Role: plant.RoleRejectCount}}
		for _, name := range []string{"speed", "temp", "vibration", "pressure", "current", "level", "torque"} {
			tags = append(tags, plant.TagConfig{Name: name})
		}
		l := &lines[len(lines)-1]
		l.Equipment = append(l.Equipment, plant.EquipmentConfig{Name: fmt.Sprintf("M%03d", m), Source: "plc", Tags: tags})
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{{Name: "a", Lines: lines}}})
	if err != nil {
		tb.Fatal(err)
	}
	a, err := production.New(production.DefaultConfig(), tree, tree.Areas[0])
	if err != nil {
		tb.Fatal(err)
	}
	return tree, a
}
