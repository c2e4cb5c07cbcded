package opcua

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"andon/plant"
)

func TestANoteThatIsWrittenTwiceAtOnceIsWhole(t *testing.T) {
	h, points := newTestHistorian(t, time.Now().Add(-time.Minute))
	h.file = t.TempDir() + "/history.json"
	var told bytes.Buffer
	h.source.log = slog.New(slog.NewTextHandler(&told, nil)) // which one at a time writes
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			for range 300 {
				if i == 0 {
					h.lose(points) // makes it longer
					h.save()
					h.drop(h.holes[0])
				}
				h.save()
			}
		})
	}
	for range 300 {
		text, err := os.ReadFile(h.file)
		if err == nil && !json.Valid(text) {
			t.Errorf("got %q, want a whole note", text)
			break
		}
	}
	wg.Wait()
	if text, err := os.ReadFile(h.file); err != nil || !json.Valid(text) {
		t.Errorf("at the end: got %q, %v, want a whole note", text, err)
	}
	if told.Len() > 0 {
		t.Errorf("got %s, want no trouble", told.String())
	}
}

// Holes are made one when there are too many: what is missing in the second is
// still to be read.
func TestOfHolesThatAreMadeOneAllIsRead(t *testing.T) {
	noon := time.Now().Add(-time.Hour)
	at := func(minute int) plant.Instant { return plant.At(noon.Add(time.Duration(minute) * time.Minute)) }
	for name, c := range map[string]struct{ first, second *hole }{
		"an outage and a lost notification": {&hole{cause: plant.GapOutage}, &hole{cause: plant.GapLostNotification}},
		"an overflow and a restart":         {&hole{cause: plant.GapOverflow}, &hole{cause: plant.GapServerRestart, server: noon.Add(25 * time.Minute)}},
		"an outage and a restart":           {&hole{cause: plant.GapOutage}, &hole{cause: plant.GapServerRestart, server: noon.Add(25 * time.Minute)}},
	} {
		h, points := newTestHistorian(t, noon)
		for range maxHoles - 1 {
			h.holes = append(h.holes, &hole{cause: plant.GapOutage, known: plant.Interval{From: at(0), To: at(1)}, of: map[*point]*missing{}})
		}
		c.first.known, c.second.known = plant.Interval{From: at(10), To: at(11)}, plant.Interval{From: at(20), To: at(30)}
		c.first.of, c.second.of = map[*point]*missing{}, map[*point]*missing{}
		c.first.add(points[0], at(9)).to = at(10)
		c.second.add(points[0], 0)
		h.holes = append(h.holes, c.first, c.second)
		h.mergeLocked()
		f := &filler{historian: h, session: &session{}}
		h.source.config.TimeWindow.Past = 24 * time.Hour
		x := h.holes[maxHoles-1]
		f.begin(x)
		if m := x.missing[0]; len(h.holes) != maxHoles || m.done || m.next > at(20) || m.to < at(30) {
			t.Errorf("%s: read from %v to %v, done %t; want up to the end of the second", name, m.next, m.to, m.done)
		}
		if c.second.cause != plant.GapServerRestart {
			continue
		}
		m := x.missing[0]
		m.looked, m.done = true, true
		m.point.tag.Role = plant.RoleState
		b := f.verdict(x)
		if len(b.Gaps) != 1 || b.Gaps[0].To < at(25) || len(b.Known) != 1 || b.Known[0].From < at(25) {
			t.Errorf("%s: got gaps %v and known %v, want nothing known until the server was back", name, b.Gaps, b.Known)
		}
	}
}

// What another server has of the time before it was started is not all.
func TestTheHistoryOfAServerBeginsWithItsStart(t *testing.T) {
	noon := time.Now().Add(-time.Hour)
	h, points := newTestHistorian(t, noon)
	h.source.config.TimeWindow.Past = 24 * time.Hour
	h.told = origin{"opc.tcp://one", noon.Add(-time.Hour)}
	h.enter(origin{"opc.tcp://two", noon.Add(20 * time.Minute)})
	h.open(points)
	h.hear(time.Now())
	x := h.first()
	f := &filler{historian: h, session: &session{started: h.present.Started}}
	f.begin(x)
	for _, m := range x.missing {
		m.looked, m.done = true, true
		m.point.tag.Role = plant.RoleState
	}
	back := plant.At(noon.Add(20 * time.Minute))
	b := f.verdict(x)
	if len(b.Gaps) != 1 || b.Gaps[0].From != plant.At(noon) || b.Gaps[0].To != back || b.Gaps[0].Cause != plant.GapOutage {
		t.Errorf("got gaps %v, want one until the other server was started", b.Gaps)
	}
	if len(b.Known) != 1 || b.Known[0].From != back {
		t.Errorf("got known %v, want the time since then", b.Known)
	}
}
