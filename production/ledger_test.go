package production_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"andon/plant"
	"andon/production"
	"pgregory.net/rapid"
)

// A ledger is what a store makes of Changes.
type ledger struct {
	segments map[*plant.Equipment]map[plant.Instant]production.Segment
	counts   map[*plant.Equipment]map[plant.Instant][]production.Count
	meters   map[*plant.Equipment]map[plant.Instant]production.Meter
	stops    map[string]production.Stop
}

func newLedger() *ledger {
	return &ledger{segments: map[*plant.Equipment]map[plant.Instant]production.Segment{},
		counts: map[*plant.Equipment]map[plant.Instant][]production.Count{},
		meters: map[*plant.Equipment]map[plant.Instant]production.Meter{}, stops: map[string]production.Stop{}}
}

func (l *ledger) take(ch production.Changes) {
	for _, r := range ch.Rewrites {
		if l.segments[r.Equipment] == nil {
			l.segments[r.Equipment] = map[plant.Instant]production.Segment{}
			l.counts[r.Equipment] = map[plant.Instant][]production.Count{}
			l.meters[r.Equipment] = map[plant.Instant]production.Meter{}
		}
		segments, counts := l.segments[r.Equipment], l.counts[r.Equipment]
		maps.DeleteFunc(segments, func(at plant.Instant, _ production.Segment) bool { return r.From != 0 && at >= r.From })
		maps.DeleteFunc(counts, func(at plant.Instant, _ []production.Count) bool { return r.CountsFrom != 0 && at >= r.CountsFrom })
		meters := l.meters[r.Equipment]
		maps.DeleteFunc(meters, func(at plant.Instant, _ production.Meter) bool { return r.MetersFrom != 0 && at >= r.MetersFrom })
		for _, m := range r.Meters {
			meters[m.Minute] = m
		}
		for _, s := range r.Segments {
			segments[s.From] = s
		}
		for _, c := range r.Counts {
			counts[c.Minute] = append(counts[c.Minute], c)
		}
	}
	for _, s := range ch.Stops {
		if l.stops[s.ID] = s; s.Void {
			delete(l.stops, s.ID)
		}
	}
}

// check compares the books with what the area holds.
func (l *ledger) check(t *rapid.T, p *press, a *production.Area) {
	stops := map[string]bool{}
	for _, eq := range p.tree.Equipment() {
		f := a.Facts(eq, plant.Interval{From: p.start, To: p.end})
		var got production.Facts
		for _, at := range slices.Sorted(maps.Keys(l.segments[eq])) {
			got.Segments = append(got.Segments, l.segments[eq][at])
		}
		for _, at := range slices.Sorted(maps.Keys(l.counts[eq])) {
			got.Counts = append(got.Counts, l.counts[eq][at]...)
		}
		for _, at := range slices.Sorted(maps.Keys(l.meters[eq])) {
			got.Meters = append(got.Meters, l.meters[eq][at])
		}
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(f, "", " ")
		if !bytes.Equal(g, w) {
			t.Fatalf("%s: stored facts differ: %s", eq.Path, firstDifference(g, w))
		}
		for _, s := range f.Segments {
			if s.Stop != "" {
				stops[s.Stop] = true
				if st, ok := l.stops[s.Stop]; !ok || st.From != s.StopStart || st.Reason != s.Reason {
					t.Fatalf("%s: segment at %v belongs to stop %s, stored is %+v", eq.Path, s.From, s.Stop, st)
				}
			}
		}
	}
	for id, s := range l.stops {
		if !stops[id] {
			t.Fatalf("stop %s of %s at %v is stored, but no segment belongs to it", id, s.Equipment.Path, s.From)
		}
	}
}
