package engine

import (
	"encoding/json"
	"testing"
	"time"

	"andon/plant"
	"andon/production/productiontest"
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
	k, err := kpi(t.Context(), kpiQuery{store: s.store, prod: s.r.definitions, equipment: s.tree.FindEquipment(productiontest.A1), window: w, now: at(60, 5)})
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
