package engine

import (
	"testing"

	"andon/plant"
)

// A1 fails at 08:01, so Ben's turn is at 08:03. A2 was in a fault too and
// starts again at 08:02:57.
func (s *station) startingAgain() []plant.Message {
	samples := []plant.Sample{s.one("state", plant.Int(6), start), s.at("A2", "state", plant.Int(9), start)}
	for t := at(0, 5); t <= at(2, 58); t = t.Add(5e9) {
		samples = append(samples, s.one("speed", plant.Float(1), t), s.at("A2", "total", plant.Int(5), t))
		if t == at(1, 0) {
			samples = append(samples, s.one("state", plant.Int(9), t))
		}
	}
	return stream(append(samples, s.at("A2", "state", plant.Int(6), at(2, 57))), nil, at(2, 58))
}

// at is one Good sample of equipment of line A.
func (s *station) at(equipment, tag string, v plant.Value, at plant.Instant) plant.Sample {
	s.t.Helper()
	x := s.tree.Tag("northfield/packing/lineA/" + equipment + "/" + tag)
	if x == nil {
		s.t.Fatalf("%s has no tag %s", equipment, tag)
	}
	return plant.Sample{Tag: x, Value: v, Time: at}
}

func TestACommandAfterARestartDoesNotCallForWhatWaits(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.startingAgain()
	s.feed(msgs, 50)
	s.commit(true)
	s.restart()
	if s.r.core.held == 0 {
		t.Fatal("escalations do not wait while A2 starts")
	}
	now := at(3, 1)
	s.r.take([]plant.Message{{Pos: uint64(len(msgs) + 1), Time: now, Kind: plant.KindCommand,
		Command: &plant.Command{ID: "x", Verb: plant.VerbAlarmAck, Target: "nothing", User: "anna", Time: now}}})
	for _, m := range s.r.core.drain().alerts.Messages {
		t.Errorf("message at 08:03:01: got %s to %s, want none while A2 starts", m.Kind, m.To)
	}
}
