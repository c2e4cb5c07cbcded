package spc

import (
	"errors"
	"math"
	"time"

	"andon/plant"
)

// Settings are those of one chart.
type Settings struct {
	Center, Sigma float64       // of single points, or of means for a chart of means
	Tests         Tests         // which tests Add tells of
	Rising        int           // points that make a trend in N3; 6, on some charts 7
	Gap           time.Duration // longer without a point, and the chart begins anew; 0 never
	EWMA          EWMASettings
	CUSUM         CUSUMSettings
}

// EWMASettings are those of the exponentially weighted moving average.
type EWMASettings struct {
	Lambda     float64 // weight of the last point, above 0, at most 1
	Limit      float64 // in sigmas of the average
	Asymptotic bool    // the limits are those after many points from the first on
}

// CUSUMSettings are those of the tabular cumulative sum, in sigmas.
type CUSUMSettings struct {
	K, H      float64 // allowance and limit
	HeadStart float64 // where both sums begin; H/2 is the fast initial response
}

// DefaultSettings returns usual settings of a chart with that center and
// sigma, with no tests.
func DefaultSettings(center, sigma float64) Settings {
	return Settings{Center: center, Sigma: sigma, Rising: 6, EWMA: EWMASettings{Lambda: .2, Limit: 3}, CUSUM: CUSUMSettings{K: .5, H: 5}}
}

// A Detector takes the points of one chart. It is not safe for concurrent use.
type Detector struct {
	s     Settings
	state State
}

// State is all that a Detector remembers, to be kept over a restart.
type State struct {
	N       int           `json:"n"`    // points since the chart began
	At      plant.Instant `json:"at"`   // of the last one
	Average float64       `json:"ewma"` // in z
	Upper   float64       `json:"upper"`
	Lower   float64       `json:"lower"` // the sums
	Runs    Runs          `json:"runs"`
}

// NewDetector returns a detector before its first point. The error says which
// settings make no chart.
func NewDetector(s Settings) (*Detector, error) {
	switch {
	case !finite(s.Center):
		return nil, errors.New("center: want a number")
	case !(s.Sigma > 0) || !finite(s.Sigma):
		return nil, errors.New("sigma: want a number above 0")
	case s.Rising < 2:
		return nil, errors.New("points of a trend: want 2 or more")
	case !(s.EWMA.Lambda > 0 && s.EWMA.Lambda <= 1) || !(s.EWMA.Limit > 0):
		return nil, errors.New("EWMA: want a lambda above 0 and at most 1, and a limit above 0")
	case !(s.CUSUM.K >= 0) || !(s.CUSUM.H > 0) || !(s.CUSUM.HeadStart >= 0 && s.CUSUM.HeadStart <= s.CUSUM.H):
		return nil, errors.New("CUSUM: want k of 0 or more, h above 0, and a head start between 0 and h")
	}
	d := &Detector{s: s}
	d.Reset()
	return d, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// farthest bounds z, so that what is remembered stays finite.
const farthest = 1e9

// Reset begins the chart anew, as after a change of product or limits.
func (d *Detector) Reset() {
	d.state = State{Upper: d.s.CUSUM.HeadStart, Lower: d.s.CUSUM.HeadStart}
}

// Add takes the next point, a finite number, and returns the tests of the
// settings that it completes. A point before the last one, or after a gap,
// begins the chart anew.
func (d *Detector) Add(at plant.Instant, x float64) Tests {
	late := at < d.state.At
	if d.state.N > 0 && (late || d.s.Gap > 0 && at.Sub(d.state.At) > d.s.Gap) {
		d.Reset()
	}
	st := &d.state
	z := math.Max(-farthest, math.Min((x-d.s.Center)/d.s.Sigma, farthest))
	z = math.Round(z*1e9) / 1e9
	st.N, st.At = st.N+1, at
	out := st.Runs.add(z, d.s.Rising)
	if d.average(z) {
		out |= Of(EWMA)
	}
	st.Upper = math.Max(0, st.Upper+z-d.s.CUSUM.K)
	st.Lower = math.Max(0, st.Lower-z-d.s.CUSUM.K)
	if max(st.Upper, st.Lower) > d.s.CUSUM.H {
		out |= Of(CUSUM)
	}
	return out & d.s.Tests
}

// average moves the average and reports whether it is beyond its limits.
func (d *Detector) average(z float64) bool {
	l := d.s.EWMA.Lambda
	d.state.Average = l*z + (1-l)*d.state.Average
	return math.Abs(d.state.Average) > d.width()
}

// width is the distance of the average's limits from the center in z.
func (d *Detector) width() float64 {
	l, w := d.s.EWMA.Lambda, 1.
	if !d.s.EWMA.Asymptotic {
		w -= math.Pow(1-l, 2*float64(d.state.N))
	}
	return d.s.EWMA.Limit * math.Sqrt(l/(2-l)*w)
}

// Average returns the moving average after the last point and its limits, in
// the unit of the points.
func (d *Detector) Average() (value float64, limits Limits) {
	w := d.width() * d.s.Sigma
	return d.s.Center + d.state.Average*d.s.Sigma, Limits{Lower: d.s.Center - w, Center: d.s.Center, Upper: d.s.Center + w}
}

// Sums returns the cumulative sums after the last point, in sigmas.
func (d *Detector) Sums() (upper, lower float64) { return d.state.Upper, d.state.Lower }

// State returns what d remembers.
func (d *Detector) State() State { return d.state }

// SetState lets d go on where another one with the same settings was.
func (d *Detector) SetState(s State) { d.state = s }
