package engine

import (
	"context"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production/productiontest"
)

// assignedAt is the hour up to its fault, and at a time long after what
// somebody says of that; ticks lead to it.
func (k *keeper) assignedAt(now plant.Instant) []plant.Message {
	msgs := k.fault()
	c := said("c1", "stop.assign", productiontest.A1, `{"at":"2026-03-02T08:18:40Z","reason":"E-204"}`, "", now)
	for _, m := range []plant.Message{{Kind: plant.KindTick}, {Kind: plant.KindTick}, {Kind: plant.KindCommand, Command: c}, {Kind: plant.KindTick}} {
		m.Pos, m.Time = uint64(len(msgs)+1), now
		msgs = append(msgs, m)
	}
	return msgs
}

func TestALivePlantGoesOnWhileKPIsOfACommandAreComputed(t *testing.T) {
	now := plant.At(time.Now())
	for when, tc := range map[plant.Instant]struct {
		name string
		want patience
	}{
		now:                      {"live", atOnce},
		now.Add(-time.Minute):    {"a minute behind", untilSaid},
		now.Add(3 * time.Second): {"with a clock ahead", atOnce},
	} {
		k := newKeeper(t, "packing")
		var waits []patience
		k.r.look = func(_ context.Context, wait patience) {
			if k.r.core.now == when { // not on the way there
				waits = append(waits, wait)
			}
		}
		msgs := k.assignedAt(when)
		k.feed(msgs, 500)
		if want := []patience{tc.want}; !slices.Equal(waits, want) {
			t.Errorf("%s: the engine waited %v, want %v", tc.name, waits, want)
		}
		if dirty := k.dirty(); len(dirty) == 0 {
			t.Errorf("%s: nothing is to be revised after the command", tc.name)
		}
	}
}
