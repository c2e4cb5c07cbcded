package production

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"unique"

	"pgregory.net/rapid"

	"andon/plant"
)

// A loose is a track with nothing packed: what a track must answer, told in
// the simplest way.
type loose []entry

func (p *loose) insert(e entry) bool {
	i := countBy(*p, e.t)
	for _, x := range (*p)[:i] {
		if x == e {
			return false
		}
	}
	*p = slices.Insert(*p, i, e)
	return true
}

func (p loose) at(t plant.Instant) code {
	if i := countBy(p, t); i > 0 {
		return p[i-1].v
	}
	return codeNone
}

func (p loose) until(t, sure plant.Instant, means *codes) plant.Instant {
	n := countBy(p, t)
	switch {
	case n == len(p):
		return endless
	case n == 0, isLost(p[n-1].v):
		return p[n].t
	}
	i := n
	for i < len(p) && means.alike(p[n-1].v, p[i].v) {
		i++
	}
	if i < len(p) && (p[i].t <= sure || i == n) {
		return p[i].t
	}
	if m := min(countBy(p, sure), i); m > n {
		return p[m-1].t
	}
	if i < len(p) {
		return p[i].t
	}
	return endless
}

func (p loose) next(t plant.Instant) plant.Instant {
	if i := countBy(p, t); i < len(p) {
		return p[i].t
	}
	return endless
}

func (p loose) firstAfter(t plant.Instant, lost bool) plant.Instant {
	for _, e := range p[countBy(p, t):] {
		if isLost(e.v) == lost {
			return e.t
		}
	}
	return endless
}

func (p loose) known(t plant.Instant) (entry, bool) {
	for _, e := range slices.Backward(p[:countBy(p, t)]) {
		if e.v != codeLost {
			return e, true
		}
	}
	return entry{}, false
}

func (p *loose) trim(t plant.Instant) {
	i := countBy(*p, t) - 1
	for i > 0 && (*p)[i].v == codeLost {
		i--
	}
	*p = (*p)[max(0, i):]
}

func (p *loose) rewind(now plant.Instant) {
	n := countBy(*p, now)
	if n == len(*p) {
		return
	}
	last := (*p)[len(*p)-1].v
	*p = (*p)[:n:n]
	if p.at(now) != last {
		for n > 0 && (*p)[n-1].t == now {
			n--
		}
		*p = append((*p)[:n], entry{now, last})
	}
}

// all returns every entry of a track.
func (k *track) all() []entry {
	var es []entry
	for i := range k.old {
		es = k.old[i].entries(es)
	}
	return append(es, k.recent...)
}

// A told is a track and what it must be.
type told struct {
	track
	loose
	now plant.Instant // of the latest entry
}

var trackCodes = []code{unique.Make("RUN"), unique.Make("STOPPED"), unique.Make("EXECUTE"), codeLost, codeBad, codeNone}

// tell has a device tell a value n times at a pace, with a jitter.
func (b *told) tell(t *rapid.T, v code, n int) {
	step := rapid.SampledFrom([]plant.Instant{200e6, 1e9, 500_000_300, 1}).Draw(t, "step")
	jitter := rapid.SampledFrom([]int64{0, 0, 1e6, 700}).Draw(t, "jitter")
	for i := range n {
		b.now += step
		if jitter > 0 {
			b.now += plant.Instant(int64(i*i*7919) % jitter)
		}
		b.put(t, entry{b.now, v})
	}
}

func (b *told) put(t *rapid.T, e entry) {
	if got, want := b.track.insert(e), b.loose.insert(e); got != want {
		t.Fatalf("insert %v: got %v, want %v", e, got, want)
	}
}

// some returns a time in the history: that of an entry, or one beside it.
func (b *told) some(t *rapid.T) plant.Instant {
	if len(b.loose) == 0 {
		return b.now
	}
	e := b.loose[rapid.IntRange(0, len(b.loose)-1).Draw(t, "entry")]
	if n := len(b.old); n > 0 && rapid.Bool().Draw(t, "border") {
		e.t = b.old[rapid.IntRange(0, n-1).Draw(t, "block")].to
	}
	return e.t + plant.Instant(rapid.SampledFrom([]int64{0, 0, -1, 1, -2e9, 2e9}).Draw(t, "beside"))
}

// agree compares all that can be asked.
func (b *told) agree(t *rapid.T) {
	means := codes{m: map[string]class{"RUN": clsRun, "EXECUTE": clsRun, "STOPPED": clsStopped}}
	at, sure := b.some(t), b.some(t)
	answers := func(value code, until, alike, next, lost, good plant.Instant) string {
		return fmt.Sprintf("%q until %d, alike %d, next %d, lost %d, good %d", value.Value(), until, alike, next, lost, good)
	}
	k, p := &b.track, b.loose
	got := answers(k.at(at), k.until(at, sure, nil), k.until(at, sure, &means), k.next(at), k.firstAfter(at, true), k.firstAfter(at, false))
	want := answers(p.at(at), p.until(at, sure, nil), p.until(at, sure, &means), p.next(at), p.firstAfter(at, true), p.firstAfter(at, false))
	if got != want {
		t.Fatalf("at %d, sure %d:\ngot  %s\nwant %s", at, sure, got, want)
	}
	begun := countBy(p, at) > 0
	if k.begun(at) != begun || k.any() != (len(p) > 0) {
		t.Fatalf("begun at %d: got %v, any %v; want %v, %v", at, k.begun(at), k.any(), begun, len(p) > 0)
	}
	if begun && k.lastBy(at) != p[countBy(p, at)-1].t {
		t.Fatalf("last by %d: got %d", at, k.lastBy(at))
	}
	_, es, i := k.known(at)
	if e, ok := p.known(at); ok != (i >= 0) || ok && es[i] != e {
		t.Fatalf("known by %d: got %d of %v, want %v, %v", at, i, es, e, ok)
	}
}

func TestATrackAnswersAsIfNothingWerePacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &told{now: 1e18}
		t.Repeat(map[string]func(*rapid.T){
			"repeat": func(t *rapid.T) {
				b.tell(t, rapid.SampledFrom(trackCodes).Draw(t, "code"), rapid.IntRange(1, 400).Draw(t, "times"))
			},
			"flicker": func(t *rapid.T) {
				for range rapid.IntRange(1, 200).Draw(t, "times") {
					for _, v := range trackCodes[:2] {
						b.tell(t, v, 1)
					}
				}
			},
			"at one time": func(t *rapid.T) {
				at := b.some(t)
				for _, v := range trackCodes {
					b.put(t, entry{at, v})
				}
			},
			"late": func(t *rapid.T) {
				at, n := b.some(t), rapid.SampledFrom([]int{1, 1, 300}).Draw(t, "times")
				for i := range n {
					b.put(t, entry{at + plant.Instant(i), rapid.SampledFrom(trackCodes).Draw(t, "code")})
				}
				b.now = max(b.now, at+plant.Instant(n))
			},
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
			"restart": func(t *rapid.T) {
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
			},
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
