package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/production/productiontest"
)

// outage is the hour of packing in which the server of A1 and A2 is not
// reached for ten minutes. What changed meanwhile is not told, but for what
// holds after it; with backfill it is, some minutes later.
func (k *keeper) outage(backfill bool) []plant.Message {
	away := plant.Interval{From: at(31, 0), To: at(41, 0)}
	lost := func(t plant.Instant) bool { return t > away.From && t < away.To }
	var out, late []plant.Message
	var known []plant.Known
	for _, eq := range k.tree.Equipment() {
		if eq.Source == "plc-a" {
			known = append(known, plant.Known{Equipment: eq.Path, Interval: away})
		}
	}
	last := map[string]plant.Sample{}
	for _, m := range k.hour() {
		samples, contacts := m.Samples, m.Contacts
		m.Samples, m.Contacts = nil, nil
		var missed []plant.Sample
		for _, s := range samples {
			if s.Tag.Equipment.Source == "plc-a" && lost(s.Time) {
				missed, last[s.Tag.Path] = append(missed, s), s
			} else {
				m.Samples = append(m.Samples, s)
			}
		}
		for _, c := range contacts {
			if c.Source != "plc-a" || !lost(c.Time) {
				m.Contacts = append(m.Contacts, c)
			}
		}
		if m.Time == away.To && m.Kind == plant.KindTelemetry {
			for _, s := range last { // a new subscription begins with the present values
				m.Samples = append(m.Samples, s)
			}
		}
		if len(missed) > 0 {
			late = append(late, plant.Message{Kind: plant.KindTelemetry, Samples: missed, Backfilled: true})
		}
		out = append(out, m)
		if backfill && m.Time >= at(43, 0) && len(late) > 0 {
			late[0].Time = m.Time
			out, late = append(out, late[0]), late[1:]
			if len(late) == 0 {
				out = append(out, plant.Message{Time: m.Time, Kind: plant.KindTelemetry, Known: known})
			}
		}
	}
	for i := range out {
		out[i].Pos = uint64(i + 1)
	}
	return k.until(out, at(180, 0))
}

// stops are those of the records.
func (k *keeper) stops() []string {
	return slices.DeleteFunc(strings.Split(k.rows(), "\n"), func(line string) bool { return !strings.HasPrefix(line, "stop ") })
}

func TestStopsAndKPIsOfAnOutageThatWasBackfilledAreThoseWithoutOne(t *testing.T) {
	t.Parallel()
	whole, filled, cut := newKeeper(t, "packing"), newKeeper(t, "packing"), newKeeper(t, "packing")
	for k, msgs := range map[*keeper][]plant.Message{
		whole: whole.until(whole.hour(), at(180, 0)), filled: filled.outage(true), cut: cut.outage(false),
	} {
		k.feed(msgs, 100)
		k.revise()
	}
	if got := whole.stops(); len(got) < 5 {
		t.Fatalf("got %d stops without an outage, want those of the hour", len(got))
	}
	if diff := cmp.Diff(whole.stops(), filled.stops()); diff != "" {
		t.Errorf("stops (-whole +filled):\n%.3000s", diff)
	}
	if diff := cmp.Diff(whole.kept(), filled.kept()); diff != "" {
		t.Errorf("KPIs (-whole +filled):\n%.3000s", diff)
	}
	if cmp.Equal(whole.kept(), cut.kept()) {
		t.Error("KPIs without backfill: got those without an outage, want time that is not known")
	}
}

func TestThePastRaisesNoAlarmAndIsNoSignOfLife(t *testing.T) {
	tree := Northfield(t)
	eq := tree.FindEquipment(productiontest.A1)
	c, err := newCore(NorthfieldConfig(), tree, eq.Line.Area)
	if err != nil {
		t.Fatal(err)
	}
	pos := uint64(0)
	step := func(m plant.Message) {
		t.Helper()
		pos++
		m.Pos = pos
		if err := c.step(m); err != nil {
			t.Fatal(err)
		}
	}
	sample := func(tag string, v plant.Value, when plant.Instant) plant.Sample {
		return plant.Sample{Tag: tree.Tag(productiontest.A1 + "/" + tag), Value: v, Time: when}
	}
	step(plant.Message{Kind: plant.KindTelemetry, Time: at(0, 0), Samples: []plant.Sample{sample("state", plant.Int(6), at(0, 0))}})
	for n := range 60 { // nothing of the present comes, and much of the past
		now := at(0, n+1)
		step(plant.Message{Kind: plant.KindTelemetry, Time: now, Backfilled: true, Samples: []plant.Sample{
			sample("state", plant.Int(6), now.Add(-30*time.Second)), sample("vibration", plant.Float(9), now.Add(-30*time.Second))}})
		step(plant.Message{Kind: plant.KindTick, Time: now})
	}
	var rules []string
	for _, a := range c.book.Alarms() {
		if a.Equipment == productiontest.A1 {
			rules = append(rules, a.Rule)
		}
	}
	if !slices.Equal(rules, []string{"no-data"}) {
		t.Errorf("got alarms %v, want that nothing is heard of the machine, and none of the past", rules)
	}
}
