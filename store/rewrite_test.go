package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/store"
)

func TestFactsOfManyMachinesAreReplacedAsThoseOfEach(t *testing.T) {
	at := func(minute int) plant.Instant { return plant.Instant(minute+1) * 60e9 }
	machine := func(m int) string { return fmt.Sprintf("northfield/packing/line%d/M%d", m/10, m) }
	rewrite := func(m, from, to int) store.Rewrite {
		r := store.Rewrite{Equipment: machine(m), From: at(from), CountsFrom: at(from), MetersFrom: at(from)}
		for i := from; i < to; i++ {
			body := []byte(fmt.Sprintf(`{"m":%d,"from":%d,"i":%d}`, m, from, i))
			r.Segments = append(r.Segments, store.Segment{Start: at(i), End: at(i + 1), State: "run", Body: body})
			r.Counts = append(r.Counts, store.Count{Start: at(i), Part: "P500", Body: body}, store.Count{Start: at(i), Part: "P250", Body: body})
			r.Meters = append(r.Meters, store.Meter{Start: at(i), Safety: i%2 == 0, Body: body})
		}
		return r
	}
	var all []store.Rewrite
	for m := range 37 { // no multiple of what one statement takes
		all = append(all, rewrite(m, 0, 3+m%4))
	}
	for m := range 37 {
		all = append(all, rewrite(m, 1+m%3, 4)) // some minutes are gone, some others
	}
	all = append(all, rewrite(5, 2, 3)) // and once more, in the order given
	one, each := open(t, filepath.Join(t.TempDir(), "one.db")), open(t, filepath.Join(t.TempDir(), "each.db"))
	if err := one.Commit(t.Context(), store.Commit{Area: "northfield/packing", Pos: 1, Rewrites: all}); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if err := each.Commit(t.Context(), store.Commit{Area: "northfield/packing", Pos: 1, Rewrites: []store.Rewrite{r}}); err != nil {
			t.Fatal(err)
		}
	}
	for m := range 37 {
		if diff := cmp.Diff(factsOf(t, each, machine(m)), factsOf(t, one, machine(m))); diff != "" {
			t.Errorf("%s (-each +many):\n%s", machine(m), diff)
		}
	}
}

// factsOf are all rows of one machine.
func factsOf(t *testing.T, s *store.Store, equipment string) []any {
	t.Helper()
	always := plant.Interval{From: 0, To: 1 << 62}
	segments, err := s.Segments(t.Context(), equipment, always)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := s.Counts(t.Context(), equipment, always)
	if err != nil {
		t.Fatal(err)
	}
	meters, err := s.Meters(t.Context(), equipment, always)
	if err != nil {
		t.Fatal(err)
	}
	return []any{segments, counts, meters}
}
