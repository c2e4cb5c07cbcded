package main

import "testing"

func TestOnlyALargePlantHasItsGarbageCollectedEarly(t *testing.T) {
	for _, c := range []struct{ inUse, want int }{{0, 100}, {20, 100}, {64, 100}, {80, 80}, {128, 50}, {160, 40}, {256, 25}, {10_000, 25}} {
		if got := garbagePercent(uint64(c.inUse) << 20); got != c.want {
			t.Errorf("%d MiB in use: got %d %%, want %d", c.inUse, got, c.want)
		}
	}
}
