package engine

import (
	"testing"
	"time"
)

func TestAnAreaWhoseSnapshotTakesTooLongStopsWithoutAndLosesNothing(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.fault()
	s.r.take(msgs[:1])
	if err := s.r.commit(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	s.r.take(msgs[1:])
	s.r.snapTook = 2 * flushWait
	if err := s.r.leave(t.Context()); err != nil {
		t.Fatalf("leave: got %v, want nil", err)
	}
	first, last := msgs[0].Pos, msgs[len(msgs)-1].Pos
	if p, err := s.store.Progress(t.Context(), s.area.Path); err != nil || p.Pos != last || p.SnapshotAt != first {
		t.Errorf("progress: got %d with a snapshot of %d, %v; want %d with that of before, %d", p.Pos, p.SnapshotAt, err, last, first)
	}
	s.r.snapTook = time.Millisecond
	if err := s.r.leave(t.Context()); err != nil {
		t.Fatalf("leave with time: got %v, want nil", err)
	}
	s.wantFault(last)
}
