package spc

import "math"

// A Spec is what parts must keep. Either limit may be missing.
type Spec struct{ Lower, Upper, Target Figure }

// fewPoints is below what capability says little of the process.
const fewPoints = 25

// Capability is how well a process fits its specification. Of one limit alone
// there are Cpk and Ppk of that side only; Cp, Pp and Cpm need both limits.
type Capability struct {
	N               int  // points
	Few             bool // fewer than 25: the figures say little
	Mean            Figure
	Within, Overall Figure // sigma within groups, and of all points
	Cp, Cpl, Cpu    Figure // by the sigma within
	Cpk, Cpm        Figure
	Pp, Ppk         Figure // by the sigma of all
}

// Individuals returns the capability of single points. The sigma within is
// that of the moving range.
func Individuals(x []float64, s Spec) Capability {
	return Capable(Process{N: len(x), Mean: Mean(x), Within: SigmaOfMovingRange(x), Overall: Deviation(x)}, s)
}

// A Process is what is known of points.
type Process struct {
	N               int
	Mean            Figure
	Within, Overall Figure
}

// Capable returns the capability of a process.
func Capable(p Process, s Spec) Capability {
	c := Capability{N: p.N, Few: p.N < fewPoints, Mean: p.Mean, Within: p.Within, Overall: p.Overall}
	if !p.Mean.OK {
		return c
	}
	c.Cp, c.Cpl, c.Cpu = s.indices(p.Mean.Value, p.Within)
	c.Cpk = lesser(c.Cpl, c.Cpu)
	var lower, upper Figure
	c.Pp, lower, upper = s.indices(p.Mean.Value, p.Overall)
	c.Ppk = lesser(lower, upper)
	if c.Cp.OK && s.Target.OK {
		off := p.Mean.Value - s.Target.Value
		c.Cpm = positive((s.Upper.Value - s.Lower.Value) / (6 * math.Hypot(p.Within.Value, off)))
	}
	return c
}

// indices returns how often the width, and each half of it, holds three
// sigmas to each side.
func (s Spec) indices(mean float64, sigma Figure) (both, lower, upper Figure) {
	if !sigma.OK || !(sigma.Value > 0) {
		return both, lower, upper
	}
	if s.Lower.OK {
		lower = Is((mean - s.Lower.Value) / (3 * sigma.Value))
	}
	if s.Upper.OK {
		upper = Is((s.Upper.Value - mean) / (3 * sigma.Value))
	}
	if s.Lower.OK && s.Upper.OK {
		both = positive((s.Upper.Value - s.Lower.Value) / (6 * sigma.Value))
	}
	return both, lower, upper
}

func lesser(a, b Figure) Figure {
	if !a.OK || b.OK && b.Value < a.Value {
		return b
	}
	return a
}
