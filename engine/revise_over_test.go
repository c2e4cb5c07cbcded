package engine

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// Two hours of a plant of which nothing is known are over, and have no
// revision, when the first that is heard of it is late.
func TestAnHourIsRevisedWhoseFirstSampleCameWhenItWasOver(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	k.asItComes = true
	k.begin()
	msgs := k.until([]plant.Message{{Pos: 1, Time: at(0, 0), Kind: plant.KindTick}}, at(125, 0))
	k.feed(msgs, 100)
	if hours := k.revisions(productiontest.A1, production.WindowHour); len(hours) != 0 {
		t.Fatalf("before anything is known: got %s", told(hours))
	}
	late := plant.Message{Pos: uint64(len(msgs) + 1), Time: at(126, 0), Kind: plant.KindTelemetry,
		Samples: []plant.Sample{k.one("state", plant.Int(6), at(10, 0)), k.one("state", plant.Int(6), at(125, 59))}}
	k.feed(k.until(append(msgs, late), at(131, 0)), 100)
	if hours := k.revisions(productiontest.A1, production.WindowHour); len(hours) != 1 || hours[0].Start != at(0, 0) {
		t.Errorf("got %s, want the first hour as soon as nothing more comes late", told(hours))
	}
}

// What settles between two ends of windows asks the records nothing.
func TestNothingIsAskedOfTheRecordsUntilTheNextWindowIsOver(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	msgs := k.until(k.hour(), at(90, 0))
	k.feed(msgs, 100)
	k.revise()
	for _, p := range k.v.kpis.all {
		if p.area != k.area {
			continue
		}
		for _, kind := range kinds() {
			of := placeKind{p, kind}
			if idle := k.v.nothing[of]; !idle.Contains(k.v.end(p)) || idle.To > k.v.untilNext(of, k.v.end(p)).To {
				t.Errorf("%s of %s: looks again between %s and %s, want when the next is over", kind, p.path, idle.From, idle.To)
			}
		}
	}
	k.feed(k.until(msgs, at(150, 0)), 100)
	k.revise()
	if hours := k.revisions(productiontest.A1, production.WindowHour); len(hours) != 2 {
		t.Errorf("got %s, want both hours", told(hours))
	}
}
