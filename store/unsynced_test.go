package store

import (
	"context"
	"path/filepath"
	"testing"
)

func TestOnlyWhatACommitGoesOnWithDoesNotWaitForTheDisk(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "andon.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	waits := func() (level int) { // 1 does not wait, 2 does
		t.Helper()
		if err := s.write.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&level); err != nil {
			t.Fatal(err)
		}
		return level
	}
	inside := 0
	if err := s.unsynced(t.Context(), func(w *writer) { w.err = w.tx.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&inside) }); err != nil {
		t.Fatal(err)
	}
	if after := waits(); inside != 1 || after != 2 {
		t.Errorf("synchronous: got %d inside and %d after, want 1 and 2", inside, after)
	}
	stopped, cancel := context.WithCancel(t.Context())
	if err := s.unsynced(stopped, func(w *writer) {
		w.exec(stopped, `INSERT INTO unpublished (area, lines) VALUES ('northfield/packing', 'x')`)
		cancel()
		w.exec(stopped, `INSERT INTO unpublished (area, lines) VALUES ('northfield/packing', 'y')`)
	}); err == nil {
		t.Error("a transaction in the middle of which andon stops: got nil, want an error")
	}
	if after := waits(); after != 2 {
		t.Errorf("synchronous after a stop in the middle: got %d, want 2", after)
	}
	if got, err := s.Unpublished(t.Context(), 10); err != nil || len(got) != 0 {
		t.Errorf("rows of it: got %v, %v; want none", got, err)
	}
}
