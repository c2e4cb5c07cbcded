package spc_test

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/plant/spc"
)

// chart draws points in quarters of a sigma, so that limits and ties are hit.
func chart(t *rapid.T) []float64 {
	return rapid.Map(rapid.SliceOfN(rapid.IntRange(-14, 14), 0, 60), func(list []int) []float64 {
		out := make([]float64, len(list))
		for i, n := range list {
			out[i] = float64(n) / 4
		}
		return out
	}).Draw(t, "points")
}

func all(t tb, s spc.Settings) *spc.Detector {
	s.Tests = spc.Of(spc.AllTests()...)
	d, err := spc.NewDetector(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type tb interface{ Fatal(...any) }

// batch looks at the whole chart up to z's last point, by the words of the
// tests.
func batch(z []float64) spc.Tests {
	var out spc.Tests
	put := func(ok bool, list ...spc.Test) {
		if ok {
			out |= spc.Of(list...)
		}
	}
	last := func(n int, holds func(part []float64) bool) bool { return len(z) >= n && holds(z[len(z)-n:]) }
	beyond := func(n, of int, limit float64) bool {
		return last(1, func([]float64) bool { return true }) && (count(z, of, limit, 1) >= n && z[len(z)-1] > limit || count(z, of, limit, -1) >= n && z[len(z)-1] < -limit)
	}
	oneSide := func(p []float64) bool { return count(p, len(p), 0, 1) == len(p) || count(p, len(p), 0, -1) == len(p) }
	put(last(1, func(p []float64) bool { return math.Abs(p[0]) > 3 }), spc.N1, spc.WE1)
	put(last(9, oneSide), spc.N2)
	put(last(8, oneSide), spc.WE4)
	put(last(6, func(p []float64) bool { d := steps(p); return oneSide(d) }), spc.N3)
	put(last(14, func(p []float64) bool { return turning(steps(p)) }), spc.N4)
	put(beyond(2, 3, 2), spc.N5, spc.WE2)
	put(beyond(4, 5, 1), spc.N6, spc.WE3)
	within := func(p []float64) (n int) {
		for _, v := range p {
			if math.Abs(v) <= 1 {
				n++
			}
		}
		return n
	}
	put(last(15, func(p []float64) bool { return within(p) == 15 }), spc.N7)
	put(last(8, func(p []float64) bool { return within(p) == 0 && !oneSide(p) }), spc.N8)
	return out
}

// count counts how many of the last n points are beyond the limit on a side.
func count(z []float64, n int, limit, side float64) (k int) {
	for _, v := range z[max(0, len(z)-n):] {
		if v*side > limit {
			k++
		}
	}
	return k
}

func steps(p []float64) (out []float64) {
	for i := range p[1:] {
		out = append(out, p[i+1]-p[i])
	}
	return out
}

func turning(d []float64) bool {
	for i := range d[1:] {
		if d[i]*d[i+1] >= 0 {
			return false
		}
	}
	return true
}

func TestStreamTellsWhatTheWholeChartShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := chart(t)
		d := all(t, spc.DefaultSettings(0, 1))
		for i, v := range z {
			got := d.Add(plant.Instant(i), v) &^ spc.Of(spc.EWMA, spc.CUSUM)
			if want := batch(z[:i+1]); got != want {
				t.Fatalf("point %d of %v: got %s, want %s", i+1, z, got, want)
			}
		}
	})
}

func TestSignalsDoNotDependOnUnitAndOrigin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := chart(t)
		center := rapid.Float64Range(-1000, 1000).Draw(t, "center")
		sigma := rapid.Float64Range(.01, 100).Draw(t, "sigma")
		d, e := all(t, spc.DefaultSettings(0, 1)), all(t, spc.DefaultSettings(center, sigma))
		for i, v := range z {
			want, got := d.Add(plant.Instant(i), v), e.Add(plant.Instant(i), center+v*sigma)
			if got != want {
				t.Fatalf("point %d: got %s, want %s", i+1, got, want)
			}
		}
	})
}

func TestMirroredChartHasTheSameSignals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := all(t, spc.DefaultSettings(0, 1)), all(t, spc.DefaultSettings(0, 1))
		for i, v := range chart(t) {
			if want, got := d.Add(plant.Instant(i), v), e.Add(plant.Instant(i), -v); got != want {
				t.Fatalf("point %d: got %s, want %s", i+1, got, want)
			}
		}
	})
}

func TestKeptStateGoesOnAsIfNothingHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := all(t, spc.DefaultSettings(0, 1)), all(t, spc.DefaultSettings(0, 1))
		for i, v := range chart(t) {
			if want, got := d.Add(plant.Instant(i), v), e.Add(plant.Instant(i), v); got != want {
				t.Fatalf("point %d: got %s, want %s", i+1, got, want)
			}
			text, err := json.Marshal(e.State())
			if err != nil {
				t.Fatal(err)
			}
			var kept spc.State
			if err := json.Unmarshal(text, &kept); err != nil {
				t.Fatal(err)
			}
			e = all(t, spc.DefaultSettings(0, 1))
			e.SetState(kept)
		}
	})
}

func TestCapabilityDoesNotDependOnUnitAndOrigin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := chart(t)
		shift, scale := rapid.Float64Range(-100, 100).Draw(t, "shift"), rapid.Float64Range(.1, 10).Draw(t, "scale")
		move := func(v float64) float64 { return shift + scale*v }
		var y []float64
		for _, v := range x {
			y = append(y, move(v))
		}
		a := spc.Individuals(x, spc.Spec{Lower: spc.Is(-5), Upper: spc.Is(4), Target: spc.Is(0)})
		b := spc.Individuals(y, spc.Spec{Lower: spc.Is(move(-5)), Upper: spc.Is(move(4)), Target: spc.Is(move(0))})
		if len(x) < 2 || a.Overall.Value == 0 {
			return // rounding may make a spread of none
		}
		for _, f := range [][2]spc.Figure{{a.Cp, b.Cp}, {a.Cpk, b.Cpk}, {a.Pp, b.Pp}, {a.Ppk, b.Ppk}, {a.Cpm, b.Cpm}} {
			if f[0].OK != f[1].OK || math.Abs(f[0].Value-f[1].Value) > 1e-6*math.Abs(f[0].Value)+1e-9 {
				t.Fatalf("got %v, want %v", f[1], f[0])
			}
		}
	})
}
