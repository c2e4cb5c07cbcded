package store_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"andon/plant"
	"andon/store"
)

// Statements are kept from one transaction to the next, and are parsed on the
// connection that transactions have.
func TestAreasThatCommitAtTheSameTimeDoNotHoldOneAnotherUp(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	var areas sync.WaitGroup
	for a := range 6 {
		areas.Go(func() {
			area := fmt.Sprintf("northfield/area%d", a)
			for i := range 20 {
				at := plant.Instant(i+1) * plant.Instant(time.Minute)
				facts := []store.Rewrite{{Equipment: area + "/line/M1", From: at, Segments: []store.Segment{{Start: at, State: "run", Body: []byte("{}")}}}}
				write := s.Commit
				if i%2 == a%2 {
					write = s.Precede
				}
				if err := write(t.Context(), store.Commit{Area: area, Pos: uint64(i + 1), Time: at, Rewrites: facts}); err != nil {
					t.Errorf("%s, minute %d: %v", area, i, err)
				}
			}
		})
	}
	areas.Wait()
	for a := range 6 {
		segments, err := s.Segments(t.Context(), fmt.Sprintf("northfield/area%d/line/M1", a), plant.Interval{To: 1 << 62})
		if err != nil || len(segments) != 20 {
			t.Errorf("area %d: got %d segments, error %v, want one for each of 20 minutes", a, len(segments), err)
		}
	}
}
