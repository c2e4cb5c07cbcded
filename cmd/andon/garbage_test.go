package main

import "testing"

func TestOnlyALargePlantHasItsGarbageCollectedEarly(t *testing.T) {
	for _, c := range []struct{ inUse, want int }{{0, 100}, {20, 100}, {95, 100}, {100, 90}, {120, 55}, {140, 35}, {160, 25}, {300, 25}, {10_000, 25}} {
		if got := garbagePercent(uint64(c.inUse) << 20); got != c.want {
			t.Errorf("%d MiB in use: got %d %%, want %d", c.inUse, got, c.want)
		}
	}
}
