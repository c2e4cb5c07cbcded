package engine

import (
	"bytes"
	"testing"
	"time"

	"andon/alerts"
	"andon/engine/recording"
	"andon/plant"
	"andon/production/productiontest"
)

// lostMachine is a minute of A1 that counts for twenty seconds; then its
// server, which lives on, says that it does not reach the machine any more.
func lostMachine(tree *plant.Tree) (out []plant.Sample) {
	state, total := tree.Tag(productiontest.A1+"/state"), tree.Tag(productiontest.A1+"/total")
	for n := range 21 {
		at := productiontest.Start.Add(time.Duration(n) * time.Second)
		out = append(out, plant.Sample{Tag: state, Value: plant.Int(6), Time: at}, plant.Sample{Tag: total, Value: plant.Uint(uint64(n)), Time: at})
	}
	for _, tag := range tree.FindEquipment(productiontest.A1).Tags {
		out = append(out, plant.Sample{Tag: tag, Status: plant.BadNoCommunication, Time: productiontest.Start.Add(21 * time.Second)})
	}
	b1 := tree.Tag(productiontest.B1 + "/state") // so that the recording lasts a minute
	return append(out, plant.Sample{Tag: b1, Value: plant.Text("RUN"), Time: productiontest.Start.Add(time.Minute)})
}

// liveAlarms runs samples as they come from the bus, with the contacts of the
// server of A1 and a tick each second, and returns the area's open alarms.
func liveAlarms(t *testing.T, tree *plant.Tree, samples []plant.Sample) []alerts.Alarm {
	t.Helper()
	eq := tree.FindEquipment(productiontest.A1)
	c, err := newCore(NorthfieldConfig(), tree, eq.Line.Area)
	if err != nil {
		t.Fatal(err)
	}
	var pos uint64
	step := func(m plant.Message) {
		pos++
		m.Pos = pos
		if err := c.step(m); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 61 {
		now := productiontest.Start.Add(time.Duration(n) * time.Second)
		m := plant.Message{Kind: plant.KindTelemetry, Time: now}
		for _, s := range samples {
			if s.Time == now && s.Tag.Equipment.Line.Area == eq.Line.Area {
				m.Samples = append(m.Samples, s)
			}
		}
		if n%5 == 0 {
			m.Contacts = []plant.Contact{{Source: eq.Source, Time: now}}
		}
		step(m)
		step(plant.Message{Kind: plant.KindTick, Time: now})
	}
	return c.book.Alarms()
}

func TestMachineBehindALivingServerIsSilentLiveAsInAReplay(t *testing.T) {
	tree := Northfield(t)
	samples := lostMachine(tree)
	records, _ := OpenStore(t)
	report, err := Replay(t.Context(), ReplayOptions{Config: NorthfieldConfig(), Tree: tree, Store: records,
		Samples: recording.New(bytes.NewReader(Recorded(t, samples)), tree)})
	if err != nil {
		t.Fatal(err)
	}
	replayed := map[string]plant.Instant{}
	for _, a := range report.Alarms {
		replayed[a.Rule+"@"+a.Equipment] = a.Raised.Event
	}
	live := map[string]plant.Instant{}
	for _, a := range liveAlarms(t, tree, samples) {
		live[a.Rule+"@"+a.Equipment] = a.Raised.Event
	}
	const silent = "no-data@" + productiontest.A1
	want := productiontest.Start.Add(35 * time.Second)
	if live[silent] != want || replayed[silent] != want {
		t.Errorf("raised: got live %s, replayed %s; want both %s", live[silent], replayed[silent], want)
	}
}
