package engine

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/store"
)

// inPortions has the engine commit as that of a large area does while it is
// live, one machine in each portion.
func (s *station) inPortions() {
	s.r.large, s.r.portionOf, s.r.live = true, 1, func(plant.Instant) bool { return true }
}

// hand hands over the next n messages as run does; portions are left over.
func (s *station) hand(msgs []plant.Message, n int) {
	s.t.Helper()
	from := int(s.r.pos)
	if err := s.r.handleAndDraw(s.t.Context(), msgs[from:min(from+n, len(msgs))], 0); err != nil {
		s.t.Fatal(err)
	}
}

func TestALargeAreaHasTheRecordsAndPointsOfASmallOne(t *testing.T) {
	t.Parallel()
	whole, divided := newStation(t, "packing"), newStation(t, "packing")
	divided.inPortions()
	msgs := whole.hour()
	whole.feed(msgs, 1)
	left := 0
	for int(divided.r.pos) < len(msgs) {
		divided.hand(msgs, 1)
		if divided.r.divided != nil {
			left++
		}
	}
	divided.commit(false)
	if left < 300 {
		t.Errorf("portions were left over %d times in an hour, want them to be often", left)
	}
	if diff := cmp.Diff(whole.rows(), divided.rows()); diff != "" {
		t.Errorf("records (-whole +in portions):\n%s", diff)
	}
	if diff := cmp.Diff(points(t, whole.derived()), points(t, divided.derived())); diff != "" {
		t.Errorf("points (-whole +in portions):\n%s", diff)
	}
}

func TestAnEngineKilledBetweenPortionsComesToTheSameRecordsAndPoints(t *testing.T) {
	t.Parallel()
	whole, killed := newStation(t, "packing"), newStation(t, "packing")
	msgs := whole.hour()
	whole.feed(msgs, 100)
	kills := 0
	killed.inPortions()
	for reached := 0; int(killed.r.pos) < len(msgs); {
		killed.hand(msgs, 1)
		if at := int(killed.r.pos); killed.r.divided != nil && at > reached && at%7 == 0 {
			reached = at
			killed.restart()
			killed.inPortions()
			kills++
		}
	}
	killed.commit(false)
	if kills < 20 {
		t.Errorf("killed %d times between portions, want it often", kills)
	}
	if diff := cmp.Diff(whole.rows(), killed.rows()); diff != "" {
		t.Errorf("records (-whole +killed between portions):\n%s", diff)
	}
	if diff := cmp.Diff(points(t, whole.derived()), points(t, killed.derived())); diff != "" {
		t.Errorf("points (-whole +killed between portions):\n%s", diff)
	}
}

func TestAnAlarmDoesNotWaitForTheFactsOfALargeArea(t *testing.T) {
	s := newStation(t, "packing")
	s.inPortions()
	msgs := s.fault()
	s.hand(msgs, 1) // the first commit has the position
	for s.r.divided != nil {
		s.hand(msgs, 0)
	}
	woken := false
	s.r.o.Wake = func() { woken = true }
	for s.r.core.now < at(1, 0) || !woken && int(s.r.pos) < len(msgs) {
		woken = false
		s.hand(msgs, 1)
	}
	ctx := t.Context()
	alarms, err := s.store.Alarms(ctx, store.AlarmFilter{Equipment: s.tree.Equipment()[0].Path})
	if err != nil || !woken || len(alarms) != 1 {
		t.Fatalf("alarms: got %v, %v; want the fault", alarms, err)
	}
	if got, err := s.store.Deliveries(ctx, alarms[0].ID, 0); err != nil || len(got) != 1 {
		t.Errorf("messages: got %v, %v; want one", got, err)
	}
	p, err := s.store.Progress(ctx, s.area.Path)
	if err != nil || p.Pos != s.r.pos || p.Time >= s.r.core.now {
		t.Errorf("progress: got %d at %s, %v; want the alarms at %d and the facts before %s", p.Pos, p.Time, err, s.r.pos, s.r.core.now)
	}
}

func TestTheRecordsOfALargeAreaAreCompleteWhereRevisionsAreMade(t *testing.T) {
	s := newStation(t, "packing")
	s.inPortions()
	pos := uint64(0)
	hand := func(t plant.Instant, samples ...plant.Sample) { // and the tick of that second
		piece := []plant.Message{{Pos: pos + 1, Kind: plant.KindTelemetry, Time: t, Samples: samples}, {Pos: pos + 2, Kind: plant.KindTick, Time: t}}
		pos += 2
		if err := s.r.handleAndDraw(s.t.Context(), piece, 0); err != nil {
			s.t.Fatal(err)
		}
	}
	hand(start, s.one("state", plant.Int(6), start), s.one("total", plant.Uint(0), start))
	for i := 2; i <= 58; i += 2 {
		hand(at(0, i), s.one("total", plant.Uint(uint64(i)), at(0, i)))
		if err := s.r.finishAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	last := at(0, 59) - 1e8 // its tick is too early for a commit
	hand(last, s.one("total", plant.Uint(59), last))
	looked := 0
	s.r.look = func(ctx context.Context, _ patience) {
		looked++
		p, err := s.store.Progress(ctx, s.area.Path)
		if err != nil || p.Pos != s.r.pos {
			t.Errorf("revisions are made of the records up to %d, error %v, want %d", p.Pos, err, s.r.pos)
		}
	}
	hand(at(1, 0))
	if looked != 1 {
		t.Errorf("revisions were looked for %d times, want once", looked)
	}
}
