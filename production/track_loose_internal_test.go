package production

import (
	"fmt"
	"slices"
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
