package engine

import (
	"slices"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
)

// ackAt puts the acknowledgement of an alarm into the stream.
func ackAt(msgs []plant.Message, when plant.Instant, target string) []plant.Message {
	i := slices.IndexFunc(msgs, func(m plant.Message) bool { return m.Time > when })
	msgs = slices.Insert(msgs, i, plant.Message{Time: when, Kind: plant.KindCommand,
		Command: &plant.Command{ID: "ack", Verb: plant.VerbAlarmAck, Target: target, User: "anna", Time: when}})
	for i := range msgs {
		msgs[i].Pos = uint64(i + 1)
	}
	return msgs
}

func TestEnergyLevelsAndAcknowledgementsComeFromTheRecords(t *testing.T) {
	s := newStation(t, "packing")
	s.feed(ackAt(s.hour(), at(20, 10), "fault@"+productiontest.A1), 50)
	s.commit(true)
	k := s.kpi(productiontest.A1)
	closeTo(t, "energy", k.Energy, 24.6)
	closeTo(t, "energy not running", k.EnergyNotRunning, 3.8)
	closeTo(t, "energy per good unit", k.EnergyPerGood, 24600./3310)
	closeTo(t, "time to acknowledge", k.MTTA, 90)
	if len(k.Materials) != 1 || k.Materials[0].Level.Value != 1984 || *k.Materials[0].RunOutIdeal != at(93, 4) {
		t.Errorf("got %+v, want 1984 L that last until 09:33:04", k.Materials)
	}
}

func TestSafetyComesFromTheRecordsWithWhenItWasLast(t *testing.T) {
	s := newStation(t, "moulding")
	s.feed(s.hour(), 50)
	s.commit(true)
	k := s.kpi(productiontest.B1)
	if k.EStops != 1 || k.EStopTime != 180e9 || k.GuardRuns != 1 || k.GuardRunTime != 3e9 || k.StartupQuality != 96e9 {
		t.Errorf("got %+v, start-up %v; want one stop of 3 min, the guard 3 s, 96 s of start-up", k.Safety, k.StartupQuality)
	}
	later, err := kpi(t.Context(), kpiQuery{store: s.store, prod: s.definitions(), defs: s.r.defs,
		equipment: s.tree.FindEquipment(productiontest.B1), window: plant.Interval{From: at(54, 0), To: at(60, 0)}, now: s.r.core.now})
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "days since", later.DaysSince, 12./60/24)
	if later.EStops+later.GuardRuns != 0 || later.StartupQuality != 24e9 {
		t.Errorf("from 08:54: got %+v, start-up %v; want nothing unsafe and the restart of 08:55", later.Safety, later.StartupQuality)
	}
	if n := s.count(`SELECT COUNT(*) FROM meters WHERE safety = 1 AND equipment = '` + productiontest.B1 + `'`); n != 4 {
		t.Errorf("got %d minutes with anything of safety, want 12, 13, 14 and 48", n)
	}
}
