package spc

import "math"

// Limits are those of a chart, three sigmas from its center.
type Limits struct{ Lower, Center, Upper float64 }

// MeanLimits are those of the means of n points.
func MeanLimits(center, sigma float64, n int) Limits {
	w := 3 * sigma / math.Sqrt(float64(n))
	return Limits{center - w, center, center + w}
}

// RangeLimits are those of the ranges of n points, 2 to 10, by their mean. It
// is false for another n.
func RangeLimits(mean float64, n int) (Limits, bool) {
	if n < 2 || n >= len(d2) {
		return Limits{}, false
	}
	w := 3 * mean * d3[n] / d2[n]
	return Limits{math.Max(0, mean-w), mean, mean + w}, true
}

// DeviationLimits are those of the standard deviations of n points by their
// mean. It is false for n below 2.
func DeviationLimits(mean float64, n int) (Limits, bool) {
	if n < 2 {
		return Limits{}, false
	}
	c := c4(n)
	w := 3 * mean / c * math.Sqrt(1-c*c)
	return Limits{math.Max(0, mean-w), mean, mean + w}, true
}
