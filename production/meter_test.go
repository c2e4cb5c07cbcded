package production

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"andon/plant"
)

// counted feeds readings, 10 s apart, to a meter and returns the increments
// that it believed.
func counted(lim limits, values ...int64) []int64 {
	var m meter
	var out []int64
	for i, v := range values {
		if inc, ok := m.step(lim, reading{plant.Instant(i) * 10e9, v}); ok {
			out = append(out, inc.n)
		}
	}
	return out
}

func TestMeter(t *testing.T) {
	fast := limits{rate: 2} // 60 in 10 s are believable
	for _, c := range []struct {
		what   string
		lim    limits
		values []int64
		want   []int64
	}{
		{"steady", fast, []int64{100, 120, 140}, []int64{20, 20}},
		{"standing still", fast, []int64{100, 100, 100}, []int64{0, 0}},
		{"first reading is only a base", fast, []int64{5000000}, nil},
		{"reset by the PLC counts what was made since", fast, []int64{102672, 102672, 0, 3}, []int64{0, 0, 3}},
		{"reset seen late", fast, []int64{1000, 12, 30}, []int64{12, 18}},
		{"reset of a small counter", fast, []int64{8, 7}, []int64{7}},
		{"UInt16 rolls over", limits{rate: 2, rollover: 65536}, []int64{65520, 65532, 6}, []int64{12, 10}},
		{"rolls over to zero exactly", limits{rate: 2, rollover: 65536}, []int64{65535, 0}, []int64{1}},
		{"decimal counter rolls over", limits{rate: 2, rollover: 10000}, []int64{9995, 9999, 5}, []int64{4, 6}},
		{"declared width, but reset in the middle", limits{rate: 2, rollover: 65536}, []int64{30000, 5}, []int64{5}},
		{"no rollover declared", fast, []int64{65532, 6}, []int64{6}},
		{"signed INT16 goes negative", limits{rate: 2, rollover: 65536}, []int64{32760, 32767, -32768, -32760}, []int64{7, 1, 8}},
		{"negative without a width", fast, []int64{10, -5, 12}, []int64{2}},
		{"spike", fast, []int64{1000, 999999, 1020, 1040}, []int64{20, 20}},
		{"spike after a restart is never added", limits{rate: 2, rollover: 1 << 32}, []int64{1000, 1 << 31, 1020}, []int64{20}},
		{"set to another value", fast, []int64{1000, 500000, 500020, 500040}, []int64{20, 20}},
		{"set back", fast, []int64{500000, 1000, 1020}, []int64{20}},
		{"momentary zero", fast, []int64{1000, 0, 1010, 1020}, []int64{0, 10, 10}},
		{"momentary small value", fast, []int64{1000, 3, 1010, 1020}, []int64{3, 7, 10}},
		{"corrected by one", fast, []int64{1000, 999, 1001}, []int64{1}},
		{"corrected by one, rate not known", limits{}, []int64{1000, 999, 1001}, []int64{1}},
		{"reset, rate not known, sure with the next reading", limits{}, []int64{1000, 20, 30, 40}, []int64{30, 10}},
		{"reset to more than half, rate not known", limits{}, []int64{50, 100, 60, 70}, []int64{50, 70}},
		{"reset to zero and at rest, rate not known", limits{}, []int64{1000, 0, 0, 0, 5}, []int64{5}},
		{"momentary zero, rate not known", limits{}, []int64{1000, 0, 1010, 1020}, []int64{10, 10}},
		{"momentary fall, rate not known", limits{}, []int64{1000, 980, 1000, 1005}, []int64{0, 5}},
		{"fall that lasts, but goes back, rate not known", limits{}, []int64{1000, 980, 980, 1001}, []int64{1}},
		{"reset twice, rate not known", limits{}, []int64{100, 60, 5, 8}, []int64{8}},
		{"burst of a case", limits{rate: .01}, []int64{0, 10, 20}, []int64{10, 10}},
		{"beyond any sum", limits{}, []int64{0, 1 << 62, 5}, []int64{5}},
	} {
		if got := counted(c.lim, c.values...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v: got %v, want %v", c.what, c.values, got, c.want)
		}
	}
}

func TestNaiveDifferenceLosesOneRejectAtTheWrap(t *testing.T) {
	// The rejects of the Northfield hour, read every 10 s: 22 by 18:40.
	values := []int64{65520, 65532, 65533, 65535, 0, 3, 6}
	var naive, sum int64
	for i := range values[1:] {
		naive += max(0, values[i+1]-values[i])
	}
	for _, n := range counted(limits{rollover: 65536, rate: 1}, values...) {
		sum += n
	}
	if naive != 21 || sum != 22 {
		t.Errorf("got %d and naively %d, want 22 and 21", sum, naive)
	}
}

func TestReadingsArePackedWithoutLoss(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var h readings
	var want []reading
	at := plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	for i := range 3000 {
		step := time.Duration(10) * time.Second
		switch rnd.IntN(10) {
		case 0:
			step = time.Duration(rnd.Int64N(1e12))
		case 1:
			step += time.Duration(rnd.IntN(5)-2) * time.Millisecond
		}
		at = at.Add(step)
		want = append(want, reading{at, int64(i)*20 - rnd.Int64N(2)*1000*int64(i)})
	}
	late := slices.Clone(want)
	for i := range late {
		j := min(len(late)-1, i+rnd.IntN(600))
		late[i], late[j] = late[j], late[i]
	}
	lim := limits{}
	for i, r := range late {
		if !h.insert(r) || h.insert(r) {
			t.Fatalf("reading %d: want new once", i)
		}
		if i%100 == 0 {
			h.walk(lim, 0, func(increment) bool { return true })
			h.seal(lim)
		}
	}
	var got []reading
	for k := 0; k <= len(h.blocks); k++ {
		got = append(got, h.open(k)...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d readings, want %d in order", len(got), len(want))
	}
	if len(h.blocks) < 5 {
		t.Errorf("got %d blocks, want most readings packed", len(h.blocks))
	}
	var m meter
	for _, r := range want {
		m.step(lim, r)
	}
	if end := h.walk(lim, want[2000].t, func(increment) bool { return true }); end != m {
		t.Errorf("state after a walk from the middle: got %+v, want %+v", end, m)
	}
}

func TestSteadyReadingsTakeOneByte(t *testing.T) {
	var rs []reading
	for i := range 256 {
		rs = append(rs, reading{plant.Instant(1772438400+10*i) * 1e9, int64(100000 + 20*i)})
	}
	if got, want := len(pack(rs)), 256+16; got > want {
		t.Errorf("got %d bytes for 256 readings, want at most %d", got, want)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack([]reading{{1e18, 5}, {1e18 + 10e9, 25}, {1e18 + 20e9, 3}}), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		rs, err := unpack(nil, b, n)
		if err == nil && len(rs) != n {
			t.Errorf("got %d readings, want %d", len(rs), n)
		}
	})
}

func FuzzRestore(f *testing.F) {
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		u := &unit{timeline: timeline{checks: []checkpoint{{}}}}
		r := &reader{b: b}
		r.unit(u) // must not panic, whatever the bytes
	})
}

func TestSpansAreTheSameInAnyOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	var times []plant.Instant
	at := plant.Instant(1000)
	for range 300 {
		at += plant.Instant(1 + rnd.IntN(25))
		times = append(times, at)
	}
	var want spans
	for _, at := range times {
		want.add(at, 15)
	}
	for range 20 {
		rnd.Shuffle(len(times), func(i, j int) { times[i], times[j] = times[j], times[i] })
		var got spans
		for _, at := range times {
			got.add(at, 15)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
