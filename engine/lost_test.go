package engine

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production/productiontest"
	"andon/store"
)

// lose damages what the snapshot holds, as a new andon or a bad disk would.
func (s *station) lose() {
	s.t.Helper()
	s.exec(`UPDATE progress SET snapshot = substr(snapshot, 1, length(snapshot) / 2)`)
}

// goesOn hands over messages whatever the engine's position is.
func (s *station) goesOn(msgs []plant.Message) {
	s.t.Helper()
	for len(msgs) > 0 {
		n := min(50, len(msgs))
		s.r.take(msgs[:n])
		s.commit(false)
		msgs = msgs[n:]
	}
}

// before returns how many messages came before t.
func before(msgs []plant.Message, t plant.Instant) int {
	n := 0
	for n < len(msgs) && msgs[n].Time < t {
		n++
	}
	return n
}

func TestTimesAddUpToTheHourAfterASnapshotIsLostAndItsStreamRemoved(t *testing.T) {
	s := newStation(t, "packing")
	hour := s.hour()
	s.feed(hour[:before(hour, at(22, 0))], 50) // A1 is in a fault from 08:18:40
	s.lose()
	s.restart()
	s.goesOn(hour[before(hour, at(26, 0)):])
	s.commit(true)
	w := plant.Interval{From: start, To: at(60, 0)}
	k, err := kpi(t.Context(), kpiQuery{store: s.store, prod: s.definitions(), equipment: s.tree.FindEquipment(productiontest.A1), window: w, now: at(60, 5)})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(k.Waterfall)
	if got := k.Waterfall.Unknown.Duration(); got < 0 || got > 10*time.Minute {
		t.Errorf("time without data: got %s of %s, want that of the gap", got, b)
	}
	if got := k.ActualProduction.Duration(); got > time.Hour {
		t.Errorf("run in the hour: got %s", got)
	}
}

// A1 is in a fault from 08:01, which its source says every ten seconds; the
// snapshot is lost at 08:01:30 and so is the stream before.
func lostInAFault(t *testing.T, after plant.Value) (*station, alarmOf) {
	s := newStation(t, "packing")
	samples := s.stopAt(s.produce(start, at(0, 50)), at(1, 0))
	for x := at(1, 10); x <= at(2, 58); x += 10e9 {
		v := plant.Int(9)
		if x > at(1, 30) {
			v = after
		}
		samples = append(samples, s.one("state", v, x))
	}
	msgs := stream(samples, nil, at(2, 59))
	half := before(msgs, at(1, 31))
	s.feed(msgs[:half], 20)
	was := s.faultOf(t)
	s.lose()
	s.restart()
	s.goesOn(msgs[half:])
	s.commit(true)
	return s, was
}

// An alarmOf is an alarm with what became of it.
type alarmOf struct {
	id          string
	open        bool
	transitions int
	told        []string
}

func (s *station) faultOf(t *testing.T) (a alarmOf) {
	t.Helper()
	rows, err := s.store.Alarms(t.Context(), store.AlarmFilter{Equipment: productiontest.A1})
	if err != nil || len(rows) != 1 || rows[0].Rule != "fault" {
		t.Fatalf("alarms of A1: got %v, %v; want the fault alone", rows, err)
	}
	a.id, a.open = rows[0].ID, rows[0].Open
	moves, err := s.store.Transitions(t.Context(), a.id)
	if err != nil {
		t.Fatal(err)
	}
	a.transitions = len(moves)
	told, err := s.store.Deliveries(t.Context(), a.id, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range slices.Backward(told) {
		var m alerts.Message
		if err := json.Unmarshal(d.Body, &m); err != nil {
			t.Fatal(err)
		}
		a.told = append(a.told, string(m.Kind)+" "+m.To)
	}
	return a
}

func TestAnAlarmStaysOpenWithoutACallWhenItsSnapshotIsLost(t *testing.T) {
	s, was := lostInAFault(t, plant.Int(9))
	if got := s.faultOf(t); !reflect.DeepEqual(got, was) || !got.open || len(got.told) != 1 {
		t.Errorf("alarm after the snapshot was lost: got %+v, want %+v", got, was)
	}
}

func TestAnAlarmThatIsOverWhenItsSnapshotIsLostIsResolved(t *testing.T) {
	s, was := lostInAFault(t, plant.Int(6))
	got := s.faultOf(t)
	if got.id != was.id || got.transitions != 2 || strings.Join(got.told, ", ") != "raised anna, resolved anna" {
		t.Errorf("alarm after the snapshot was lost: got %+v, want it over and Anna told", got)
	}
}
