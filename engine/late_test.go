package engine

import (
	"testing"

	"andon/plant"
)

// A lateLog is a stream in which A1 fails at 08:05:30. A log of what was
// before may come at any time after 08:07:15.
type lateLog struct {
	*station
	msgs []plant.Message
}

func newLateLog(t *testing.T) *lateLog {
	s := newStation(t, "packing")
	end := at(5, 30)
	before := s.stopAt(s.produce(start, end-10e9), end)
	for t := end; t < at(7, 15); t += 10e9 {
		before = append(before, s.one("speed", plant.Float(0), t))
	}
	l := &lateLog{s, stream(before, nil, at(7, 15))}
	l.feed(l.msgs, 20)
	return l
}

// comes hands over samples that were on their way for long.
func (l *lateLog) comes(samples ...plant.Sample) {
	l.t.Helper()
	l.msgs = append(l.msgs, plant.Message{Pos: uint64(len(l.msgs) + 1), Time: at(7, 15), Kind: plant.KindTelemetry, Samples: samples})
	l.feed(l.msgs, 20)
}

// wantStates checks what a database shows of A1 by now.
func (l *lateLog) wantStates(want map[plant.Instant]string) {
	l.t.Helper()
	got := points(l.t, l.derived())[minutesOf("packing", "lineA", "A1")]
	for when, state := range want {
		if got[when]["state"] != state {
			l.t.Errorf("state at %s: got %v, want %s", when, got[when]["state"], state)
		}
	}
}

// The fault of 08:05:30 was over within a second and came back at 08:06:20.
func (l *lateLog) faultMoves() {
	l.comes(l.one("state", plant.Int(6), at(5, 31)), l.one("state", plant.Int(9), at(6, 20)))
}

func TestALateStateThatMovesAFaultTakesItsPointBack(t *testing.T) {
	l := newLateLog(t)
	l.wantStates(map[plant.Instant]string{at(5, 30): "fault"})
	l.faultMoves()
	l.wantStates(map[plant.Instant]string{at(5, 30): "slow", at(6, 0): "slow", at(6, 20): "fault"})
}

func TestAPointTakenBackFollowsTheNextLateLogToo(t *testing.T) {
	l := newLateLog(t)
	l.faultMoves()
	l.comes(l.one("state", plant.Int(9), at(5, 10)))
	l.wantStates(map[plant.Instant]string{at(5, 10): "fault", at(5, 30): "fault"})
}

func TestAPointIsTakenBackAfterARestartToo(t *testing.T) {
	l := newLateLog(t)
	l.commit(true)
	l.restart()
	l.faultMoves()
	l.wantStates(map[plant.Instant]string{at(5, 30): "slow", at(6, 0): "slow", at(6, 20): "fault"})
}

func TestAPointOfAProcessThatDiedIsTakenBack(t *testing.T) {
	s := newStation(t, "packing")
	end := at(5, 30)
	samples := s.stopAt(s.produce(start, end-10e9), end)
	for t := end; t < at(5, 55); t += 10e9 {
		samples = append(samples, s.one("speed", plant.Float(0), t))
	}
	l := &lateLog{s, stream(samples, nil, at(5, 55))}
	l.feed(l.msgs[:before(l.msgs, at(5, 0))], 20)
	l.commit(true) // a snapshot, after which the fault comes
	l.feed(l.msgs, 20)
	l.restart()
	if int(l.r.pos) == len(l.msgs) {
		t.Fatal("the engine resumes after the fault")
	}
	l.wantStates(map[plant.Instant]string{at(5, 30): "fault"})
	// The log comes before the engine has written anything again.
	l.msgs = append(l.msgs, plant.Message{Pos: uint64(len(l.msgs) + 1), Time: at(5, 55), Kind: plant.KindTelemetry,
		Samples: []plant.Sample{l.one("state", plant.Int(6), at(5, 31)), l.one("state", plant.Int(9), at(5, 50))}})
	l.feed(l.msgs, 1000)
	l.wantStates(map[plant.Instant]string{at(5, 30): "slow", at(5, 50): "fault"})
}
