package engine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// what an undisturbed hour leaves behind.
type hourOf struct {
	rows   string
	points map[string]series
}

func undisturbed(t *testing.T, area string) hourOf {
	s := newStation(t, area)
	s.feed(s.hour(), 50)
	s.commit(true)
	return hourOf{s.rows(), points(t, s.derived())}
}

func (h hourOf) compare(t *testing.T, s *station) {
	t.Helper()
	if diff := cmp.Diff(h.rows, s.rows()); diff != "" {
		t.Errorf("records (-undisturbed +here):\n%s", diff)
	}
	if diff := cmp.Diff(h.points, points(t, s.derived())); diff != "" {
		t.Errorf("points (-undisturbed +here):\n%s", diff)
	}
}

func TestAnEngineThatDiesAtAnyPlaceLeavesTheSameRecordsAndPoints(t *testing.T) {
	t.Parallel()
	places := map[string][]int{"packing": {11, 20, 47, 58}, "moulding": {13, 29, 54}}
	for area, minutes := range places {
		want := undisturbed(t, area)
		for i, m := range minutes {
			t.Run(fmt.Sprintf("%s at minute %d", area, m), func(t *testing.T) {
				s := newStation(t, area)
				hour := s.hour()
				died := 0
				for hour[died].Time < at(m, 17) {
					died++
				}
				s.feed(hour[:died], 30)
				if i%2 == 1 { // stopped in order, not killed
					s.commit(true)
				}
				s.restart()
				s.feed(hour, 43)
				s.commit(true)
				want.compare(t, s)
			})
		}
	}
}

func TestAnUnusableSnapshotIsSetAsideAndTheStreamWorkedThroughAgain(t *testing.T) {
	t.Parallel()
	want := undisturbed(t, "packing")
	s := newStation(t, "packing")
	hour := s.hour()
	s.feed(hour[:len(hour)/2], 50)
	s.exec(`UPDATE progress SET snapshot = substr(snapshot, 1, length(snapshot) / 2)`)
	s.restart()
	if s.r.pos != 0 {
		t.Errorf("position after a broken snapshot: got %d, want 0", s.r.pos)
	}
	if got := s.log.count("WARN snapshot not usable, working through the stream again"); got != 1 {
		t.Errorf("warnings about the snapshot: got %d, want 1 of %v", got, s.log.lines)
	}
	s.feed(hour, 70)
	s.commit(true)
	want.compare(t, s)
}
