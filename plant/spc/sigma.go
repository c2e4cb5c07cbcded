package spc

import "math"

// A Figure is a number that may not exist.
type Figure struct {
	Value float64
	OK    bool
}

// Is returns the figure x; one that does not exist when x is no finite number.
func Is(x float64) Figure {
	if !finite(x) {
		return Figure{}
	}
	return Figure{x, true}
}

// positive returns x, which does not exist unless it is above 0.
func positive(x float64) Figure {
	if !(x > 0) {
		return Figure{}
	}
	return Is(x)
}

// movingRangeD2 is d2 of two points, rounded as charts of single points have
// it.
const movingRangeD2 = 1.128

// d2 and d3 of the range of n points, n from 2: mean and standard deviation
// of the range in sigmas.
var (
	d2 = [...]float64{2: 1.128379, 1.692569, 2.058751, 2.325929, 2.534413, 2.704357, 2.847201, 2.970026, 3.077505}
	d3 = [...]float64{2: .8525, .8884, .8798, .8641, .8480, .8332, .8198, .8078, .7971}
)

// c4 is the mean of the standard deviation of n points in sigmas.
func c4(n int) float64 {
	a, _ := math.Lgamma(float64(n) / 2)
	b, _ := math.Lgamma(float64(n-1) / 2)
	return math.Sqrt(2/float64(n-1)) * math.Exp(a-b)
}

// Mean returns the mean, of one point at least.
func Mean(x []float64) Figure {
	if len(x) == 0 {
		return Figure{}
	}
	sum := 0.
	for _, v := range x {
		sum += v - x[0] // small numbers: the sum loses nothing
	}
	return Is(x[0] + sum/float64(len(x)))
}

// Deviation returns the standard deviation with n-1, of two points at least.
func Deviation(x []float64) Figure {
	m := Mean(x)
	if len(x) < 2 || !m.OK {
		return Figure{}
	}
	sum := 0.
	for _, v := range x {
		sum += (v - m.Value) * (v - m.Value)
	}
	return Is(math.Sqrt(sum / float64(len(x)-1)))
}

// MovingRange returns the mean distance of neighbours, of two points at least.
func MovingRange(x []float64) Figure {
	if len(x) < 2 {
		return Figure{}
	}
	sum := 0.
	for i, v := range x[1:] {
		sum += math.Abs(v - x[i])
	}
	return Is(sum / float64(len(x)-1))
}

// SigmaOfMovingRange estimates the sigma of single points by their mean moving
// range: what neighbours do not share is left out.
func SigmaOfMovingRange(x []float64) Figure {
	mr := MovingRange(x)
	return Figure{mr.Value / movingRangeD2, mr.OK}
}

// Groups are samples of the same size, taken at one time each.
type Groups [][]float64

// size is the number of points in each group, 0 when they differ.
func (g Groups) size() int {
	if len(g) == 0 {
		return 0
	}
	for _, x := range g {
		if len(x) != len(g[0]) {
			return 0
		}
	}
	return len(g[0])
}

// Mean returns the mean of the groups' means.
func (g Groups) Mean() Figure { return g.mean(Mean) }

// Range returns the mean range.
func (g Groups) Range() Figure { return g.mean(spread) }

// Deviation returns the mean standard deviation.
func (g Groups) Deviation() Figure { return g.mean(Deviation) }

func (g Groups) mean(of func([]float64) Figure) Figure {
	var each []float64
	for _, x := range g {
		f := of(x)
		if !f.OK {
			return Figure{}
		}
		each = append(each, f.Value)
	}
	return Mean(each)
}

func spread(x []float64) Figure {
	if len(x) == 0 {
		return Figure{}
	}
	lo, hi := x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	return Is(hi - lo)
}

// SigmaOfRange estimates sigma by the mean range over d2, for groups of 2 to
// 10 points.
func (g Groups) SigmaOfRange() Figure {
	n, r := g.size(), g.Range()
	if n < 2 || n >= len(d2) || !r.OK {
		return Figure{}
	}
	return Is(r.Value / d2[n])
}

// SigmaOfDeviation estimates sigma by the mean standard deviation over c4.
func (g Groups) SigmaOfDeviation() Figure {
	n, s := g.size(), g.Deviation()
	if n < 2 || !s.OK {
		return Figure{}
	}
	return Is(s.Value / c4(n))
}

// SigmaPooled is the root of the mean variance within groups, which may
// differ in size.
func (g Groups) SigmaPooled() Figure {
	sum, free := 0., 0
	for _, x := range g {
		if s := Deviation(x); s.OK {
			sum += s.Value * s.Value * float64(len(x)-1)
			free += len(x) - 1
		}
	}
	return Is(math.Sqrt(sum / float64(free))) // none at all is NaN
}
