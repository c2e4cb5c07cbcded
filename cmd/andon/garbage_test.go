package main

import "testing"

func TestOnlyALargePlantHasItsGarbageCollectedEarly(t *testing.T) {
	for _, c := range []struct{ inUse, want int64 }{{0, 220}, {20, 220}, {110, 220}, {150, 220}, {160, 224}, {300, 420}, {10_000, 14_000}} {
		if got := memoryLimit(uint64(c.inUse) << 20); got != c.want<<20 {
			t.Errorf("%d MiB in use: got %d MiB, want %d", c.inUse, got>>20, c.want)
		}
	}
}
