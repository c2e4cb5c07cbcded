package spc_test

import (
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"andon/plant"
	"andon/plant/spc"
)

// rings reads the piston rings.
func rings(t *testing.T) (all spc.Groups) {
	t.Helper()
	data, err := os.ReadFile("testdata/pistonrings.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var group []float64
		for _, word := range strings.Fields(line) {
			if word == "#" {
				break
			}
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatal(err)
			}
			group = append(group, v)
		}
		if group != nil {
			all = append(all, group)
		}
	}
	return all
}

// near checks figures to the digits that are given.
func near(t *testing.T, what string, got spc.Figure, want, within float64) {
	t.Helper()
	if !got.OK || math.Abs(got.Value-want) > within {
		t.Errorf("%s: got %v (%t), want %v", what, got.Value, got.OK, want)
	}
}

// signals returns the points, from 1, at which each test signals.
func signals(t *testing.T, s spc.Settings, x []float64) map[spc.Test][]int {
	t.Helper()
	s.Tests = spc.Of(spc.AllTests()...)
	d, err := spc.NewDetector(s)
	if err != nil {
		t.Fatal(err)
	}
	out := map[spc.Test][]int{}
	for i, v := range x {
		got := d.Add(plant.Instant(i), v)
		for _, test := range spc.AllTests() {
			if got.Has(test) {
				out[test] = append(out[test], i+1)
			}
		}
	}
	return out
}

func TestPistonRingsHaveTheirPublishedCenterAndSpread(t *testing.T) {
	phase1 := rings(t)[:25]
	near(t, "center", phase1.Mean(), 74.00118, 5e-6)
	near(t, "mean range", phase1.Range(), .02276, 5e-6)
	near(t, "sigma by range", phase1.SigmaOfRange(), .009785338, 1e-9)
	near(t, "mean deviation", phase1.Deviation(), .009240037, 5e-10)
	near(t, "sigma by deviation", phase1.SigmaOfDeviation(), .009829977, 5e-10)
	l := spc.MeanLimits(phase1.Mean().Value, phase1.SigmaOfRange().Value, 5)
	near(t, "lower limit of means", spc.Is(l.Lower), 73.98805, 5e-6)
	near(t, "upper limit of means", spc.Is(l.Upper), 74.01430, 6e-6)
	r, ok := spc.RangeLimits(phase1.Range().Value, 5)
	if !ok || r.Lower != 0 {
		t.Errorf("limits of ranges: got %v %t, want a lower one of 0", r, ok)
	}
	near(t, "upper limit of ranges", spc.Is(r.Upper), .04812533, 2e-6) // published with rounded constants
	s, ok := spc.DeviationLimits(phase1.Deviation().Value, 5)
	if !ok || s.Lower != 0 {
		t.Errorf("limits of deviations: got %v %t, want a lower one of 0", s, ok)
	}
	near(t, "upper limit of deviations", spc.Is(s.Upper), .01930242, 5e-9)
}

func TestPistonRingsHaveTheirPublishedCapability(t *testing.T) {
	phase1 := rings(t)[:25]
	capable := func(lower, upper, target float64) spc.Capability {
		return spc.Capable(spc.Process{N: 125, Mean: phase1.Mean(), Within: phase1.SigmaOfRange()},
			spc.Spec{Lower: spc.Is(lower), Upper: spc.Is(upper), Target: spc.Is(target)})
	}
	c := capable(73.95, 74.05, 74)
	for _, x := range []struct {
		what string
		got  spc.Figure
		want float64
	}{
		{"Cp", c.Cp, 1.703}, {"Cpl", c.Cpl, 1.743}, {"Cpu", c.Cpu, 1.663}, {"Cpk", c.Cpk, 1.663}, {"Cpm", c.Cpm, 1.691},
		{"Cpm off target", capable(73.95, 74.05, 74.02).Cpm, .786},
		{"narrow Cp", capable(73.99, 74.01, 74).Cp, .341}, {"narrow Cpk", capable(73.99, 74.01, 74).Cpk, .301},
		{"narrow Cpm", capable(73.99, 74.01, 74).Cpm, .338},
	} {
		near(t, x.what, x.got, x.want, 5e-4)
	}
	if c.Pp.OK || c.Ppk.OK || c.Few {
		t.Errorf("125 points without overall sigma: got Pp %v, Ppk %v, few %t, want none and not few", c.Pp, c.Ppk, c.Few)
	}
}

func TestPistonRingsSignalWhereTheyDrift(t *testing.T) {
	all := rings(t)
	phase1 := all[:25]
	var means []float64
	for _, g := range all {
		means = append(means, spc.Mean(g).Value)
	}
	s := spc.DefaultSettings(phase1.Mean().Value, phase1.SigmaOfRange().Value/math.Sqrt(5))
	got := signals(t, s, means)
	two, four, end := []int{35, 37, 38, 39, 40}, []int{35, 38, 39, 40}, []int{37, 38, 39, 40}
	want := map[spc.Test][]int{spc.N1: {37, 38, 39}, spc.WE1: {37, 38, 39}, spc.N5: two, spc.WE2: two,
		spc.N6: four, spc.WE3: four, spc.EWMA: end, spc.CUSUM: end}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("signals: got %v, want %v", got, want)
	}
}

