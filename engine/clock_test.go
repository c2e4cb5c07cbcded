package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production/productiontest"
	"andon/store"
)

// A clockStep is a stream whose clock is put right at 08:05, from where on
// times are as written. A1 runs from 08:00 and fails at 08:06.
type clockStep struct {
	name    string
	wrong   time.Duration // by how much the clock was ahead before
	sources bool          // so were the sources' clocks
	restart int           // message at which andon is started again, 0 for none
	killed  bool          // without a snapshot of its end
}

func (c clockStep) messages(s *station) (msgs []plant.Message, right int) {
	end := at(6, 0)
	samples := s.stopAt(s.produce(start, end-10e9), end)
	for t := end; t <= at(8, 0); t += 10e9 {
		samples = append(samples, s.one("speed", plant.Float(0), t))
	}
	msgs = stream(samples, nil, at(8, 0))
	right = before(msgs, at(5, 0))
	for i := range msgs[:right] {
		m := &msgs[i]
		m.Time = m.Time.Add(c.wrong)
		for j := range m.Samples {
			if c.sources {
				m.Samples[j].Time = m.Samples[j].Time.Add(c.wrong)
			}
		}
	}
	return msgs, right
}

// lives takes the stream piece by piece and checks that A1 is not without data
// for longer than stale_after once the clock is right.
func (c clockStep) lives(s *station, msgs []plant.Message, right int) {
	s.t.Helper()
	dark, restarted := 0, false
	for i := 0; i < len(msgs); i++ {
		if i == c.restart && i > 0 && !restarted {
			if !c.killed {
				s.commit(true)
			}
			s.restart()
			i, restarted = int(s.r.pos), true
		}
		s.r.take(msgs[i : i+1])
		if i%7 == 0 {
			s.commit(false)
		}
		for _, l := range s.r.core.prod.Live(s.r.core.now) {
			if l.Equipment.Path != productiontest.A1 || l.Line != nil || msgs[i].Kind != plant.KindTick {
				continue
			}
			if dark++; l.Known {
				dark = 0
			}
			if dark > 15 && i > right+2*15 {
				s.t.Fatalf("A1 at %s: without data for %d s, want at most stale_after", msgs[i].Time, dark)
			}
		}
	}
	s.commit(true)
}

func (c clockStep) check(s *station) {
	ctx := s.t.Context()
	found, err := s.store.Alarms(ctx, store.AlarmFilter{Equipment: productiontest.A1, Open: true})
	if err != nil || len(found) != 1 || found[0].Rule != "fault" {
		s.t.Fatalf("alarms of A1: got %v, %v; want the fault", found, err)
	}
	told, err := s.store.Deliveries(ctx, found[0].ID, 0)
	if err != nil || len(told) != 2 {
		s.t.Fatalf("told: got %v, %v; want Anna at once and Ben after two minutes", told, err)
	}
	for i, want := range []plant.Instant{at(8, 0), at(6, 0)} { // latest first
		if late := told[i].Created.Sub(want); late < 0 || late > 5*time.Second {
			s.t.Errorf("%s: told at %s, want %s", told[i].Contact, told[i].Created, want)
		}
	}
	if due, err := s.store.Due(ctx, at(8, 0).Time(), 10); err != nil || len(due) != 2 {
		s.t.Errorf("due when the clock is right: got %d messages, %v; want that for each of both", len(due), err)
	}
	s.wantNoGaps(found[0].Raised)
}

// wantNoGaps checks that the states of A1 follow each other and that the last
// is the fault of a time.
func (s *station) wantNoGaps(fault plant.Instant) {
	s.t.Helper()
	segments, err := s.store.Segments(s.t.Context(), productiontest.A1, plant.Interval{From: 1, To: 1<<63 - 1})
	if err != nil || len(segments) == 0 {
		s.t.Fatalf("states: got %v, %v", segments, err)
	}
	last := segments[len(segments)-1]
	for i, x := range segments[1:] {
		if segments[i].End != x.Start {
			s.t.Errorf("states: %s ends at %s and %s begins at %s", segments[i].State, segments[i].End, x.State, x.Start)
		}
	}
	if last.State != "fault" || last.Start != fault || last.End != 0 || fault != at(6, 0) {
		s.t.Errorf("last state: got %s from %s to %s, want the fault that lasts since 08:06", last.State, last.Start, last.End)
	}
}

