package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/plant"
	"andon/production/productiontest"
	"andon/rules"
	"andon/store"
)

// newEventStation is the packing area with a rule for the alarms of its
// server.
func newEventStation(t *testing.T) *station {
	t.Helper()
	s := newStation(t, "packing")
	s.edit = func(c *Config) {
		c.Rules.Rules = append(c.Rules.Rules, rules.Rule{ID: "plc", Class: plant.ClassMaintenance, Kind: rules.KindEvent, Source: "packing-plc",
			Equipment: "northfield/packing/lineA/*", Response: "Look at the panel.",
			Levels: []rules.Level{{Priority: plant.PriorityHigh, Raise: ">= 700"}, {Priority: plant.PriorityMedium}}})
	}
	s.restart()
	return s
}

// says is what the server says at a time of one condition of A1.
func says(t plant.Instant, condition string, severity uint16, active bool) plant.Event {
	return plant.Event{Kind: plant.EventCondition, Source: "packing-plc", Condition: "nsu=urn:plc;s=" + condition, Name: condition, NodeName: "A1",
		Message: condition + " of the infeed", ID: fmt.Sprintf("%s-%d", condition, t), Severity: severity, Active: active, Retain: active, Time: t, Received: t}
}

func bracket(kind plant.EventKind, t plant.Instant) plant.Event {
	return plant.Event{Kind: kind, Source: "packing-plc", Time: t, Received: t}
}

// withTicks makes messages of events, each at the time it was received, of
// commands and of a tick each second up to a time.
func withTicks(events []plant.Event, commands []plant.Command, end plant.Instant) []plant.Message {
	var out []plant.Message
	add := func(m plant.Message) {
		m.Pos = uint64(len(out) + 1)
		out = append(out, m)
	}
	for now := start; now <= end; now = now.Add(time.Second) {
		for len(events) > 0 && events[0].Received <= now {
			add(plant.Message{Time: now, Kind: plant.KindTelemetry, Events: events[:1]})
			events = events[1:]
		}
		for len(commands) > 0 && commands[0].Time <= now {
			add(plant.Message{Time: now, Kind: plant.KindCommand, Command: &commands[0]})
			commands = commands[1:]
		}
		add(plant.Message{Time: now, Kind: plant.KindTick})
	}
	return out
}

// told returns the messages to people of the server's alarms, the oldest
// first.
func (s *station) told() (out []string) {
	s.t.Helper()
	rows, err := s.store.Alarms(s.t.Context(), store.AlarmFilter{Equipment: productiontest.A1, Limit: store.All})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, row := range rows {
		if rules.BaseRule(row.Rule) != "plc" {
			continue
		}
		list, err := s.store.Deliveries(s.t.Context(), row.ID, 0)
		if err != nil {
			s.t.Fatal(err)
		}
		for i := range list {
			var m alerts.Message
			if err := json.Unmarshal(list[len(list)-1-i].Body, &m); err != nil {
				s.t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("%s %s %s", m.To, m.Kind, m.Title))
		}
	}
	return out
}

func TestServersAlarmCallsOnceIsTakenAndEnds(t *testing.T) {
	s := newEventStation(t)
	taken := plant.Command{ID: "c1", Verb: plant.VerbAlarmAck, User: "anna", Time: at(1, 30)}
	events := []plant.Event{
		says(at(1, 0), "Jam", 800, true),
		bracket(plant.EventRefreshStart, at(1, 10)), says(at(1, 0), "Jam", 800, true), bracket(plant.EventRefreshEnd, at(1, 11)),
		says(at(2, 0), "Jam", 800, false),
	}
	events[2].Received = at(1, 10)
	msgs := withTicks(events, []plant.Command{taken}, at(5, 0))
	n := before(msgs, at(1, 20))
	s.feed(msgs[:n], 20)
	open, err := s.store.Alarms(t.Context(), store.AlarmFilter{Open: true, Equipment: productiontest.A1})
	open = slices.DeleteFunc(open, func(a store.Alarm) bool { return rules.BaseRule(a.Rule) != "plc" })
	if err != nil || len(open) != 1 || !strings.HasPrefix(open[0].Rule, "plc:Jam-") || open[0].Priority != "high" {
		t.Fatalf("open alarms: got %v, %v; want the jam", open, err)
	}
	for i := range msgs {
		if c := msgs[i].Command; c != nil {
			c.Target = open[0].Rule + "@" + open[0].Equipment
		}
	}
	s.feed(msgs, 20)
	s.commit(true)
	want := []string{"anna raised HIGH: A1: Jam of the infeed", "anna acknowledged Acknowledged by anna: A1: Jam of the infeed",
		"anna resolved Resolved: A1: Jam of the infeed"}
	if diff := cmp.Diff(want, s.told()); diff != "" {
		t.Errorf("people were told (-want +got):\n%s", diff)
	}
	row, err := s.store.Alarm(t.Context(), open[0].ID)
	if err != nil || row.Open || row.State != string(alerts.StateNormal) {
		t.Errorf("alarm at the end: got %s, %v; want it over", row.State, err)
	}
	s.checkAlarmPoints()
}

