package sim

import (
	"hash/fnv"
	"sort"
	"time"

	"andon/cmd/plantsim/internal/scenario"
)

// grid is how often counters, meters and sloping values are shown.
const grid = 10 * time.Second

// levelGrid is how often levels are shown.
const levelGrid = time.Second

// noiseGrid is how often values with noise are shown.
const noiseGrid = 2 * time.Second

// analogAt returns the value of a at t, false before its first point.
func analogAt(a *scenario.Analog, path string, t time.Duration) (float64, bool) {
	i := sort.Search(len(a.Points), func(i int) bool { return a.Points[i].At > t }) - 1
	if i < 0 {
		return 0, false
	}
	p := a.Points[i]
	v := toMicro(p.Value) + toMicro(p.PerMinute)*(t-p.At).Milliseconds()/time.Minute.Milliseconds()
	if a.Noise > 0 {
		v += toMicro(a.Noise) * noiseAt(path, t) / micro
		v -= v % (micro / 1000) // an instrument shows three places
	}
	return fromMicro(v), true
}

// noiseAt returns a number from -1e6 to 1e6 that looks random and depends on
// its arguments only.
func noiseAt(path string, t time.Duration) int64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(t >> (8 * i))
	}
	h.Write([]byte(path))
	h.Write(b[:])
	x := h.Sum64() * 0x9E3779B97F4A7C15
	x ^= x >> 29
	return int64(x%(2*micro+1)) - micro
}

// analogTimes returns when a may change.
func analogTimes(a *scenario.Analog, length time.Duration) []time.Duration {
	at := []time.Duration{0} // to say that there is no value yet
	for i, p := range a.Points {
		to := length
		if i+1 < len(a.Points) {
			to = a.Points[i+1].At
		}
		step := length
		switch {
		case a.Noise > 0:
			step = noiseGrid
		case p.PerMinute != 0:
			step = grid
		}
		for t := p.At; t < to; t += step {
			at = append(at, t)
		}
	}
	return at
}
