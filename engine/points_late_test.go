package engine

import (
	"bytes"
	"testing"
	"time"

	"andon/plant"
)

// backlog is a stream in which A1 runs for four hours, and what it said in the
// second of them comes only at their end, a minute's samples in a message, five
// messages a second.
func (s *station) backlog() (msgs []plant.Message, late plant.Interval) {
	late = plant.Interval{From: at(60, 0), To: at(120, 0)}
	end := at(240, 0)
	var live, kept []plant.Sample
	for _, x := range s.produce(start, end) {
		if late.Contains(x.Time) {
			kept = append(kept, x)
		} else {
			live = append(live, x)
		}
	}
	msgs = stream(live, nil, end)
	add := func(m plant.Message) { m.Pos = uint64(len(msgs) + 1); msgs = append(msgs, m) }
	now := end
	for n := 0; len(kept) > 0; n++ {
		if n%5 == 0 {
			now = now.Add(time.Second)
			add(plant.Message{Time: now, Kind: plant.KindTick})
		}
		k := min(6, len(kept))
		add(plant.Message{Time: now.Add(time.Duration(n%5) * 100 * time.Millisecond), Kind: plant.KindTelemetry, Samples: kept[:k]})
		kept = kept[k:]
	}
	for range 120 {
		now = now.Add(time.Second)
		add(plant.Message{Time: now, Kind: plant.KindTick})
	}
	return msgs, late
}

func TestMinutesThatABacklogChangesAreWrittenAboutOnceInAQuietTime(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs, late := s.backlog()
	live := before(msgs, at(240, 1))
	s.feed(msgs[:live], 3000)
	written := len(s.derived())
	s.feed(msgs, 1) // as live as can be
	lines, minutes := 0, 240
	series := []byte(minutesOf("packing", "lineA", "A1"))
	for _, m := range s.derived()[written:] {
		lines += bytes.Count(m, series)
	}
	// A minute has a point of its units and one of its state, and the backlog
	// lasts for two quiet times at the most.
	if most := 2*2*minutes + 100; lines > most {
		t.Errorf("points of A1 with a backlog of an hour: got %d, want no more than %d", lines, most)
	}
	got := points(t, s.derived())[minutesOf("packing", "lineA", "A1")]
	for m := late.From; m < late.To; m = m.Add(minute) {
		if got[m]["total"] != int64(60) || got[m]["inferred_s"] != 0. {
			t.Fatalf("minute %s of the backlog: got %v units and %v s inferred, want 60 and 0", m, got[m]["total"], got[m]["inferred_s"])
		}
	}
}

func TestPointsThatWaitComeWithASnapshotForARestartForgetsThem(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs, late := s.backlog()
	s.feed(msgs[:before(msgs, at(240, 1))], 3000)
	s.commit(true)
	s.feed(msgs[:before(msgs, at(240, 15))], 1) // the backlog has come, its quiet time is not over
	inferred := func() any {                    // that A1 ran was only concluded until it said so
		return points(t, s.derived())[minutesOf("packing", "lineA", "A1")][late.From.Add(30*minute)]["inferred_s"]
	}
	if got := inferred(); got != 60. {
		t.Fatalf("minute of the backlog while its points wait: got %v s inferred, want 60", got)
	}
	s.commit(true)
	if got := inferred(); got != 0. {
		t.Errorf("minute of the backlog after a snapshot: got %v s inferred, want 0", got)
	}
	s.restart()
	s.feed(msgs, 500)
	if got := inferred(); got != 0. {
		t.Errorf("minute of the backlog after a restart: got %v s inferred, want 0", got)
	}
}
