package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"andon/store"
)

func TestRecordsAreHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "andon.db")
	first, err := store.HoldRecords(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.HoldRecords(t.Context(), path); !errors.Is(err, store.ErrHeld) {
		t.Errorf("second: got %v, want ErrHeld", err)
	}
	open(t, path) // the one who holds them writes them, and everybody reads
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := store.HoldRecords(t.Context(), path)
	if err != nil {
		t.Fatalf("once they are free: got %v, want them", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestChangesOfOneCauseAreOneRowAndOneThatChangedAgainStays(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	late := func(from, at int) store.Dirty {
		return store.Dirty{Kind: store.DirtyFacts, Equipment: a1, Why: "late samples", Start: minute(from), End: minute(60), First: minute(at), Last: minute(at)}
	}
	commit(t, s, store.Commit{Area: "packing", Pos: 1, Dirty: []store.Dirty{late(30, 100)}})
	commit(t, s, store.Commit{Area: "packing", Pos: 2, Dirty: []store.Dirty{late(20, 101)}})
	read := func() []store.Dirty {
		all, err := s.DirtyTime(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	rows := read()
	if len(rows) != 1 || rows[0].Start != minute(20) || rows[0].First != minute(100) || rows[0].Last != minute(101) {
		t.Fatalf("changed time: got %+v, want one row of both", rows)
	}
	commit(t, s, store.Commit{Area: "packing", Pos: 3, Dirty: []store.Dirty{late(20, 101)}})
	if err := s.Revise(t.Context(), store.Revised{Done: rows}); err != nil {
		t.Fatal(err)
	}
	if rows = read(); len(rows) != 1 {
		t.Fatalf("changed time that changed again: got %+v, want it still there", rows)
	}
	if err := s.Revise(t.Context(), store.Revised{Done: rows}); err != nil {
		t.Fatal(err)
	}
	if rows = read(); len(rows) != 0 {
		t.Errorf("changed time that was looked at: got %+v, want none", rows)
	}
}
