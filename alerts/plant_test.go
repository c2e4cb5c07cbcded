package alerts_test

import (
	"fmt"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant"
)

// A tb is what these functions need of *testing.T and *rapid.T.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// Northfield's packing area as far as alarms need it.
func packing(t tb) (*plant.Tree, *plant.Area) {
	t.Helper()
	line := plant.LineConfig{Name: "lineA"}
	for _, name := range []string{"A1", "A2", "A3", "A4"} {
		line.Equipment = append(line.Equipment, plant.EquipmentConfig{Name: name, Tags: []plant.TagConfig{{Name: "gearbox_temp"}}})
	}
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "Europe/Berlin",
		Areas: []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{line}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree, tree.Areas[0]
}

// duty is the configuration of most tests: the first on duty at once, the
// second after 15 minutes, the boss after an hour.
func duty() alerts.Config {
	c := alerts.DefaultConfig()
	for _, name := range []string{"first", "second", "boss", "safety"} {
		c.Contacts[name] = alerts.Contact{Log: &alerts.Log{}}
	}
	c.Policies = map[string][]alerts.Step{
		"duty": {
			{After: 0, Notify: []string{"first"}},
			{After: 15 * time.Minute, Notify: []string{"second"}},
			{After: time.Hour, Notify: []string{"boss"}},
		},
		"safety": {{After: 0, Notify: []string{"safety", "boss"}}},
	}
	c.Routes = []alerts.Route{
		{Match: alerts.Match{Class: []plant.Class{plant.ClassSafety}}, Policy: "safety"},
		{Match: alerts.Match{Priority: []plant.Priority{plant.PriorityLow}}, Policy: "duty", Ack: alerts.AckNone},
		{Policy: "duty"},
	}
	return c
}

// A shift drives one book through a day, told in wall-clock times.
type shift struct {
	t    tb
	tree *plant.Tree
	area *plant.Area
	cfg  alerts.Config
	book *alerts.Book
	all  alerts.Changes // everything drained so far
}

func newShift(t tb, cfg alerts.Config) *shift {
	t.Helper()
	if err := cfg.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	tree, area := packing(t)
	return &shift{t: t, tree: tree, area: area, cfg: cfg, book: alerts.NewBook(cfg, area)}
}

// clock reads 10:05 or 10:05:30 as a time of 2 March 2026.
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

func (s *shift) condition(name string, p plant.Priority, active bool, at plant.Instant) plant.Condition {
	eq := s.tree.FindEquipment("northfield/packing/lineA/" + name)
	return plant.Condition{Rule: "stopped", Equipment: eq, Class: plant.ClassProduction, Priority: p, Active: active, Time: at,
		Value: plant.Float(85), Message: name + " stopped", Response: "go and look"}
}

func (s *shift) apply(at string, c ...plant.Condition) alerts.Changes {
	s.book.Apply(clock(at), c)
	return s.drain()
}

func (s *shift) raise(at, name string) alerts.Changes {
	return s.apply(at, s.condition(name, plant.PriorityHigh, true, clock(at)))
}

func (s *shift) clear(at, name string) alerts.Changes {
	return s.apply(at, s.condition(name, plant.PriorityHigh, false, clock(at)))
}

func (s *shift) tick(at string) alerts.Changes {
	s.book.Tick(clock(at))
	return s.drain()
}

func (s *shift) ack(at, user, name string) (alerts.Changes, error) {
	err := s.book.Command(clock(at), plant.Command{ID: "cmd-" + at + user, Verb: plant.VerbAlarmAck,
		Target: "stopped@northfield/packing/lineA/" + name, User: user, Comment: "on my way", Time: clock(at)})
	return s.drain(), err
}

func (s *shift) drain() alerts.Changes {
	c := s.book.Drain()
	s.all.Alarms = append(s.all.Alarms, c.Alarms...)
	s.all.Transitions = append(s.all.Transitions, c.Transitions...)
	s.all.Messages = append(s.all.Messages, c.Messages...)
	return c
}

// restart puts the book away and goes on with another one.
func (s *shift) restart() {
	s.t.Helper()
	data, err := s.book.Snapshot()
	if err != nil {
		s.t.Fatal(err)
	}
	s.book = alerts.NewBook(s.cfg, s.area)
	if err := s.book.Restore(data); err != nil {
		s.t.Fatal(err)
	}
}

// wantTold compares who was told what: "first raised, second escalated".
func wantTold(t tb, when string, c alerts.Changes, want string) {
	t.Helper()
	var got []string
	for _, m := range c.Messages {
		got = append(got, fmt.Sprintf("%s %s", m.To, m.Kind))
	}
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("%s: told %q, want %q", when, g, want)
	}
}
