package production_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// A machine stands alone on its line, s/a/l/M, with the tags that a test
// gives it. Times are seconds after the start.
type machine struct {
	t       *testing.T
	tree    *plant.Tree
	cfg     production.Config
	area    *production.Area
	now     plant.Instant
	samples []plant.Sample
	silent  bool // without contact of the source
}

var machineStart = plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))

func oneMachine(t *testing.T, change func(*production.Config), tags ...plant.TagConfig) *machine {
	t.Helper()
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{
		{Name: "l", Equipment: []plant.EquipmentConfig{{Name: "M", Source: "plc", Tags: tags}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, tree: tree, cfg: production.DefaultConfig(), now: machineStart}
	m.cfg.Products = []production.Product{{Name: "P", Ideal: []production.IdealCycle{{Cycle: 2 * time.Second}}}}
	m.cfg.Equipment = []production.EquipmentConfig{{Equipment: "s/**", Product: "P"}}
	if change != nil {
		change(&m.cfg)
	}
	if m.area, err = production.New(m.cfg, tree, tree.Areas[0]); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) at(sec float64) plant.Instant { return machineStart + plant.Instant(sec*1e9) }

func (m *machine) say(sec float64, tag string, v plant.Value) {
	m.samples = append(m.samples, plant.Sample{Tag: m.tree.Tag("s/a/l/M/" + tag), Time: m.at(sec), Value: v})
}

// till delivers what was said up to a time, in steps of a second.
func (m *machine) till(sec float64) production.Changes {
	var contacts []plant.Contact
	for t := m.now; t <= m.at(sec) && !m.silent; t += 5e9 {
		contacts = append(contacts, plant.Contact{Source: "plc", Time: t})
	}
	m.now = m.at(sec)
	m.area.Apply(m.now, m.samples, contacts)
	m.area.Tick(m.now)
	m.samples = nil
	return m.area.Drain()
}

func (m *machine) eq() *plant.Equipment { return m.tree.FindEquipment("s/a/l/M") }

func (m *machine) facts() production.Facts {
	return m.area.Facts(m.eq(), plant.Interval{From: machineStart, To: m.now})
}

// states writes the timeline as seconds and states.
func (m *machine) states() string {
	var out []string
	for _, s := range m.facts().Segments {
		text := fmt.Sprintf("%v %s", time.Duration(s.From-machineStart).Seconds(), s.State)
		if s.Inferred {
			text += " inferred"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func (m *machine) want(want string) {
	m.t.Helper()
	if got := m.states(); got != want {
		m.t.Errorf("got %s\nwant %s", got, want)
	}
}

// order gives a command about an order of the line.
func (m *machine) order(sec float64, verb, args string) {
	m.t.Helper()
	err := m.area.Command(m.now, plant.Command{ID: verb + args, Verb: verb, Target: "s/a/l", User: "Anna", Time: m.at(sec), Args: json.RawMessage(args)})
	if err != nil {
		m.t.Fatal(err)
	}
}

// restart puts a new area into the state of the old one.
func (m *machine) restart() {
	m.t.Helper()
	snap, err := m.area.Snapshot()
	if err != nil {
		m.t.Fatal(err)
	}
	if m.area, err = production.New(m.cfg, m.tree, m.tree.Areas[0]); err != nil {
		m.t.Fatal(err)
	}
	if err := m.area.Restore(snap); err != nil {
		m.t.Fatal(err)
	}
}
