package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/store"
)

// says is a command by which andon says something of itself.
func saysOfItself(t *testing.T, area *plant.Area, s alerts.SystemCondition) plant.Message {
	t.Helper()
	args, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return plant.Message{Kind: plant.KindCommand, Command: &plant.Command{ID: fmt.Sprintf("%s-%v-%d", s.Rule, s.Active, s.Time), Verb: plant.VerbSystemCondition,
		Target: area.Path, User: "andon", Time: s.Time, Args: args}}
}

// troubled is the scripted hour in which InfluxDB is behind from 08:10 to
// 08:30, and the disk of packing was full from 08:20 to 08:21, of which Anna
// was told directly.
func (s *station) troubled() []plant.Message {
	s.t.Helper()
	behind := alerts.SystemCondition{Rule: "influx-behind", Subject: s.area.Site, Active: true, Priority: plant.PriorityHigh, Time: at(10, 0),
		Value: plant.Float(301.5), Message: "InfluxDB is 5m behind", Response: "Start it."}
	full := alerts.SystemCondition{Rule: "data-lost", Subject: s.area.Path, Active: true, Priority: plant.PriorityCritical, Time: at(20, 0),
		Value: plant.Int(7), Message: "gone", Response: "Look.", Before: alerts.Announcement{Alarm: strings.Repeat("ab", 16), Time: at(20, 10), Told: []string{"anna"}}}
	over := func(c alerts.SystemCondition, t plant.Instant) alerts.SystemCondition {
		c.Active, c.Time, c.Message, c.Response, c.Before = false, t, "", "", alerts.Announcement{}
		return c
	}
	commands := map[plant.Instant]alerts.SystemCondition{at(10, 10): behind, at(21, 0): full, at(21, 30): over(full, at(21, 0)), at(30, 5): over(behind, at(30, 0))}
	var out []plant.Message
	for _, m := range s.hour() {
		if c, ok := commands[m.Time]; ok && m.Kind == plant.KindTick {
			x := saysOfItself(s.t, s.area, c)
			x.Time = m.Time
			out = append(out, x)
		}
		out = append(out, m)
	}
	for i := range out {
		out[i].Pos = uint64(i + 1)
	}
	return out
}

func (s *station) systemAlarms() string {
	s.t.Helper()
	rows, err := s.store.Alarms(s.t.Context(), store.AlarmFilter{Class: string(plant.ClassSystem)})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		told, err := s.store.Deliveries(s.t.Context(), r.ID, 0)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s of %s %s, %d messages", r.Rule, r.Equipment, r.State, len(told)))
	}
	return strings.Join(out, "; ")
}

func TestWhatAndonSaysOfItselfReplaysToTheSameRecordsAndPoints(t *testing.T) {
	t.Parallel()
	record := func(n int, died plant.Instant) *station {
		s := newStation(t, "packing")
		msgs := s.troubled()
		if died != 0 {
			s.feed(msgs[:before(msgs, died)], n)
			s.restart()
		}
		s.feed(msgs, n)
		s.commit(true)
		return s
	}
	undisturbed := record(50, 0)
	want := hourOf{undisturbed.rows(), points(t, undisturbed.derived())}
	if got := undisturbed.systemAlarms(); got != "data-lost of northfield/packing returned_unacknowledged, 1 messages; influx-behind of northfield returned_unacknowledged, 4 messages" {
		t.Errorf("alarms: got %s; want Anna not told again of what she was told directly", got)
	}
	if !strings.Contains(fmt.Sprint(want.points), "rule=influx-behind") {
		t.Error("points: got none of the alarm about InfluxDB")
	}
	for _, died := range []plant.Instant{at(10, 12), at(21, 15), at(29, 0)} {
		want.compare(t, record(37, died))
	}
}

func TestASystemAlarmStaysOpenWhenItsSnapshotIsLost(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs := s.troubled()
	half := before(msgs, at(25, 0))
	s.feed(msgs[:half], 50)
	was := s.systemAlarms()
	s.lose()
	s.restart()
	s.goesOn(msgs[half:before(msgs, at(29, 0))])
	s.commit(true)
	if got := s.systemAlarms(); got != was || !strings.Contains(got, "influx-behind of northfield unacknowledged") {
		t.Errorf("alarms without the snapshot: got %s, want %s", got, was)
	}
	s.goesOn(msgs[before(msgs, at(29, 0)):])
	s.commit(true)
	if got := s.systemAlarms(); !strings.Contains(got, "influx-behind of northfield returned_unacknowledged") {
		t.Errorf("alarms after the end: got %s, want that of InfluxDB over", got)
	}
}

func TestARestartKeepsSystemAlarmsOpen(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.troubled()
	s.feed(msgs[:before(msgs, at(25, 0))], 50)
	was := s.systemAlarms()
	p := &Plant{o: Options{Tree: s.tree, Store: s.store}}
	if err := p.retire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.systemAlarms(); got != was {
		t.Errorf("alarms at the start: got %s, want %s", got, was)
	}
}

func TestAPersonTakesAnAlarmOfTheWholeSite(t *testing.T) {
	s := newStation(t, "packing")
	p := &Plant{o: Options{Tree: s.tree, Store: s.store}, runners: []*runner{s.r}}
	msgs := s.troubled()
	s.feed(msgs[:before(msgs, at(15, 0))], 50)
	rows, err := s.store.Alarms(t.Context(), store.AlarmFilter{Class: string(plant.ClassSystem)})
	if err != nil || len(rows) != 1 {
		t.Fatalf("alarms: got %v, %v; want one", rows, err)
	}
	r, err := p.runnerOf(t.Context(), plant.Command{Verb: plant.VerbAlarmAck, Target: rows[0].ID, Time: plant.At(time.Now())})
	if err != nil || r != s.r {
		t.Errorf("who has the alarm: got %v, %v; want the first area", r, err)
	}
}
