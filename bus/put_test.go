package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/bus"
	"andon/plant"
)

func TestSamplesSurviveARestart(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b := s.open(t)
		reader(t, b, s.area("packing"), 0) // not drained
		for i := range 20 {
			put(t, b, s.counts("packing/lineA/A1/total", i*50, 50))
		}
		closeBus(t, b)

		got := readSamples(t, reader(t, s.open(t), s.area("packing"), 0), 1000)
		checkCounts(t, got, 0, 1000)
	})
}

func TestSourcesKeepTheirOrderWhenTheyPutAtOnce(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		const puts, size = 60, 7
		b := s.open(t)
		paths := []string{"packing/lineA/A1/total", "packing/lineA/A2/total", "packing/lineA/A3/total", "packing/lineA/A4/total"}
		var sources sync.WaitGroup
		for _, path := range paths {
			sources.Go(func() {
				for i := range puts {
					if err := b.Put(t.Context(), s.counts(path, i*size, size)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		sources.Wait()
		all := readSamples(t, reader(t, b, s.area("packing"), 0), len(paths)*puts*size)
		for _, path := range paths {
			own := ofTag(all, path)
			checkCounts(t, own, 0, puts*size)
		}
	})
}

func TestLargeBatchIsSplitAndWhollyStored(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b := s.open(t)
		put(t, b, s.counts("packing/lineA/A1/total", 0, 12_500))
		messages := read(t, reader(t, b, s.area("packing"), 0), func(m []plant.Message) bool { return len(samplesOf(m)) >= 12_500 })
		checkCounts(t, samplesOf(messages), 0, 12_500)
		for _, m := range messages {
			if len(m.Samples) > 5000 {
				t.Errorf("got a message of %d samples, want at most 5,000", len(m.Samples))
			}
		}
	})
}

func TestBatchOfSeveralAreasIsDividedAmongTheirStreams(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	var batch plant.Batch
	for i := range 10 {
		batch.Samples = append(batch.Samples, s.counts("packing/lineA/A3/total", i, 1).Samples...)
		batch.Samples = append(batch.Samples, s.counts("moulding/lineB/B2/total", i, 1).Samples...)
	}
	old, err := plant.Detached("northfield/moulding/lineB/B7/removed")
	if err != nil {
		t.Fatal(err)
	}
	batch.Samples = append(batch.Samples, plant.Sample{Tag: old, Value: plant.Uint(10)})
	put(t, b, batch)

	checkCounts(t, readSamples(t, reader(t, b, s.area("packing"), 0), 10), 0, 10)
	moulding := readSamples(t, reader(t, b, s.area("moulding"), 0), 11)
	checkCounts(t, moulding, 0, 11)
	if got := moulding[10].Tag; got.Path != old.Path || got.ID != -1 {
		t.Errorf("got tag %s with ID %d, want %s with ID -1", got.Path, got.ID, old.Path)
	}
}

func TestContactReachesEveryAreaThatTheSourceReads(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	contacts := []plant.Contact{{Source: "mqtt", Time: 5}, {Source: "packing-opcua", Time: 6}, {Source: "nobody", Time: 7}}
	put(t, b, plant.Batch{Contacts: contacts})

	got := readMessages(t, reader(t, b, s.area("packing"), 0), 1)[0].Contacts
	if diff := cmp.Diff(contacts[:2], got); diff != "" {
		t.Errorf("packing (-want +got):\n%s", diff)
	}
	got = readMessages(t, reader(t, b, s.area("moulding"), 0), 1)[0].Contacts
	if diff := cmp.Diff(contacts[:1], got); diff != "" {
		t.Errorf("moulding (-want +got):\n%s", diff)
	}
}

func TestEventsReachEveryAreaInTheirOrder(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	var events []plant.Event
	for i := range 2500 { // more than a message takes
		events = append(events, plant.Event{Kind: plant.EventCondition, Source: "packing-opcua", Condition: fmt.Sprintf("i=%d", i),
			Message: strings.Repeat("x", i), Severity: 500, Active: i%2 == 0, Time: plant.Instant(i), Received: plant.Instant(i + 1)})
	}
	near := reader(t, b, s.area("packing"), 0) // gets what was put, later ones decode it
	batch := s.counts("packing/lineA/A1/total", 0, 3)
	batch.Events = slices.Clone(events)
	put(t, b, batch)
	for _, in := range []*bus.Reader{near, reader(t, b, s.area("packing"), 0), reader(t, b, s.area("moulding"), 0)} {
		checkEvents(t, in, events)
	}
}

func checkEvents(t *testing.T, in *bus.Reader, want []plant.Event) {
	t.Helper()
	var got []plant.Event
	read(t, in, func(m []plant.Message) bool {
		got = nil
		for _, x := range m {
			got = append(got, x.Events...)
		}
		return len(got) >= len(want)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%.2000s", diff)
	}
}

func TestTagOutsideTheSiteIsRefusedBeforeAnythingIsStored(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	foreign, err := plant.Detached("southfield/packing/lineA/A1/total")
	if err != nil {
		t.Fatal(err)
	}
	batch := s.counts("packing/lineA/A1/total", 0, 1)
	batch.Samples = append(batch.Samples, plant.Sample{Tag: foreign})
	if err := b.Put(t.Context(), batch); err == nil {
		t.Error("got no error for a tag of another site")
	}
	if err := b.Put(t.Context(), plant.Batch{Samples: []plant.Sample{{}}}); err == nil {
		t.Error("got no error for a sample without a tag")
	}
	if last, err := b.Last(t.Context(), s.area("packing")); last != 0 || err != nil {
		t.Errorf("got last position %d, %v, want 0", last, err)
	}
}

func TestPutFailsWhenItsTimeIsOverOrTheBusIsClosed(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Put(over, s.counts("packing/lineA/A1/total", 0, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
	if err := b.Put(t.Context(), plant.Batch{}); err != nil {
		t.Errorf("got %v for an empty batch, want nil", err)
	}
	r := reader(t, b, s.area("packing"), 0)
	closeBus(t, b)

	area := s.area("packing")
	_, commandErr := b.Command(t.Context(), area, plant.Command{ID: "1"})
	_, fetchErr := r.Fetch(t.Context(), 1, time.Minute)
	for name, err := range map[string]error{
		"Put":     b.Put(t.Context(), s.counts("packing/lineA/A1/total", 0, 1)),
		"Tick":    b.Tick(t.Context(), area),
		"Derived": b.Derived(t.Context(), area, "x", []byte("kpi v=1")),
		"Command": commandErr,
		"Fetch":   fetchErr,
		"Healthy": b.Healthy(t.Context()),
	} {
		if !errors.Is(err, bus.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
}

func TestCloseWritesWhatWasTaken(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b := s.open(t)
		var puts sync.WaitGroup
		var mu sync.Mutex
		stored := 0
		for range 8 {
			puts.Go(func() {
				for b.Put(t.Context(), s.counts("packing/lineA/A1/total", 0, 200)) == nil {
					mu.Lock()
					stored += 200
					mu.Unlock()
				}
			})
		}
		readSamples(t, reader(t, b, s.area("packing"), 0), 5000)
		closeBus(t, b)
		puts.Wait()

		b = s.open(t)
		last, err := b.Last(t.Context(), s.area("packing"))
		if err != nil {
			t.Fatal(err)
		}
		all := read(t, reader(t, b, s.area("packing"), 0), func(m []plant.Message) bool {
			return len(m) > 0 && m[len(m)-1].Pos == last
		})
		if got := len(samplesOf(all)); got != stored {
			t.Errorf("got %d samples, want the %d that were acknowledged", got, stored)
		}
	})
}
