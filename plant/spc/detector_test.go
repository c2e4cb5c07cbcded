package spc_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/plant/spc"
)

func TestLongGapBeginsTheChartAnew(t *testing.T) {
	s := spc.DefaultSettings(25, .05)
	s.Gap = 10 * time.Minute
	minute := func(n int) plant.Instant { return plant.Instant(time.Duration(n) * time.Minute) }
	d := all(t, s)
	for n := range 8 {
		d.Add(minute(5*n), 25.01)
	}
	if got := d.Add(minute(45), 25.01); !got.Has(spc.N2) {
		t.Errorf("ninth after ten minutes exactly: got %s, want N2", got)
	}
	if got := d.Add(minute(56), 25.01); got != 0 || d.State().N != 1 {
		t.Errorf("after eleven minutes: got %s at point %d, want none at 1", got, d.State().N)
	}
	if d.Add(minute(55), 25.01); d.State().N != 1 {
		t.Errorf("earlier point: got point %d, want a new chart", d.State().N)
	}
}

func TestPointOnALimitIsNotBeyondIt(t *testing.T) {
	for _, x := range []struct{ center, sigma, on, beyond float64 }{{25, .05, 25.15, 25.16}, {.3, .1, .6, .61}, {1.1, .7, 3.2, 3.21}, {-.1, .1, -.4, -.41}} {
		d := all(t, spc.DefaultSettings(x.center, x.sigma))
		if got := d.Add(0, x.on); got.Has(spc.N1) {
			t.Errorf("%v of %v and %v: got N1, want none", x.on, x.center, x.sigma)
		}
		if got := d.Add(1, x.beyond); !got.Has(spc.N1) {
			t.Errorf("%v of %v and %v: got %s, want N1", x.beyond, x.center, x.sigma, got)
		}
	}
}

func TestPointOnTheCenterBreaksTheRun(t *testing.T) {
	x := []float64{1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	got := signals(t, spc.DefaultSettings(0, 2), x)
	if n := got[spc.N2]; len(n) != 1 || n[0] != 17 {
		t.Errorf("N2: got %v, want 17 alone", n)
	}
}

func TestTrendOfSevenPointsWhereTheChartAsksForSeven(t *testing.T) {
	s := spc.DefaultSettings(4, 10)
	s.Rising = 7
	if got := signals(t, s, []float64{1, 2, 3, 4, 5, 6, 7})[spc.N3]; len(got) != 1 || got[0] != 7 {
		t.Errorf("N3: got %v, want 7", got)
	}
}

func TestHeadStartFindsAShiftSooner(t *testing.T) {
	x := []float64{1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5}
	s := spc.DefaultSettings(0, 1)
	slow := signals(t, s, x)[spc.CUSUM]
	s.CUSUM.HeadStart = s.CUSUM.H / 2
	fast := signals(t, s, x)[spc.CUSUM]
	if slow[0] != 6 || fast[0] != 3 {
		t.Errorf("first signals: got %d and %d with a head start, want 6 and 3", slow[0], fast[0])
	}
}

func TestOnlyTheTestsAskedForAreTold(t *testing.T) {
	s := spc.DefaultSettings(0, 1)
	s.Tests = spc.Of(spc.WE1)
	d, err := spc.NewDetector(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Add(0, 9); got != spc.Of(spc.WE1) {
		t.Errorf("got %s, want WE1 alone", got)
	}
}

func TestTestsAreReadByTheirNames(t *testing.T) {
	for _, x := range spc.AllTests() {
		if got, ok := spc.ParseTest(x.String()); !ok || got != x || x.Text() == "" {
			t.Errorf("%s: got %s %t %q", x, got, ok, x.Text())
		}
	}
	if got, ok := spc.ParseTest("we4"); !ok || got != spc.WE4 {
		t.Errorf("we4: got %s %t", got, ok)
	}
	if _, ok := spc.ParseTest("n9"); ok {
		t.Error("n9: got a test, want none")
	}
}

func TestSettingsThatMakeNoChartAreErrors(t *testing.T) {
	for name, edit := range map[string]func(*spc.Settings){
		"no sigma": func(s *spc.Settings) { s.Sigma = 0 }, "trend of one": func(s *spc.Settings) { s.Rising = 1 },
		"lambda above 1": func(s *spc.Settings) { s.EWMA.Lambda = 1.1 }, "no limit of sums": func(s *spc.Settings) { s.CUSUM.H = 0 },
	} {
		s := spc.DefaultSettings(0, 1)
		edit(&s)
		if _, err := spc.NewDetector(s); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

func TestProcessThatNeverVariesHasNoCapability(t *testing.T) {
	c := spc.Individuals([]float64{5, 5, 5, 5}, spc.Spec{Lower: spc.Is(4), Upper: spc.Is(6), Target: spc.Is(5)})
	if c.Cp.OK || c.Cpk.OK || c.Pp.OK || c.Ppk.OK || c.Cpm.OK {
		t.Errorf("got %+v, want no figures", c)
	}
	if c := spc.Individuals(nil, spc.Spec{}); c.Mean.OK || c.Cpk.OK {
		t.Errorf("no points: got %+v, want no figures", c)
	}
}

func TestOneLimitHasTheCapabilityOfThatSideOnly(t *testing.T) {
	c := spc.Individuals(weights, spc.Spec{Upper: spc.Is(25.25)})
	if c.Cp.OK || c.Pp.OK || c.Cpl.OK || c.Cpm.OK {
		t.Errorf("got %+v, want Cpu and Cpk alone", c)
	}
	near(t, "Cpk", c.Cpk, 1.929384, 6e-7)
	if c := spc.Individuals(weights, spc.Spec{Target: spc.Is(25)}); c.Cpk.OK || c.Cpm.OK {
		t.Errorf("no limits: got %+v, want no figures", c)
	}
}

func TestPooledSigmaWeighsGroupsOfDifferentSize(t *testing.T) {
	near(t, "pooled", spc.Groups{{1, 3}, {1, 2, 3}, {7}}.SigmaPooled(), 1.154700538, 1e-9)
	if f := (spc.Groups{{1, 3}, {1, 2, 3}}).SigmaOfRange(); f.OK {
		t.Errorf("ranges of different sizes: got %v, want none", f)
	}
	if f := (spc.Groups{{1}, {2}}).SigmaPooled(); f.OK {
		t.Errorf("single points: got %v, want none", f)
	}
}

func TestNothingIsAllocatedForAPoint(t *testing.T) {
	d, n := all(t, spc.DefaultSettings(25, .05)), 0
	if got := testing.AllocsPerRun(200, func() { d.Add(plant.Instant(n), weights[n%len(weights)]); n++ }); got != 0 {
		t.Errorf("allocations for a point: got %v, want 0", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	d := all(b, spc.DefaultSettings(25, .05))
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		d.Add(plant.Instant(n), weights[n%len(weights)])
	}
}
