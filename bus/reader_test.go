package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"andon/bus"
	"andon/plant"
)

func TestStreamHoldsTelemetryCommandsTicksAndDerivedPoints(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b, area := s.open(t), s.area("packing")
		began := time.Now().Add(-time.Second)
		batch := s.counts("packing/lineA/A1/total", 7, 1)
		batch.Contacts = []plant.Contact{{Source: "packing-opcua", Time: 70}}
		put(t, b, batch)
		cmd := plant.Command{ID: "c1", Verb: plant.VerbAlarmAck, Target: "alarm-1", User: "anna", Comment: "on my way", Time: 80}
		pos, err := b.Command(t.Context(), area, cmd)
		if pos != 2 || err != nil {
			t.Errorf("got position %d, %v for the command, want 2", pos, err)
		}
		if err := b.Tick(t.Context(), area); err != nil {
			t.Error(err)
		}
		if err := b.Derived(t.Context(), area, "kpi-1", []byte("kpi v=1 1\nkpi v=2 2\n")); err != nil {
			t.Error(err)
		}

		got := readMessages(t, reader(t, b, area, 0), 4)
		for i, kind := range []plant.MessageKind{plant.KindTelemetry, plant.KindCommand, plant.KindTick, plant.KindDerived} {
			if got[i].Pos != uint64(i+1) || got[i].Kind != kind {
				t.Errorf("got %s, want position %d and kind %d", describe(got[i]), i+1, kind)
			}
			if at := got[i].Time.Time(); at.Before(began) || at.After(time.Now().Add(time.Second)) {
				t.Errorf("got stream time %v, want about now", at)
			}
		}
		checkCounts(t, got[0].Samples, 7, 1)
		if diff := cmp.Diff(batch.Contacts, got[0].Contacts); diff != "" {
			t.Errorf("contacts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(&cmd, got[1].Command); diff != "" {
			t.Errorf("command (-want +got):\n%s", diff)
		}
		if want := "kpi v=1 1\nkpi v=2 2\n"; string(got[3].Points) != want {
			t.Errorf("got points %q, want %q", got[3].Points, want)
		}
	})
}

func TestReaderGoesOnAfterItsPosition(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b, area := s.open(t), s.area("packing")
		for i := range 30 {
			put(t, b, s.counts("packing/lineA/A1/total", i, 1))
		}
		first := readMessages(t, reader(t, b, area, 0), 10)
		rest := reader(t, b, area, first[9].Pos)
		messages := readMessages(t, rest, 20)
		checkCounts(t, samplesOf(messages), 10, 20)
		if got, err := rest.Fetch(t.Context(), 10, 50*time.Millisecond); len(got) != 0 || err != nil {
			t.Errorf("got %d messages, %v at the end, want none", len(got), err)
		}
		put(t, b, s.counts("packing/lineA/A1/total", 30, 1))
		checkCounts(t, readSamples(t, rest, 1), 30, 1)
		if rest.Skipped() != 0 {
			t.Errorf("got %d skipped, want none", rest.Skipped())
		}
	})
}

func TestFetchTakesNoMoreThanAsked(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	for i := range 20 {
		put(t, b, s.counts("packing/lineA/A1/total", i, 1))
	}
	r := reader(t, b, s.area("packing"), 0)
	for total := 0; total < 20; {
		got, err := r.Fetch(patience(t), 3, time.Second)
		if len(got) > 3 || err != nil {
			t.Fatalf("got %d messages, %v, want at most 3", len(got), err)
		}
		total += len(got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Fetch(ctx, 3, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

func TestReaderGoesOnWithTheFirstMessageThatSizeLeft(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		s.config.MaxBytes = 1 << 20
		b, area := s.open(t), s.area("packing")
		for i := range 400 { // about 2 MB
			put(t, b, s.counts("packing/lineA/A1/total", i*1000, 1000))
		}
		last, err := b.Last(t.Context(), area)
		if err != nil {
			t.Fatal(err)
		}
		r := reader(t, b, area, 3)
		messages := read(t, r, func(m []plant.Message) bool { return len(m) > 0 && m[len(m)-1].Pos == last })
		first := messages[0].Pos
		if first <= 4 || r.Skipped() != first-4 {
			t.Errorf("began at %d and skipped %d, want the messages from 4 on", first, r.Skipped())
		}
		checkCounts(t, samplesOf(messages), int(first-1)*1000, int(last-first+1)*1000)
	})
}

func TestReaderGoesOnWithTheFirstMessageThatAgeLeft(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		s.config.MaxAge, s.config.DedupeWindow = time.Second, time.Second
		b, area := s.open(t), s.area("packing")
		for i := range 5 {
			put(t, b, s.counts("packing/lineA/A1/total", i, 1))
		}
		old := time.Now()
		eventually(t, "the messages are too old", func() bool { return time.Since(old) > 2500*time.Millisecond })
		put(t, b, s.counts("packing/lineA/A1/total", 5, 1))
		r := reader(t, b, area, 2)
		checkCounts(t, readSamples(t, r, 1), 5, 1)
		if r.Skipped() != 3 {
			t.Errorf("got %d skipped, want 3", r.Skipped())
		}
	})
}

