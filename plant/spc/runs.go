package spc

import "math"

// Runs is what the tests of Nelson and Western Electric remember of the points
// before: how long patterns have lasted, and the last points beyond 1 and 2
// sigma, one bit each.
type Runs struct {
	Last    float64 `json:"last"`    // z of the last point
	Any     bool    `json:"any"`     // there was one
	Side    int     `json:"side"`    // points in a row above the center, or below when negative
	Trend   int     `json:"trend"`   // differences in a row upwards, or downwards when negative
	Turns   int     `json:"turns"`   // differences in a row with the other sign than the one before, the first counted
	Within  int     `json:"within"`  // points in a row within 1 sigma
	Outside int     `json:"outside"` // points in a row beyond 1 sigma
	Above2  uint8   `json:"above2"`
	Below2  uint8   `json:"below2"`
	Above1  uint8   `json:"above1"`
	Below1  uint8   `json:"below1"`
}

// enough bounds what is counted, above the longest pattern.
const enough = 1000

// add takes the next point and returns every test that it completes. rising
// is how many points make a trend.
func (r *Runs) add(z float64, rising int) Tests {
	r.count(z)
	var out Tests
	mark := func(ok bool, t ...Test) {
		if ok {
			out |= Of(t...)
		}
	}
	mark(math.Abs(z) > 3, N1, WE1)
	mark(abs(r.Side) >= 9, N2)
	mark(abs(r.Side) >= 8, WE4)
	mark(abs(r.Trend) >= rising-1, N3)
	mark(r.Turns >= 13, N4)
	mark(twoOf3[r.Above2&7] || twoOf3[r.Below2&7], N5, WE2)
	mark(fourOf5(r.Above1) || fourOf5(r.Below1), N6, WE3)
	mark(r.Within >= 15, N7)
	mark(r.Outside >= 8 && abs(r.Side) < 8, N8)
	return out
}

// twoOf3 holds for the last three points as bits, the lowest the last.
var twoOf3 = [8]bool{0b011: true, 0b101: true, 0b111: true}

func fourOf5(bits uint8) bool {
	n := 0
	for k := range 5 {
		n += int(bits >> k & 1)
	}
	return bits&1 == 1 && n >= 4
}

func (r *Runs) count(z float64) {
	r.Side = run(r.Side, sign(z))
	if r.Any {
		r.difference(sign(z - r.Last))
	}
	r.Last, r.Any = z, true
	if math.Abs(z) <= 1 {
		r.Within, r.Outside = min(r.Within+1, enough), 0
	} else {
		r.Within, r.Outside = 0, min(r.Outside+1, enough)
	}
	r.Above2, r.Below2 = shift(r.Above2, z > 2), shift(r.Below2, z < -2)
	r.Above1, r.Below1 = shift(r.Above1, z > 1), shift(r.Below1, z < -1)
}

// difference counts a step up, down or, with 0, neither.
func (r *Runs) difference(d int) {
	switch {
	case d == 0:
		r.Turns = 0
	case r.Turns > 0 && d*r.Trend > 0:
		r.Turns = 1
	default:
		r.Turns = min(r.Turns+1, enough)
	}
	r.Trend = run(r.Trend, d)
}

// run goes on with n in a row of one sign, begins anew with the other, and
// ends with 0.
func run(n, sign int) int {
	if n*sign > 0 {
		return max(-enough, min(n+sign, enough))
	}
	return sign
}

func shift(bits uint8, b bool) uint8 {
	bits <<= 1
	if b {
		bits |= 1
	}
	return bits
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func abs(n int) int { return max(n, -n) }
