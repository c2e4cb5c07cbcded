package engine

import (
	"testing"

	"andon/plant"
)

// A1 is changed over from 08:55 to 09:02. That it then runs until 09:30 is
// nothing to the hour before: only to what it was changed over.
func TestAnHourThatEndsInAChangeoverIsKeptOnceTheNextRunShows(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	samples := []plant.Sample{k.one("mode", plant.Int(1), start), k.one("state", plant.Int(6), start)}
	for m := range 180 {
		switch now := at(m, 0); m {
		case 55:
			samples = append(samples, k.one("state", plant.Int(2), now), k.one("mode", plant.Int(4), now))
		case 62:
			samples = append(samples, k.one("mode", plant.Int(1), now), k.one("state", plant.Int(6), now))
		case 90:
			samples = append(samples, k.one("state", plant.Int(9), now))
		}
		for s := 0; s < 60; s += 10 {
			samples = append(samples, k.one("speed", plant.Float(float64(m*60+s)), at(m, s)))
		}
	}
	msgs := stream(samples, nil, at(180, 0))
	for _, end := range []plant.Instant{at(80, 0), at(120, 0), at(180, 0)} {
		n := 0
		for n < len(msgs) && msgs[n].Time <= end {
			n++
		}
		if err := k.r.handle(t.Context(), msgs[:n]); err != nil {
			t.Fatal(err)
		}
		msgs = msgs[n:]
		k.revise()
		if c := k.verify(); len(c.Differences) > 0 {
			t.Errorf("verify at %s: got %+v, want the hour as its facts say", end, c.Differences)
		}
	}
}