func TestAClockPutRightHoldsNothingUp(t *testing.T) {
	t.Parallel()
	var all []clockStep
	for name, wrong := range map[string]time.Duration{"an hour back": time.Hour, "an hour forward": -time.Hour, "ten seconds back": 10 * time.Second,
		"a day back": 24 * time.Hour, "a year back": 365 * 24 * time.Hour, "from 1970": -56 * 365 * 24 * time.Hour} {
		for _, sources := range []bool{true, false} {
			if !sources && wrong < -10*time.Minute {
				continue // what comes from the future is not believed while the clock is wrong
			}
			c := clockStep{name: fmt.Sprintf("%s, sources too: %v", name, sources), wrong: wrong, sources: sources}
			all = append(all, c)
			for _, at := range []int{340, 420} {
				c.restart, c.killed = at, at == 420
				all = append(all, c)
			}
		}
	}
	for _, c := range all {
		t.Run(fmt.Sprintf("%s, restart %d", c.name, c.restart), func(t *testing.T) {
			s := newStation(t, "packing")
			msgs, right := c.messages(s)
			c.lives(s, msgs, right)
			c.check(s)
		})
	}
}

func TestOneWrongStampMovesNothing(t *testing.T) {
	for _, kind := range []plant.MessageKind{plant.KindTick, plant.KindTelemetry} {
		s := newStation(t, "packing")
		c := clockStep{}
		msgs, right := c.messages(s)
		for i := before(msgs, at(6, 30)); ; i++ {
			if msgs[i].Kind == kind {
				msgs[i].Time = msgs[i].Time.Add(365 * 24 * time.Hour)
				break
			}
		}
		c.lives(s, msgs, right)
		c.check(s)
		if got := s.log.count("WARN clock was put back, stream time follows"); got != 0 {
			t.Errorf("stream time went a year ahead with one message")
		}
	}
}

func TestAMachineThatBootsInAnotherDecadeTakesNoRecordsWithIt(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.fault()
	s.feed(msgs, 20)
	rows := s.rows()
	for i := range 5 {
		s.goesOn([]plant.Message{{Pos: uint64(len(msgs) + i + 1), Time: plant.Instant(i+1) * 1e9, Kind: plant.KindTick}})
	}
	s.commit(true)
	if got := s.rows(); got != rows {
		t.Errorf("records after a boot in 1970:\n%s\nwant:\n%s", got, rows)
	}
}

func TestWhatWasRunningWhenTheClockIsPutBackGoesOn(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.fault() // at 08:01
	pos := uint64(len(msgs))
	for t := at(1, 6); t <= at(3, 10); t = t.Add(time.Second) {
		pos++
		m := plant.Message{Pos: pos, Time: t, Kind: plant.KindTick}
		if t > at(2, 0) {
			m.Time = t.Add(-time.Hour)
		}
		msgs = append(msgs, m)
	}
	s.goesOn(msgs)
	s.commit(true)
	var told []string
	for _, a := range s.r.core.book.Alarms() {
		if a.Rule == "fault" {
			told = append(told, a.Told...)
		}
	}
	if got := strings.Join(told, " "); got != "anna ben" {
		t.Errorf("told of the fault after two minutes: got %q, want anna and ben", got)
	}
}

func TestAnEngineFarFromTheClockIsNotHealthy(t *testing.T) {
	for by, want := range map[time.Duration]string{-time.Hour: "behind", time.Hour: "ahead", time.Second: ""} {
		s := newStation(t, "packing")
		p := &Plant{o: s.r.o, runners: []*runner{s.r}}
		s.r.take([]plant.Message{{Pos: 1, Time: plant.At(time.Now().Add(by)), Kind: plant.KindTick}})
		if err := p.Healthy(context.Background()); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("clock %s ahead: got %v, want %q", by, err, want)
		}
	}
}
