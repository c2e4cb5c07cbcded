package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/store"

	"github.com/google/go-cmp/cmp"
)

const a1 = "northfield/packing/lineA/A1"

var start = plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func commit(t *testing.T, s *store.Store, c store.Commit) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func minute(n int) plant.Instant { return start.Add(time.Duration(n) * time.Minute) }

func seg(from, to int, state string) store.Segment {
	return store.Segment{Start: minute(from), End: minute(to), State: state, Body: []byte(`{}`)}
}

func TestRecordsSurviveReopeningWithTheirPosition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder", "andon.db")
	s := open(t, path)
	stop := store.Stop{ID: "s1", Equipment: a1, Start: minute(18), State: "fault", Category: "fault", Body: []byte(`{"reason":"E-204"}`)}
	commit(t, s, store.Commit{Area: "packing", Pos: 7, Time: minute(20), Stops: []store.Stop{stop}, Snapshot: []byte("snap")})
	commit(t, s, store.Commit{Area: "packing", Pos: 9, Time: minute(21)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	got, err := s.Progress(t.Context(), "packing")
	want := store.Progress{Pos: 9, Time: minute(21), SnapshotAt: 7, Snapshot: []byte("snap")}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("progress (-want +got): %v\n%s", err, diff)
	}
	stops, err := s.Stops(t.Context(), store.StopFilter{Open: true, Equipment: "northfield/packing/lineA"})
	if diff := cmp.Diff([]store.Stop{stop}, stops); err != nil || diff != "" {
		t.Errorf("open stops (-want +got): %v\n%s", err, diff)
	}
	if stops, _ := s.Stops(t.Context(), store.StopFilter{Equipment: "northfield/packing/line"}); len(stops) != 0 {
		t.Errorf("stops of a line whose name is a prefix: got %d, want none", len(stops))
	}
}

func TestLateDataReplacesTheFactsFromItsTimeOn(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	commit(t, s, store.Commit{Area: "packing", Pos: 1, Rewrites: []store.Rewrite{{Equipment: a1, From: minute(0), CountsFrom: minute(0),
		Segments: []store.Segment{seg(0, 10, "run"), seg(10, 20, "unknown")},
		Counts:   []store.Count{{Start: minute(0), Part: "P500", Body: []byte("1")}, {Start: minute(9), Part: "P500", Body: []byte("2")}}}}})
	commit(t, s, store.Commit{Area: "packing", Pos: 2, Rewrites: []store.Rewrite{{Equipment: a1, From: minute(10), CountsFrom: minute(5),
		Segments: []store.Segment{seg(10, 12, "stopped"), {Start: minute(12), State: "run", Body: []byte("{}")}}}}})
	got, err := s.Segments(t.Context(), a1, plant.Interval{From: minute(11), To: minute(13)})
	want := []store.Segment{seg(10, 12, "stopped"), {Start: minute(12), State: "run", Body: []byte("{}")}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("segments in the window (-want +got): %v\n%s", err, diff)
	}
	counts, err := s.Counts(t.Context(), a1, plant.Interval{From: minute(0), To: minute(60)})
	if err != nil || len(counts) != 1 || counts[0].Start != minute(0) {
		t.Errorf("counts: got %v, %v; want the first minute's alone", counts, err)
	}
	if open, _ := s.Segments(t.Context(), a1, plant.Interval{From: minute(20), To: minute(30)}); len(open) != 1 {
		t.Errorf("segments while the last one lasts: got %v, want that one", open)
	}
}

func TestAMessageAlreadySentIsNotQueuedAgain(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	c := store.Commit{Area: "packing", Pos: 1, Messages: []store.Message{
		{ID: "m1", Contact: "anna", Alarm: "x", Created: minute(1), Body: []byte(`{"alarm":"x"}`)},
		{ID: "m2", Contact: "anna", Alarm: "y", Created: minute(1), Body: []byte(`{"alarm":"y"}`)}}}
	commit(t, s, c)
	now := minute(2).Time()
	due, err := s.Due(t.Context(), now, 10)
	if err != nil || len(due) != 1 || due[0].ID != "m1" {
		t.Fatalf("due: got %v, %v; want anna's oldest, m1", due, err)
	}
	sent := due[0]
	sent.State, sent.Attempts, sent.DoneAt = store.Sent, 1, minute(2)
	if err := s.Mark(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	commit(t, s, c)
	due, err = s.Due(t.Context(), now, 10)
	if err != nil || len(due) != 1 || due[0].ID != "m2" {
		t.Errorf("due after the commit came twice: got %v, %v; want m2 alone", due, err)
	}
	about, err := s.Deliveries(t.Context(), "x", 10)
	if err != nil || len(about) != 1 || about[0].State != store.Sent {
		t.Errorf("deliveries about alarm x: got %v, %v; want one, sent", about, err)
	}
	if err := s.Mark(t.Context(), store.Delivery{ID: "nobody"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("mark of an unknown message: got %v, want ErrNotFound", err)
	}
}

func TestAMessageIsDueWhateverTheClockWasWhenItArose(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	commit(t, s, store.Commit{Area: "packing", Pos: 1, Messages: []store.Message{
		{ID: "m1", Contact: "anna", Alarm: "x", Created: minute(60), Body: []byte("{}")},
		{ID: "m2", Contact: "ben", Alarm: "x", Created: minute(60), Body: []byte("{}")}}})
	now := minute(2).Time() // the clock was an hour ahead
	due, err := s.Due(t.Context(), now, 10)
	if err != nil || len(due) != 2 {
		t.Fatalf("due: got %v, %v; want both", due, err)
	}
	wait, far := due[0], due[1]
	wait.Attempts, wait.NextAt = 1, minute(3)
	far.Attempts, far.NextAt = 1, minute(60*3)
	for _, d := range []store.Delivery{wait, far} {
		if err := s.Mark(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if due, err := s.Due(t.Context(), now, 10); err != nil || len(due) != 1 || due[0].ID != "m2" {
		t.Errorf("due after an attempt: got %v, %v; want m2, whose next one is three hours away", due, err)
	}
}

func TestAlarmsAreFoundByStateTimeAndPlace(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	open1 := store.Alarm{ID: "x", Area: "packing", Equipment: a1, Rule: "hot", Class: "maintenance", Priority: "high", State: "unacknowledged", Open: true, Raised: minute(3), Body: []byte("{}")}
	done := store.Alarm{ID: "y", Area: "packing", Equipment: a1, Rule: "hot", Class: "maintenance", Priority: "high", State: "normal", Raised: minute(1), Body: []byte("{}")}
	commit(t, s, store.Commit{Area: "packing", Pos: 1, Alarms: []store.Alarm{open1, done},
		Transitions: []store.Transition{{ID: "x1", Alarm: "x", Time: minute(3), Body: []byte("{}")}}})
	got, err := s.Alarms(t.Context(), store.AlarmFilter{Open: true, Class: "maintenance", Equipment: "northfield"})
	if diff := cmp.Diff([]store.Alarm{open1}, got); err != nil || diff != "" {
		t.Errorf("open alarms (-want +got): %v\n%s", err, diff)
	}
	if _, err := s.Alarm(t.Context(), "z"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown alarm: got %v, want ErrNotFound", err)
	}
	if tr, err := s.Transitions(t.Context(), "x"); err != nil || len(tr) != 1 {
		t.Errorf("transitions: got %v, %v; want one", tr, err)
	}
}

func TestADatabaseOfANewerAndonIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "andon.db")
	s := open(t, path)
	s.Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := store.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("open: got %v, want an error that names the newer version", err)
	}
}
