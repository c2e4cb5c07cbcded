package rules_test

import (
	"fmt"
	"strings"
	"time"

	"andon/plant"
	"andon/rules"
)

// A tb is what these functions need of *testing.T, *testing.B and *rapid.T.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

const lineA = "northfield/packing/lineA/"

// northfield is the plant of these tests: two areas, A1 and A2 on an OPC UA
// source, A3 on MQTT, B1 in another area.
func northfield(t tb) *plant.Tree {
	t.Helper()
	machine := func(name, source string) plant.EquipmentConfig {
		return plant.EquipmentConfig{Name: name, Source: source, Tags: []plant.TagConfig{
			{Name: "gearbox_temp", Type: "float", Unit: "degC"}, {Name: "vibration", Unit: "mm/s"}, {Name: "total", Type: "uint"},
			{Name: "guard_open", Type: "bool"}, {Name: "alarm_id", Type: "text"},
		}}
	}
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{
			machine("A1", "opcua"), machine("A2", "opcua"), machine("A3", "mqtt"),
			{Name: "A4", Source: "mqtt", Tags: []plant.TagConfig{{Name: "total"}}},
		}}}},
		{Name: "moulding", Lines: []plant.LineConfig{{Name: "lineB", Equipment: []plant.EquipmentConfig{machine("B1", "opcua")}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// hot is a rule with two levels, hysteresis and delays.
func hot() rules.Rule {
	return rules.Rule{ID: "hot", Class: plant.ClassMaintenance, Kind: rules.KindThreshold, Equipment: lineA + "A1", Tag: "gearbox_temp",
		Levels: []rules.Level{
			{Priority: plant.PriorityHigh, Raise: "> 85 degC", Clear: "< 80"},
			{Priority: plant.PriorityMedium, Raise: "> 75", Clear: "< 72"},
		},
		Response: "check the oil cooler"}
}

func guardOpen() rules.Rule {
	return rules.Rule{ID: "guard", Class: plant.ClassSafety, Kind: rules.KindThreshold, Equipment: lineA + "A1", Tag: "guard_open",
		Priority: plant.PriorityCritical, Raise: "== true", When: rules.When{States: []string{"run", "slow"}}, Response: "close the guard"}
}

func fault() rules.Rule {
	return rules.Rule{ID: "fault", Class: plant.ClassMaintenance, Kind: rules.KindState, Equipment: lineA + "*", Priority: plant.PriorityHigh,
		States: []string{"fault"}, For: 30 * time.Second, Response: "call the fitter"}
}

func silent() rules.Rule {
	return rules.Rule{ID: "silent", Class: plant.ClassMaintenance, Kind: rules.KindAbsence, Equipment: lineA + "*", Priority: plant.PriorityMedium,
		For: 30 * time.Second, Response: "check the network"}
}

// A shift drives one set through a day, told in wall-clock times.
type shift struct {
	t    tb
	tree *plant.Tree
	cfg  rules.Config
	set  *rules.Set
}

func newShift(t tb, list ...rules.Rule) *shift {
	t.Helper()
	s := &shift{t: t, tree: northfield(t), cfg: rules.Config{Rules: list}}
	s.set = s.open(s.cfg)
	return s
}

func (s *shift) open(cfg rules.Config) *rules.Set {
	s.t.Helper()
	set, err := rules.New(cfg, s.tree, s.tree.FindArea("packing"))
	if err != nil {
		s.t.Fatal(err)
	}
	return set
}

// restart puts the set away and goes on with another one of cfg.
func (s *shift) restart(list ...rules.Rule) {
	s.t.Helper()
	data, err := s.set.Snapshot()
	if err != nil {
		s.t.Fatal(err)
	}
	if list != nil {
		s.cfg.Rules = list
	}
	s.set = s.open(s.cfg)
	if err := s.set.Restore(data); err != nil {
		s.t.Fatal(err)
	}
}

// clock reads 10:05 or 10:05:30.5 as a time of 2 March 2026.
func clock(text string) plant.Instant {
	if strings.Count(text, ":") == 1 {
		text += ":00"
	}
	at, err := time.Parse(time.DateTime, "2026-03-02 "+text)
	if err != nil {
		panic(err) // a typing error of the test
	}
	return plant.At(at)
}

// eval evaluates at a stream time; parts are samples, states, contacts
// and events.
func (s *shift) eval(at plant.Instant, parts ...any) []plant.Condition {
	var in rules.Input
	for _, p := range parts {
		switch p := p.(type) {
		case plant.Sample:
			in.Samples = append(in.Samples, p)
		case plant.StateChange:
			in.States = append(in.States, p)
		case plant.Contact:
			in.Contacts = append(in.Contacts, p)
		case plant.Event:
			in.Events = append(in.Events, p)
		}
	}
	return s.set.Eval(at, in)
}

func (s *shift) at(text string, parts ...any) []plant.Condition {
	return s.eval(clock(text), parts...)
}

// tick evaluates every second after from, up to and with to, and returns all
// that came.
func (s *shift) tick(from, to string) (out []plant.Condition) {
	for now := clock(from).Add(time.Second); now <= clock(to); now = now.Add(time.Second) {
		out = append(out, s.set.Eval(now, rules.Input{})...)
	}
	return out
}

func (s *shift) sample(at, tag string, v plant.Value) plant.Sample {
	s.t.Helper()
	t := s.tree.Tag(lineA + tag)
	if t == nil {
		s.t.Fatal("no tag " + tag)
	}
	return plant.Sample{Tag: t, Value: v, Time: clock(at)}
}

func (s *shift) temp(at string, v float64) plant.Sample {
	return s.sample(at, "A1/gearbox_temp", plant.Float(v))
}

func (s *shift) badTemp(at string, v float64, status plant.Status) plant.Sample {
	x := s.temp(at, v)
	x.Status = status
	return x
}

func (s *shift) state(since, name string, st plant.State, reason string) plant.StateChange {
	return plant.StateChange{Equipment: s.tree.FindEquipment(lineA + name), State: st, Since: clock(since), Reason: reason}
}

// say writes conditions as "A1 hot high at 10:05:00" or "A1 hot over at …".
func say(list []plant.Condition) string {
	var out []string
	for _, c := range list {
		what := string(c.Priority)
		if !c.Active {
			what = "over"
		}
		out = append(out, fmt.Sprintf("%s %s %s at %s", c.Equipment.Name, c.Rule, what, c.Time.Time().Format("15:04:05.999")))
	}
	return strings.Join(out, ", ")
}

func want(t tb, when string, got []plant.Condition, want string) {
	t.Helper()
	if g := say(got); g != want {
		t.Errorf("%s: got %q, want %q", when, g, want)
	}
}
