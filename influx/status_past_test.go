package influx

import (
	"strings"
	"testing"

	"andon/plant"
)

func TestAStatusOfThePastDoesNotHideThatOfThePresent(t *testing.T) {
	tree := northfield(t)
	const head = "telemetry,area=packing,equipment=A1,line=lineA,site=northfield "
	at := func(n plant.Instant, status plant.Status) plant.Sample {
		s := sample(t, tree, a1+"speed", plant.Float(1), n)
		s.Status = status
		return s
	}
	type step struct {
		past    bool
		samples []plant.Sample
		want    string
	}
	for name, steps := range map[string][]step{
		"bad since before the past was read": {
			{false, []plant.Sample{at(1, plant.Good), at(50, plant.Bad)}, "speed=1 1|speed=1,speed_status=2147483648i 50"},
			{true, []plant.Sample{at(20, plant.Bad), at(30, plant.Good)},
				"speed=1,speed_status=2147483648i,backfilled=true 20|speed=1,speed_status=0i,backfilled=true 30"},
			{false, []plant.Sample{at(60, plant.Good), at(70, plant.Good)}, "speed=1,speed_status=0i 60|speed=1 70"},
		},
		"good since before the past was read": {
			{false, []plant.Sample{at(1, plant.Good), at(50, plant.Good)}, "speed=1 1|speed=1 50"},
			{true, []plant.Sample{at(20, plant.Bad)}, "speed=1,speed_status=2147483648i,backfilled=true 20|speed_status=0i 50"},
			{true, []plant.Sample{at(30, plant.Good)}, "speed=1,speed_status=0i,backfilled=true 30"},
			{false, []plant.Sample{at(60, plant.Good)}, "speed=1 60"},
		},
		"bad twice": {
			{false, []plant.Sample{at(10, plant.Bad), at(50, plant.Bad), at(60, plant.Good)},
				"speed=1,speed_status=2147483648i 10|speed=1,speed_status=2147483648i 50|speed=1,speed_status=0i 60"},
			{true, []plant.Sample{at(30, plant.Good)}, "speed=1,speed_status=0i,backfilled=true 30"},
		},
	} {
		e := newEncoder(tree)
		for i, s := range steps {
			b, n := e.message(nil, &plant.Message{Samples: s.samples, Backfilled: s.past})
			want := ""
			for _, line := range strings.Split(s.want, "|") {
				want += head + line + "\n"
			}
			if string(b) != want || n != strings.Count(want, "\n") {
				t.Errorf("%s, step %d: got %d lines\n%swant\n%s", name, i, n, b, want)
			}
		}
	}
}

func TestTheStatusOfThePastIsWrittenAgainWithItsSamples(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	late := sample(t, tree, a1+"speed", plant.Float(1), 20)
	late.Status = plant.Bad
	e.message(nil, &plant.Message{Samples: []plant.Sample{sample(t, tree, a1+"speed", plant.Float(2), 50)}})
	e.commit()
	m := &plant.Message{Samples: []plant.Sample{late}, Backfilled: true}
	first, _ := e.message(nil, m)
	e.rewind()
	if again, _ := e.message(nil, m); string(again) != string(first) {
		t.Errorf("got\n%swant again\n%s", again, first)
	}
}
