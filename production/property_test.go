package production_test

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"andon/plant"
	"andon/production"
	"pgregory.net/rapid"
)

func TestFactsDependOnSamplesAndNotOnTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		p.play(a, 10*second, func() { a.Drain() })
		want := p.record(t, a)

		b := p.area(t)
		books := newLedger()
		now := p.start
		for _, part := range drawParts(t, p) {
			for _, s := range part.Samples {
				now = max(now, s.Time)
			}
			for _, c := range part.Contacts {
				now = max(now, c.Time)
			}
			b.Apply(now, part.Samples, part.Contacts)
			if rapid.Bool().Draw(t, "tick") {
				b.Tick(now)
			}
			if rapid.Bool().Draw(t, "drain") {
				books.take(b.Drain())
			}
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				books.take(b.Drain())
				b = restarted(t, p, b)
			}
		}
		b.Tick(p.end)
		books.take(b.Drain())
		if got := p.record(t, b); !bytes.Equal(got, want) {
			t.Fatalf("delivered out of order: %s", firstDifference(got, want))
		}
		books.check(t, p, b)
	})
}

func restarted(t *rapid.T, p *press, a *production.Area) *production.Area {
	snap, err := a.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	b := p.area(t)
	if err := b.Restore(snap); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWaterfallSumsUpForAnyWindowAndDivision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		a.Apply(p.end, p.samples, p.contacts)
		a.Tick(p.end)
		offset := rapid.Int64Range(-int64(Hour), int64(3*Hour))
		cuts := []plant.Instant{p.start - Hour, p.end}
		for range rapid.IntRange(0, 6).Draw(t, "cuts") {
			cuts = append(cuts, p.start+plant.Instant(offset.Draw(t, "cut")))
		}
		slices.Sort(cuts)
		for _, eq := range p.tree.Equipment() {
			whole, _ := a.KPI(eq, plant.Interval{From: cuts[0], To: cuts[len(cuts)-1]}, "")
			var sum production.Waterfall
			var made, good, failures int64
			for i, to := range cuts[1:] {
				k, _ := a.KPI(eq, plant.Interval{From: cuts[i], To: to}, "")
				if got, want := k.Waterfall.Sum(), k.Calendar; got != want {
					t.Fatalf("%s: waterfall sums to %v, window is %v", eq.Path, got.Duration(), want.Duration())
				}
				sum = addWaterfalls(sum, k.Waterfall)
				made, good, failures = made+k.Produced, good+k.Quantities.Good, failures+int64(k.Failures)
			}
			if sum != whole.Waterfall || made != whole.Produced || good != whole.Quantities.Good || failures != int64(whole.Failures) {
				t.Fatalf("%s: parts sum to %+v, %d, %d; whole is %+v, %d, %d", eq.Path, sum, made, good, whole.Waterfall, whole.Produced, whole.Quantities.Good)
			}
		}
	})
}

func addWaterfalls(a, b production.Waterfall) production.Waterfall {
	return production.Waterfall{Good: a.Good + b.Good, Quality: a.Quality + b.Quality, Speed: a.Speed + b.Speed,
		MicroStop: a.MicroStop + b.MicroStop, Setup: a.Setup + b.Setup, Starved: a.Starved + b.Starved, Blocked: a.Blocked + b.Blocked,
		Fault: a.Fault + b.Fault, Safety: a.Safety + b.Safety, Other: a.Other + b.Other, Unknown: a.Unknown + b.Unknown,
		Planned: a.Planned + b.Planned, NotScheduled: a.NotScheduled + b.NotScheduled}
}

func TestCountsAreConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		p.play(a, 30*second, func() {})
		for i, eq := range p.tree.Equipment() {
			f := a.Facts(eq, plant.Interval{From: p.start, To: p.end})
			var total, reject int64
			for _, c := range f.Counts {
				total, reject = total+c.Total, reject+c.Reject
				if c.Total != c.Good+c.Reject {
					t.Fatalf("%s: total %d is not good %d and rejects %d", eq.Path, c.Total, c.Good, c.Reject)
				}
			}
			if want := p.counted(eq.Path+"/total", 1000) * int64(i+1); total != want {
				t.Fatalf("%s: got %d units, want %d", eq.Path, total, want)
			}
			var energy int64
			for _, m := range f.Meters {
				energy += m.EnergyRun + m.EnergyIdle
			}
			if want := p.used(eq.Path + "/energy"); energy != want {
				t.Fatalf("%s: got %d mWh, want %d", eq.Path, energy, want)
			}
			if want := p.counted(eq.Path+"/reject", 0); reject != want {
				t.Fatalf("%s: got %d rejects, want %d", eq.Path, reject, want)
			}
		}
	})
}

// used adds up what an energy meter shows.
func (p *press) used(path string) int64 {
	var sum, last int64 = 0, -1
	for _, s := range p.samples {
		if s.Tag.Path != path {
			continue
		}
		f, _ := s.Value.Float()
		v := int64(math.Round(f * 1e6))
		switch {
		case last < 0:
		case v >= last:
			sum += v - last
		default:
			sum += v
		}
		last = v
	}
	return sum
}

// counted adds up what a counter shows, by the plainest rule.
func (p *press) counted(path string, rollover int64) int64 {
	var sum, last int64 = 0, -1
	for _, s := range p.samples {
		if s.Tag.Path != path {
			continue
		}
		v, _ := s.Value.Int()
		switch {
		case last < 0:
		case v >= last:
			sum += v - last
		case rollover > 0 && last > rollover*9/10 && v < rollover/10:
			sum += rollover - last + v
		default:
			sum += v
		}
		last = v
	}
	return sum
}

func TestDerivingStepByStepIsDerivingAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		p.play(a, 10*second, func() { a.Drain() })
		got := p.record(t, a)
		a.Rederive()
		if want := p.record(t, a); !bytes.Equal(got, want) {
			t.Fatalf("step by step: %s", firstDifference(got, want))
		}
	})
}