func TestPistonRingsHaveTheirPublishedAverages(t *testing.T) {
	all := rings(t)
	s := spc.DefaultSettings(all[:25].Mean().Value, all[:25].SigmaOfRange().Value/math.Sqrt(5))
	d, err := spc.NewDetector(s)
	if err != nil {
		t.Fatal(err)
	}
	limits := map[int][2]float64{1: {73.99855, 74.00380}, 2: {73.99781, 74.00454}, 25: {73.99680, 74.00555}}
	sums := map[int]float64{37: 7.19, 38: 10.90, 39: 15.48, 40: 17.63}
	for i, g := range all {
		d.Add(plant.Instant(i), spc.Mean(g).Value)
		value, l := d.Average()
		if want, ok := limits[i+1]; ok {
			near(t, "lower limit", spc.Is(l.Lower), want[0], 6e-6)
			near(t, "upper limit", spc.Is(l.Upper), want[1], 6e-6)
		}
		if i+1 == 37 {
			near(t, "first average beyond", spc.Is(value), 74.00739, 6e-6)
		}
		if want, ok := sums[i+1]; ok {
			upper, _ := d.Sums()
			near(t, "sum", spc.Is(upper), want, 6e-3)
		}
	}
}

// The example of the NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4.
func TestAverageOfTheHandbook(t *testing.T) {
	s := spc.DefaultSettings(50, 2.0539)
	s.EWMA = spc.EWMASettings{Lambda: .3, Limit: 3, Asymptotic: true}
	d, err := spc.NewDetector(s)
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{52, 47, 53, 49.3, 50.1, 47, 51, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1}
	want := []float64{50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99}
	for i, v := range x {
		d.Add(plant.Instant(i), v)
		value, l := d.Average()
		near(t, "average "+strconv.Itoa(i+1), spc.Is(value), want[i], .0051)
		near(t, "upper limit", spc.Is(l.Upper), 52.5884, 5e-5)
		near(t, "lower limit", spc.Is(l.Lower), 47.4115, 1e-4)
	}
	if got := signals(t, s, x)[spc.EWMA]; got != nil {
		t.Errorf("signals of the average: got %v, want none", got)
	}
}

// The tabular CUSUM of Montgomery with target 99, allowance 1 and limit 10.
func TestCumulativeSumsOfTheTextbook(t *testing.T) {
	s := spc.DefaultSettings(99, 1)
	s.CUSUM = spc.CUSUMSettings{K: 1, H: 10}
	x := []float64{102, 94.8, 98.3, 98.4, 102, 98.5, 99, 97.7, 100, 98.1, 101.3, 98.7, 101.1, 98.4, 97, 96.7, 100.3, 101.4, 97.2, 101}
	upper := []float64{2, 0, 0, 0, 2, .5, 0, 0, 0, 0, 1.3, 0, 1.1, 0, 0, 0, .3, 1.7, 0, 1}
	lower := []float64{0, 3.2, 2.9, 2.5, 0, 0, 0, .3, 0, 0, 0, 0, 0, 0, 1, 2.3, 0, 0, .8, 0}
	d, err := spc.NewDetector(s)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range x {
		d.Add(plant.Instant(i), v)
		u, l := d.Sums()
		near(t, "upper sum "+strconv.Itoa(i+1), spc.Is(u), upper[i], 1e-6)
		near(t, "lower sum "+strconv.Itoa(i+1), spc.Is(l), lower[i], 1e-6)
	}
	if got := signals(t, s, x)[spc.CUSUM]; got != nil {
		t.Errorf("signals of the sums: got %v, want none", got)
	}
}

// weights are those of the moulder at Northfield in its scripted hour.
var weights = []float64{24.98, 25.02, 25.03, 25.01, 25.04, 25.02, 25.045, 25.03, 25.02, 25.06, 25.16, 25.01}

func TestPartWeightsOfNorthfieldSignal(t *testing.T) {
	got := signals(t, spc.DefaultSettings(25, .05), weights)
	want := map[spc.Test][]int{spc.N1: {11}, spc.WE1: {11}, spc.N2: {10, 11, 12}, spc.WE4: {9, 10, 11, 12}, spc.EWMA: {11}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("signals: got %v, want %v", got, want)
	}
	d, err := spc.NewDetector(spc.DefaultSettings(25, .05))
	if err != nil {
		t.Fatal(err)
	}
	highest := 0.
	for i, v := range weights {
		d.Add(plant.Instant(i), v)
		upper, lower := d.Sums()
		highest = max(highest, upper, lower)
		if value, l := d.Average(); i+1 == 11 {
			near(t, "average of point 11", spc.Is(value), 25.05586, 5e-6)
			near(t, "its limit", spc.Is(l.Upper), 25.04982, 5e-6)
			near(t, "sum at point 11", spc.Is(upper), 4, 1e-6)
		}
	}
	near(t, "highest sum", spc.Is(highest), 4, 1e-6)
}

func TestPartWeightsOfNorthfieldHaveTheirCapability(t *testing.T) {
	c := spc.Individuals(weights, spc.Spec{Lower: spc.Is(24.75), Upper: spc.Is(25.25)})
	near(t, "mean", c.Mean, 25.035417, 5e-7)
	near(t, "moving range", spc.MovingRange(weights), .0418182, 5e-8)
	near(t, "sigma within", c.Within, .0370729, 6e-8)
	near(t, "sigma of all", c.Overall, .0440794, 6e-8)
	near(t, "Cp", c.Cp, 2.247826, 6e-7)
	near(t, "Cpk", c.Cpk, 1.929384, 6e-7)
	near(t, "Pp", c.Pp, 1.890528, 6e-7)
	near(t, "Ppk", c.Ppk, 1.622704, 6e-7)
	if c.N != 12 || !c.Few {
		t.Errorf("points: got %d, few %t, want 12, few", c.N, c.Few)
	}
}
