package influx

import (
	"testing"

	"andon/plant"
)

func TestLinesOfThePastAreMarkedAndOthersAreNot(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	samples := []plant.Sample{sample(t, tree, a1+"speed", plant.Float(1.5), 1000), sample(t, tree, a1+"state", plant.Int(6), 1000),
		sample(t, tree, a1+"speed", plant.Float(2), 2000)}
	const head = "telemetry,area=packing,equipment=A1,line=lineA,site=northfield "
	for past, want := range map[bool]string{
		true:  head + "speed=1.5,state=6i,backfilled=true 1000\n" + head + "speed=2,backfilled=true 2000\n",
		false: head + "speed=1.5,state=6i 1000\n" + head + "speed=2 2000\n",
	} {
		b, n := e.message(nil, &plant.Message{Samples: samples, Backfilled: past})
		if string(b) != want || n != 2 {
			t.Errorf("backfilled %t: got %d lines\n%swant\n%s", past, n, b, want)
		}
	}
}

func TestAGapIsOnePointAtItsBeginning(t *testing.T) {
	gap := plant.Gap{Area: "northfield/packing", Source: "packing opcua", Interval: plant.Interval{From: 1_772_438_400_000_000_000, To: 1_772_438_400_000_000_000 + 90_500_000_000},
		Cause: plant.GapOutage, Tags: 12}
	m := plant.Message{Gaps: []plant.Gap{gap, gap}, Points: []byte("kpi oee=1 5")}
	const line = `collector_gap,area=packing,site=northfield,source=packing\ opcua from_ms=1772438400000i,to_ms=1772438490500i,seconds=90.5,cause="outage",tags=12i 1772438400000000000` + "\n"
	want := line + line + "kpi oee=1 5\n"
	b, n := newEncoder(northfield(t)).message(nil, &m)
	if string(b) != want || n != 3 {
		t.Errorf("got %d lines\n%swant\n%s", n, b, want)
	}
	decodeLines(t, b)
	if got := string(NewLines(northfield(t)).Append(nil, &m)); got != want {
		t.Errorf("exported: got\n%swant\n%s", got, want)
	}
}

func TestNoTagIsCalledLikeTheMark(t *testing.T) {
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing",
		Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{{Name: "A1",
			Tags: []plant.TagConfig{{Name: "speed"}, {Name: "backfilled", Type: "float"}}}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := Check(tree)
	if len(p) != 1 || p[0].Path != "plant.areas[0].lines[0].equipment[0].tags[1].name" {
		t.Errorf("got %v, want one problem, of the second tag's name", p)
	}
	s := plant.Sample{Tag: tree.Tags()[1], Value: plant.Float(1), Time: 5}
	b, _ := newEncoder(tree).message(nil, &plant.Message{Samples: []plant.Sample{s}, Backfilled: true})
	if got := decodeLines(t, b)[0].Fields; len(got) != 2 || got["backfilled_value"] != "1" || got["backfilled"] != "true" {
		t.Errorf("got fields %v, want the value beside the mark", got)
	}
}
