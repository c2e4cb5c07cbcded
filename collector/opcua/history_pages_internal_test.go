package opcua

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

func TestOfAnswersWithoutEndNothingIsLeftAtTheServer(t *testing.T) {
	noon := time.Now().Add(-time.Hour)
	h, points := newTestHistorian(t, noon)
	f := &filler{historian: h}
	m := &missing{point: points[0], looked: true, next: plant.At(noon), to: plant.At(noon.Add(time.Minute))}
	list := []*ongoing{{missing: m}}
	page := &ua.HistoryReadResult{ContinuationPoint: []byte{7}} // always the same one
	for n := 0; len(list) > 0; n++ {
		if n == 20 {
			t.Fatal("it goes on for ever")
		}
		list = f.advance(list, []*ua.HistoryReadResult{page}, m.to)
	}
	if !m.done || m.trouble == "" {
		t.Errorf("got done %t, trouble %q; want it given up", m.done, m.trouble)
	}
	if len(f.held) != 1 || string(f.held[0].continuation) != "\x07" {
		t.Errorf("got %d continuation points to release, want the last one", len(f.held))
	}
}

// Some servers answer with a part, say so, and have no continuation points.
func TestAPartWithoutContinuationIsFollowedByTheRest(t *testing.T) {
	noon := time.Now().Add(-time.Hour)
	h, points := newTestHistorian(t, noon)
	f := &filler{historian: h}
	m := &missing{point: points[0], looked: true, next: plant.At(noon), to: plant.At(noon.Add(time.Minute))}
	part := []*ua.HistoryReadResult{{StatusCode: ua.StatusGoodMoreData}}
	half := plant.At(noon.Add(30 * time.Second))
	f.advance([]*ongoing{{missing: m, newest: half}}, part, m.to)
	if m.done || m.next != half {
		t.Errorf("got done %t, next %v; want the rest from %v on", m.done, m.next, half)
	}
	for range historyTries {
		f.advance([]*ongoing{{missing: m, newest: half}}, part, m.to)
	}
	if !m.done || m.trouble == "" {
		t.Errorf("a part that is always the same: got done %t, trouble %q; want it given up", m.done, m.trouble)
	}
}
