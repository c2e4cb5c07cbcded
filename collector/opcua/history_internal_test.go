package opcua

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

// newTestHistorian has two points that had values, and heard of them at began.
func newTestHistorian(t *testing.T, began time.Time) (*historian, []*point) {
	t.Helper()
	var points []*point
	for i := range 2 {
		tag, err := plant.Detached(fmt.Sprintf("northfield/packing/lineA/A1/t%d", i))
		if err != nil {
			t.Fatal(err)
		}
		points = append(points, &point{tag: tag})
	}
	h := newHistorian(&Source{name: "packing", subscribers: []*subscriber{{points: points}}}, "")
	var s sightings
	for _, p := range points {
		s.note(p, plant.At(began))
	}
	s.settle(true)
	h.hear(began)
	return h, points
}

func TestManyOutagesAreBoundedAndNoneIsForgotten(t *testing.T) {
	began := time.Now()
	h, points := newTestHistorian(t, began)
	now := began
	for range 3 * maxHoles {
		h.open(points[:1])
		now = time.Now().Add(time.Hour)
		h.hear(now)
	}
	if len(h.holes) != maxHoles {
		t.Fatalf("got %d holes, want %d", len(h.holes), maxHoles)
	}
	first, last := h.holes[0], h.holes[maxHoles-1]
	if first.known.From != plant.At(began) || last.known.To != plant.At(now) {
		t.Errorf("got holes from %v to %v, want %v to %v", first.known.From, last.known.To, began, now)
	}
	for i, x := range h.holes[1:] {
		if x.known.From > h.holes[i].known.To {
			t.Errorf("nothing says what is missing between %v and %v", h.holes[i].known.To, x.known.From)
		}
	}
}

func TestTwoSessionsThatHearNothingAreOneOutage(t *testing.T) {
	began := time.Now()
	h, points := newTestHistorian(t, began)
	h.open(points[:1])
	h.open(points)
	if h.first() != nil {
		t.Error("got a hole that is over, want one that is open")
	}
	h.hear(time.Now().Add(time.Minute))
	x := h.first()
	if len(h.holes) != 1 || x == nil || len(x.missing) != 2 || x.known.From != plant.At(began) || x.cause != plant.GapOutage {
		t.Errorf("got %d holes, the first %+v; want one outage of two tags", len(h.holes), x)
	}
}

func TestValuesThatTheSinkDidNotTakeDoNotCount(t *testing.T) {
	_, points := newTestHistorian(t, time.Unix(1000, 0))
	var s sightings
	p := points[0]
	s.note(p, 2000e9)
	s.settle(false)
	if got := p.sight.last.load(); got != 1000e9 {
		t.Errorf("last value: got %v, want the one that was taken", got)
	}
	before := []plant.Instant{s.note(p, 1500e9), s.note(p, 1400e9), s.note(p, 1600e9)}
	s.settle(true)
	if want := []plant.Instant{1000e9, 1500e9, 1500e9}; !slices.Equal(before, want) || p.sight.last.load() != 1600e9 {
		t.Errorf("values before: got %v and the last %v, want %v and 1600 s", before, p.sight.last.load(), want)
	}
}

func TestWhatANoteSaysIsWhatTheNextProcessKnows(t *testing.T) {
	h, points := newTestHistorian(t, time.Now().Add(-time.Minute))
	h.file = t.TempDir() + "/opcua/history.json"
	h.enter(origin{})
	h.open(points)
	h.overflow(points[1], 5e9, 7e9)
	h.hear(time.Now())
	h.lose(points)
	h.save()

	again, _ := newTestHistorian(t, time.Unix(1, 0))
	again.heard = time.Time{}
	again.file = h.file
	again.enter(origin{})
	want, _ := json.Marshal(h.note())
	if got, err := json.Marshal(again.note()); err != nil || string(got) != string(want) {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if again.first() == nil || len(again.holes) != 3 {
		t.Errorf("got %d holes, want three, one of them over", len(again.holes))
	}
}

func TestThePaceOfReadingIsBounded(t *testing.T) {
	p := pace{perSecond: 1000}
	began := time.Now()
	for range 5 {
		if !p.wait(t.Context(), 20) {
			t.Fatal("the test ended")
		}
	}
	if got := time.Since(began); got < 100*time.Millisecond {
		t.Errorf("100 values at 1,000 a second took %v, want 100 ms at least", got)
	}
}

func FuzzHistoryData(f *testing.F) {
	good, err := ua.Encode(&ua.HistoryData{DataValues: []*ua.DataValue{
		{EncodingMask: ua.DataValueValue | ua.DataValueSourceTimestamp, Value: ua.MustVariant(int32(7)), SourceTimestamp: time.Unix(1, 0)},
		{EncodingMask: ua.DataValueStatusCode, Status: ua.StatusBadNoData},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{0xff, 0xff, 0xff, 0x7f})
	f.Add([]byte{2, 0, 0, 0, 1, 0x8c, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := new(wire.HistoryData)
		if _, err := d.Decode(b); err != nil {
			return
		}
		values, err := wire.HistoryValues(&ua.ExtensionObject{Value: d})
		if err != nil || len(values) != d.N || d.N > len(b) {
			t.Fatalf("%d bytes gave %d values of %d: %v", len(b), len(values), d.N, err)
		}
	})
}

func TestNotingWhatCameCostsNoMemory(t *testing.T) {
	points := make([]*point, 1000)
	for i := range points {
		points[i] = &point{}
	}
	var s sightings
	now := plant.Instant(1e18)
	run := func() {
		for i := range 5 * len(points) {
			now++
			s.note(points[i%len(points)], now)
		}
		s.settle(true)
	}
	run()
	if got := testing.AllocsPerRun(20, run); got > 0 {
		t.Errorf("a batch of 5,000 values allocates %v times, want 0", got)
	}
}