// checkAlarmPoints wants the points of the jam like those of other alarms.
func (s *station) checkAlarmPoints() {
	s.t.Helper()
	const series = "alarm,area=packing,class=maintenance,equipment=A1,line=lineA,priority=high,rule=plc,site=northfield"
	var got []string
	for _, name := range []string{"raised", "acknowledged", "cleared"} {
		for when, fields := range points(s.t, s.derived())[series] {
			if fields["event"] == name && strings.HasPrefix(fmt.Sprint(fields["condition"]), "Jam-") && fields["title"] == "Jam of the infeed" {
				got = append(got, fmt.Sprintf("%s %s", name, when.Truncate(time.Second).Sub(start)))
			}
		}
	}
	if want := []string{"raised 1m0s", "acknowledged 1m30s", "cleared 2m0s"}; !cmp.Equal(want, got) {
		s.t.Errorf("points of the alarm: got %v, want %v", got, want)
	}
}

// shiftOfEvents is what a server says in ten minutes: conditions that come and
// go, one that gets worse, refreshes after its connection was lost, one of
// them cut off.
func shiftOfEvents() []plant.Event {
	var out []plant.Event
	for i := range 12 {
		m := i / 2
		name := []string{"Jam", "Hot", "Door", "Air"}[i%4]
		out = append(out, says(at(m, 5+20*(i%2)), name, uint16(300+60*i), true))
		if i%3 != 0 {
			out = append(out, says(at(m, 9+20*(i%2)), name, 300, false))
		}
	}
	refresh := func(m int, names ...string) {
		out = append(out, bracket(plant.EventRefreshStart, at(m, 0)))
		for _, n := range names {
			x := says(at(0, 5), n, 800, true)
			x.Received = at(m, 1)
			out = append(out, x)
		}
	}
	refresh(7, "Jam", "Oil")
	refresh(8, "Jam", "Door")
	return append(out, bracket(plant.EventRefreshEnd, at(8, 2)), says(at(9, 0), "Jam", 500, false))
}

func TestAnEngineThatDiesAtAnyPlaceLeavesTheSameAlarmsOfServers(t *testing.T) {
	t.Parallel()
	msgs := withTicks(shiftOfEvents(), nil, at(10, 0))
	steady := newEventStation(t)
	steady.feed(msgs, 50)
	steady.commit(true)
	want := hourOf{steady.rows(), points(t, steady.derived())}
	if n := strings.Count(want.rows, "plc:"); n < 20 {
		t.Fatalf("the ten minutes have %d mentions of alarms, want many:\n%s", n, want.rows)
	}
	for i, died := range []plant.Instant{at(1, 30), at(3, 7), at(7, 0), at(7, 30), at(8, 1), at(9, 30)} {
		t.Run(died.Sub(start).String(), func(t *testing.T) {
			s := newEventStation(t)
			s.feed(msgs[:before(msgs, died)], 30)
			if i%2 == 1 { // stopped in order, not killed
				s.commit(true)
			}
			s.restart()
			s.feed(msgs, 43)
			s.commit(true)
			want.compare(t, s)
		})
	}
}

// TestAServersAlarmAfterItsSnapshotIsLost: the stream before is gone, too, so
// that only the server knows what became of it.
func TestAServersAlarmAfterItsSnapshotIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		named bool
		told  []string
	}{
		"still named":   {true, []string{"anna raised MEDIUM: A1: Jam of the infeed"}},
		"named no more": {false, []string{"anna raised MEDIUM: A1: Jam of the infeed", "anna resolved Resolved: A1: Jam of the infeed"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newEventStation(t)
			events := []plant.Event{says(at(0, 5), "Jam", 500, true), bracket(plant.EventRefreshStart, at(1, 0))}
			if c.named {
				events = append(events, says(at(0, 5), "Jam", 500, true))
				events[2].Received = at(1, 0)
			}
			msgs := withTicks(append(events, bracket(plant.EventRefreshEnd, at(1, 1))), nil, at(1, 50))
			n := before(msgs, at(0, 30))
			s.feed(msgs[:n], 20)
			s.lose()
			s.restart()
			s.goesOn(msgs[n:])
			s.commit(true)
			if diff := cmp.Diff(c.told, s.told()); diff != "" {
				t.Errorf("people were told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPointsOfAlarmsAboutAndonKeepTheirWholeRule(t *testing.T) {
	var p pointWriter
	p.alarm(newEventStation(t).r.core, alerts.Transition{Rule: "source-away:plc", Class: plant.ClassSystem, Event: alerts.EventRaised, Seq: 1,
		Time: alerts.Moment{Event: start}})
	got := string(p.buf)
	if !strings.Contains(got, "rule=source-away:plc,") || strings.Contains(got, "condition=") || !strings.HasSuffix(got, fmt.Sprintf(" %d\n", start+1)) {
		t.Errorf("got %s, want the whole rule and the time of the transition", got)
	}
}