func TestRepeatedIDsAreStoredOnce(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b, area := s.open(t), s.area("packing")
		for range 2 {
			if err := b.Derived(t.Context(), area, "A1@1000", []byte("stop v=1 1")); err != nil {
				t.Fatal(err)
			}
			pos, err := b.Command(t.Context(), area, plant.Command{ID: "A1@1000"})
			if pos != 2 || err != nil {
				t.Fatalf("got position %d, %v for the command, want 2", pos, err)
			}
		}
		if last, err := b.Last(t.Context(), area); last != 2 || err != nil {
			t.Errorf("got last position %d, %v, want 2", last, err)
		}
	})
}

func TestManyDerivedPointsAreSplitAtLineEnds(t *testing.T) {
	s := embedded(t)
	b, area := s.open(t), s.area("packing")
	var lines bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&lines, "production,equipment=A1 total=%di %d\n", i, i)
	}
	for range 2 { // the second time every part is a repeat
		if err := b.Derived(t.Context(), area, "big", lines.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	var got []byte
	read(t, reader(t, b, area, 0), func(m []plant.Message) bool {
		got = got[:0]
		for _, part := range m {
			if !bytes.HasSuffix(part.Points, []byte("\n")) || len(part.Points) > 256<<10 {
				t.Fatalf("got a part of %d bytes, want whole lines of at most 256 KiB", len(part.Points))
			}
			got = append(got, part.Points...)
		}
		return len(got) >= lines.Len()
	})
	if !bytes.Equal(got, lines.Bytes()) {
		t.Errorf("got %d bytes of lines, want the same %d", len(got), lines.Len())
	}
	if _, err := b.Command(t.Context(), area, plant.Command{Comment: strings.Repeat("x", 300<<10)}); err == nil {
		t.Error("got no error for a command of 300 KiB")
	}
}

func TestADerivedLineThatIsTooLongKeepsNoOtherBack(t *testing.T) {
	s := embedded(t)
	b, area := s.open(t), s.area("packing")
	long := strings.Repeat("x", 300<<10)
	err := b.Derived(t.Context(), area, "long", []byte("kpi v=1 1\n"+long+"\nkpi v=2 2\n"+long))
	if !errors.Is(err, bus.ErrTooLong) {
		t.Errorf("a line of 300 KiB: got %v, want ErrTooLong", err)
	}
	got := ""
	read(t, reader(t, b, area, 0), func(m []plant.Message) bool {
		got = ""
		for _, part := range m {
			got += string(part.Points)
		}
		return strings.HasSuffix(got, "kpi v=2 2\n")
	})
	if want := "kpi v=1 1\nkpi v=2 2\n"; got != want {
		t.Errorf("got %.100q, want %q", got, want)
	}
}

// client connects to the external NATS without the bus.
func client(t *testing.T, s *site) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(s.config.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestMessageThatCannotBeReadDoesNotStopThePlant(t *testing.T) {
	s := external(t)
	b, area := s.open(t), s.area("packing")
	js := client(t, s)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 1))
	for subject, junk := range map[string]string{"telemetry": "\x22\xff junk", "command": "{"} {
		if _, err := js.Publish(t.Context(), subject+".northfield.packing", []byte(junk)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, b, s.counts("packing/lineA/A1/total", 1, 1))
	r := reader(t, b, area, 0)
	messages := readMessages(t, r, 2)
	checkCounts(t, samplesOf(messages), 0, 2)
	if messages[1].Pos != 4 || r.Skipped() != 0 {
		t.Errorf("got position %d and %d skipped, want 4 and none", messages[1].Pos, r.Skipped())
	}
}

func TestReaderBeginsAgainWhenTheStreamWasMadeAnew(t *testing.T) {
	s := external(t)
	b, area := s.open(t), s.area("packing")
	js := client(t, s)
	for i := range 3 {
		put(t, b, s.counts("packing/lineA/A1/total", i, 1))
	}
	r := reader(t, b, area, 0)
	readMessages(t, r, 3)
	if err := js.DeleteStream(t.Context(), "andon+northfield+packing"); err != nil {
		t.Fatal(err)
	}
	for i := range 5 { // more than before, and the bus makes the stream again
		put(t, b, s.counts("packing/lineA/A1/total", i, 1))
	}
	checkCounts(t, readSamples(t, r, 5), 0, 5)

	late := reader(t, b, area, 99) // a position of the old stream
	checkCounts(t, readSamples(t, late, 5), 0, 5)
	if late.Skipped() != 0 {
		t.Errorf("got %d skipped, want none", late.Skipped())
	}
}

func TestPositionsOutliveTheProcess(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b := s.open(t)
		if got, err := b.LoadPosition(t.Context(), "reader"); got != 0 || err != nil {
			t.Errorf("got %d, %v before any was saved, want 0", got, err)
		}
		for _, pos := range []uint64{7, 18446744073709551615} {
			if err := b.SavePosition(t.Context(), "reader", pos); err != nil {
				t.Fatal(err)
			}
		}
		closeBus(t, b)
		if got, err := s.open(t).LoadPosition(t.Context(), "reader"); got != 18446744073709551615 || err != nil {
			t.Errorf("got %d, %v, want 18446744073709551615", got, err)
		}
	})
}

func TestAreaOfAnotherSiteIsRefused(t *testing.T) {
	b := embedded(t).open(t)
	foreign := &plant.Area{Name: "packing", Path: "southfield/packing", Site: "southfield"}
	if _, err := b.Reader(t.Context(), foreign, 0); err == nil {
		t.Error("got a reader of another site")
	}
	if err := b.Tick(t.Context(), foreign); err == nil {
		t.Error("got no error for a tick of another site")
	}
}
