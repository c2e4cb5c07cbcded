package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"andon/plant"
	"andon/store"
)

// BenchmarkCommit writes what one second of 500 running machines leads to: the
// counts and meters of the minute, of each.
func BenchmarkCommit(b *testing.B) {
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "andon.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	start := plant.At(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))
	c := store.Commit{Area: "northfield/packing"}
	for m := range 500 {
		c.Rewrites = append(c.Rewrites, store.Rewrite{Equipment: fmt.Sprintf("northfield/packing/line%d/M%d", m/10, m), CountsFrom: start, MetersFrom: start,
			Counts: []store.Count{{Start: start, Part: "P500", Body: []byte(`{"total":12,"good":11,"reject":1}`)}},
			Meters: []store.Meter{{Start: start, Body: []byte(`{"energy":12.5}`)}}})
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Pos++
		if err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(c.Rewrites)), "µs/machine")
}
