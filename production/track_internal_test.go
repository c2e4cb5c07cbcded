package production

import (
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"andon/plant"
)

func TestATrackAnswersAsIfNothingWerePacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &told{now: 1e18}
		t.Repeat(map[string]func(*rapid.T){
			"repeat": func(t *rapid.T) {
				b.tell(t, rapid.SampledFrom(trackCodes).Draw(t, "code"), rapid.IntRange(1, 400).Draw(t, "times"))
			},
			"flicker":     b.flicker,
			"at one time": b.atOneTime,
			"late":        b.late,
			"trim": func(t *rapid.T) {
				at := b.some(t)
				b.track.trim(at)
				b.loose.trim(at)
			},
			"rewind": func(t *rapid.T) {
				at := b.some(t)
				b.track.rewind(at)
				b.loose.rewind(at)
				if b.now = at; len(b.loose) > 0 {
					b.now = max(at, b.loose[len(b.loose)-1].t)
				}
			},
			"restart": b.restart,
			"": func(t *rapid.T) {
				if got := b.track.all(); !slices.Equal(got, b.loose) {
					t.Fatalf("got %d entries, want %d: %v", len(got), len(b.loose), got)
				}
				for range 4 {
					b.agree(t)
				}
			},
		})
	})
}

func (b *told) flicker(t *rapid.T) {
	for range rapid.IntRange(1, 200).Draw(t, "times") {
		for _, v := range trackCodes[:2] {
			b.tell(t, v, 1)
		}
	}
}

func (b *told) atOneTime(t *rapid.T) {
	at := b.some(t)
	for _, v := range trackCodes {
		b.put(t, entry{at, v})
	}
}

func (b *told) late(t *rapid.T) {
	at, n := b.some(t), rapid.SampledFrom([]int{1, 1, 300}).Draw(t, "times")
	for i := range n {
		b.put(t, entry{at + plant.Instant(i), rapid.SampledFrom(trackCodes).Draw(t, "code")})
	}
	b.now = max(b.now, at+plant.Instant(n))
}

func (b *told) restart(t *rapid.T) {
	w := &writer{}
	w.track(&b.track)
	r, lost := &reader{b: w.b}, slices.ContainsFunc(b.loose, func(e entry) bool { return e.v == codeLost })
	b.track = track{}
	if got := r.track(&b.track); got != lost || r.err != nil || len(r.b) > 0 {
		t.Fatalf("restart: lost %v, %v, %d bytes left; want lost %v", got, r.err, len(r.b), lost)
	}
	again := &writer{}
	if again.track(&b.track); !slices.Equal(again.b, w.b) {
		t.Fatal("restart: the next snapshot differs")
	}
}

// heapOf returns what the heap grows by while f runs, once it is collected.
func heapOf(f func()) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// Devices tell their state each 25 ms, by a clock of their own or as they come
// to it.
func TestARepeatedStateTakesNextToNothing(t *testing.T) {
	run := trackCodes[0]
	const n = 100_000
	for _, c := range []struct {
		name   string
		jitter int64
		most   float64 // bytes each
	}{{"steadily", 0, 1.2}, {"about on time", 3e6, 2.5}} {
		var k track
		grew := heapOf(func() {
			for i := range int64(n) {
				at := plant.Instant(1e18 + i*25e6)
				if c.jitter > 0 {
					at += plant.Instant(i*i*7919%c.jitter) / 1e6 * 1e6
				}
				k.insert(entry{at, run})
			}
		})
		if each := float64(grew) / n; each > c.most {
			t.Errorf("%s: got %.2f bytes for each repeat, want up to %.1f", c.name, each, c.most)
		} else {
			t.Logf("%s: %.2f bytes for each repeat", c.name, each)
		}
		runtime.KeepAlive(&k)
	}
}

func TestTheLastHalfMinuteIsNotPacked(t *testing.T) {
	var k track
	for i := range 10_000 {
		k.insert(entry{plant.Instant(1e18 + i*25e6), trackCodes[i/100%2]})
	}
	if n := len(k.recent); n < 30*40 || n > 30*40+2*trackBlockSize {
		t.Errorf("of a signal told each 25 ms: got %d entries as they are, want 1,200 and up to two blocks", n)
	}
}

func TestAskingForWhatIsOldAllocatesNothing(t *testing.T) {
	var k track
	for i := range 5000 {
		k.insert(entry{plant.Instant(1e18 + i*25e6), trackCodes[i/100%2]})
	}
	for _, age := range []int{10, 4900} {
		at := plant.Instant(1e18 + (5000-age)*25e6)
		if n := testing.AllocsPerRun(100, func() {
			k.at(at)
			k.until(at, 1e18+4990*25e6, nil)
			k.next(at)
			k.firstAfter(at, true)
		}); n > 0 {
			t.Errorf("%d entries back: got %.0f allocations, want none", age, n)
		}
	}
}

// A client tells every second that contact is lost, for a day.
func TestADayOfLostContactIsPassedOverPacked(t *testing.T) {
	const day = 24 * 3600
	for name, first := range map[string][]entry{"known before": {{1e18, trackCodes[0]}}, "never known": nil} {
		k, p := track{recent: slices.Clone(first)}, loose(slices.Clone(first))
		for i := range day {
			e := entry{plant.Instant(1e18 + (i+1)*1e9), codeLost}
			k.insert(e)
			p = append(p, e)
		}
		for _, sec := range []int{0, 1, 100, 129, day / 2, day} {
			at := plant.Instant(1e18 + sec*1e9)
			_, es, i := k.known(at)
			if e, ok := p.known(at); ok != (i >= 0) || ok && es[i] != e {
				t.Errorf("%s: after %d s: got %d of %v, want %v, %v", name, sec, i, es, e, ok)
			}
			if n := testing.AllocsPerRun(10, func() { k.known(at) }); n > 4 { // one block at most, of 675
				t.Errorf("%s: after %d s: got %.0f allocations, want next to none", name, sec, n)
			}
		}
	}
}
