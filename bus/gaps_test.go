package bus_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/bus"
	"andon/plant"
)

func TestGapsAndKnownTimesGoToTheirAreaAfterTheSamples(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	hour := plant.Interval{From: 5, To: 3600e9}
	gaps := []plant.Gap{
		{Area: "northfield/packing", Source: "packing-opcua", Interval: hour, Cause: plant.GapOutage, Tags: 3},
		{Area: "northfield/moulding", Source: "mqtt", Interval: hour, Cause: plant.GapOverflow, Tags: 1},
		{Area: "southfield/packing", Source: "mqtt", Interval: hour, Cause: plant.GapOutage, Tags: 1},
	}
	known := []plant.Known{{Equipment: "northfield/packing/lineA/A1", Interval: hour}, {Equipment: "northfield/packing/lineA/A77", Interval: hour}}
	near := reader(t, b, s.area("packing"), 0) // gets what was put, later ones decode it
	batch := s.counts("packing/lineA/A1/total", 0, 12_000)
	batch.Gaps, batch.Known, batch.Backfilled = gaps, known, true
	put(t, b, batch)

	for _, in := range []*bus.Reader{near, reader(t, b, s.area("packing"), 0)} {
		messages := read(t, in, func(m []plant.Message) bool { return len(samplesOf(m)) >= 12_000 && len(m[len(m)-1].Known) > 0 })
		checkCounts(t, samplesOf(messages), 0, 12_000)
		for i, m := range messages {
			if !m.Backfilled {
				t.Errorf("message %d of %d: got samples of the present, want them marked", i+1, len(messages))
			}
			if last := i == len(messages)-1; !last && len(m.Gaps)+len(m.Known) > 0 {
				t.Errorf("message %d of %d has gaps or known times, want them after all samples", i+1, len(messages))
			}
		}
		last := messages[len(messages)-1]
		if diff := cmp.Diff(gaps[:1], last.Gaps); diff != "" {
			t.Errorf("gaps of packing (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(known[:1], last.Known); diff != "" {
			t.Errorf("known times of packing (-want +got):\n%s", diff)
		}
	}
	moulding := readMessages(t, reader(t, b, s.area("moulding"), 0), 1)[0]
	if diff := cmp.Diff(gaps[1:2], moulding.Gaps); diff != "" {
		t.Errorf("gaps of moulding (-want +got):\n%s", diff)
	}
}

func TestThePastAndThePresentShareNoMessage(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		const puts = 30
		b := s.open(t)
		near := reader(t, b, s.area("packing"), 0)
		done := make(chan error, 2)
		for _, past := range []bool{false, true} {
			path := map[bool]string{false: "packing/lineA/A1/total", true: "packing/lineA/A2/total"}[past]
			go func() {
				var err error
				for i := 0; i < puts && err == nil; i++ {
					batch := s.counts(path, i*7, 7)
					batch.Backfilled = past
					err = b.Put(t.Context(), batch)
				}
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		for _, in := range []*bus.Reader{near, reader(t, b, s.area("packing"), 0)} {
			messages := read(t, in, func(m []plant.Message) bool { return len(samplesOf(m)) >= 2*puts*7 })
			var live, past []plant.Sample
			for _, m := range messages {
				if m.Backfilled {
					past = append(past, m.Samples...)
				} else {
					live = append(live, m.Samples...)
				}
			}
			checkCounts(t, ofTag(live, "packing/lineA/A1/total"), 0, puts*7)
			checkCounts(t, ofTag(past, "packing/lineA/A2/total"), 0, puts*7)
		}
	})
}
