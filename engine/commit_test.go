package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/store"
)

// fault is a minute of run, the fault of A1 after it and what it leads to.
func (s *station) fault() []plant.Message {
	end := at(1, 0)
	return stream(s.stopAt(s.produce(start, end-10e9), end), nil, at(1, 5))
}

// wantFault checks that the fault is in the records with all that belongs to
// it, once.
func (s *station) wantFault(pos uint64) {
	s.t.Helper()
	ctx, a1 := s.t.Context(), s.tree.Equipment()[0].Path
	alarms, err := s.store.Alarms(ctx, store.AlarmFilter{Equipment: a1})
	if err != nil || len(alarms) != 1 || alarms[0].Rule != "fault" {
		s.t.Fatalf("alarms: got %v, %v; want the fault", alarms, err)
	}
	if got, err := s.store.Deliveries(ctx, alarms[0].ID, 0); err != nil || len(got) != 1 || got[0].Contact != "anna" {
		s.t.Errorf("messages: got %v, %v; want one for Anna", got, err)
	}
	if got, err := s.store.Transitions(ctx, alarms[0].ID); err != nil || len(got) != 1 {
		s.t.Errorf("transitions: got %v, %v; want one", got, err)
	}
	if got, err := s.store.Stops(ctx, store.StopFilter{}); err != nil || len(got) != 1 || got[0].Start != at(1, 0) {
		s.t.Errorf("stops: got %v, %v; want one from 08:01", got, err)
	}
	hour := plant.Interval{From: start, To: at(60, 0)}
	if got, err := s.store.Segments(ctx, a1, hour); err != nil || len(got) != 2 {
		s.t.Errorf("segments: got %v, %v; want run and fault", got, err)
	}
	if got, err := s.store.Counts(ctx, a1, hour); err != nil || len(got) != 1 {
		s.t.Errorf("counts: got %v, %v; want one minute", got, err)
	}
	if got, err := s.store.Progress(ctx, s.area.Path); err != nil || got.Pos != pos || got.SnapshotAt != pos || len(got.Snapshot) == 0 {
		s.t.Errorf("progress: got %d with a snapshot of %d, %v; want both at %d", got.Pos, got.SnapshotAt, err, pos)
	}
}

func TestAStopInTheMiddleOfACommitLosesNothing(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.fault()
	s.r.take(msgs)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.r.commit(stopped, false); !errors.Is(err, context.Canceled) {
		t.Fatalf("commit while andon stops: got %v, want context.Canceled", err)
	}
	if rows := s.rows(); rows != "" {
		t.Fatalf("records of a commit that failed:\n%s", rows)
	}
	s.commit(true)
	s.wantFault(uint64(len(msgs)))
	rows, sent := s.rows(), len(s.derived())
	if sent != 1 {
		t.Errorf("messages with points: got %d, want 1", sent)
	}
	s.commit(true)
	if again := s.rows(); again != rows || len(s.derived()) != sent {
		t.Errorf("a commit of nothing changed the records:\n%s", again)
	}
}

func TestWhatComesWhileACommitWaitsIsWrittenAfterIt(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.fault()
	s.r.take(msgs[:65])
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.r.commit(stopped, true); err == nil {
		t.Fatal("commit while andon stops: got nil, want an error")
	}
	s.r.take(msgs[65:])
	s.commit(true)
	s.wantFault(uint64(len(msgs)))
}

func TestACommitIsTriedUntilTheRecordsTakeIt(t *testing.T) {
	s := newStation(t, "packing")
	s.exec(`CREATE TRIGGER full BEFORE INSERT ON progress BEGIN SELECT RAISE(FAIL, 'disk is full'); END`)
	msgs := s.fault()
	s.r.take(msgs)
	done := make(chan error, 1)
	go func() { done <- s.r.commit(t.Context(), true) }()
	select {
	case said := <-s.log.said:
		if !strings.Contains(said, "records not written") {
			t.Errorf("log: got %q, want that records are not written", said)
		}
	case err := <-done:
		t.Fatalf("commit on a full disk: got %v, want it to wait", err)
	case <-time.After(10 * time.Second):
		t.Fatal("nobody says that the records are not written")
	}
	if rows := s.rows(); rows != "" {
		t.Errorf("a commit that failed left records:\n%s", rows)
	}
	s.exec(`DROP TRIGGER full`)
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("commit once there is room: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the commit does not arrive")
	}
	s.wantFault(uint64(len(msgs)))
	if s.log.count("INFO records are written again") != 1 || len(s.derived()) != 1 {
		t.Errorf("got %d messages with points and log %v; want one message and the word that all is well", len(s.derived()), s.log.lines)
	}
}

func TestAStopThatEndedIsClosedInThePointsAfterARestart(t *testing.T) {
	s := newStation(t, "packing")
	samples := s.stopAt(s.produce(start, at(0, 50)), at(1, 0))
	for t := at(1, 10); t <= at(1, 50); t += 10e9 {
		if t == at(1, 40) {
			samples = append(samples, s.one("state", plant.Int(6), t), s.one("stop_reason", plant.Int(0), t))
		}
		samples = append(samples, s.one("speed", plant.Float(3600), t))
	}
	msgs := stream(samples, nil, at(1, 55))
	half := 0
	for msgs[half].Time < at(1, 20) {
		half++
	}
	open := func() any {
		return points(t, s.derived())["stop,area=packing,equipment=A1,line=lineA,site=northfield"][at(1, 0)]["open"]
	}
	s.feed(msgs[:half], 10)
	s.r.take(msgs[half:])
	s.commit(false)
	if open() != false {
		t.Fatalf("stop before the restart: got open %v, want closed", open())
	}
	s.restart() // all since the first snapshot comes again, in larger pieces
	s.feed(msgs[:half], half)
	s.r.take(msgs[half:])
	s.commit(false)
	if open() != false {
		t.Errorf("stop after the restart: got open %v, want closed", open())
	}
}

func TestAPointThatNoMessageCanHoldKeepsNoRecordBack(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.fault()
	s.r.take(msgs)
	if err := s.r.prepare(true); err != nil {
		t.Fatal(err)
	}
	s.r.prepared.lines = append([]byte(strings.Repeat("x", 300<<10)+"\n"), s.r.prepared.lines...)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.r.finish(ctx); err != nil {
		t.Fatalf("commit: got %.200s", err)
	}
	s.wantFault(uint64(len(msgs)))
	if got := len(points(t, s.derived())); got == 0 {
		t.Error("the other points did not come")
	}
	if got := s.log.count("WARN derived points are too long for the stream, leaving them out"); got != 1 {
		t.Errorf("warnings about the point: got %d, want 1 of %v", got, s.log.lines)
	}
}
