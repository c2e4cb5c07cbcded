package production

import (
	"math"
	"slices"
	"time"

	"andon/plant"
)

// Reliability is what failures say of equipment.
type Reliability struct {
	// MTBFInterval holds the true mean time between failures with the
	// confidence it names.
	MTBFInterval MTBFInterval `json:"mean_time_between_failures_interval"`
	// MTTA is the mean time from the beginning of a failure to its
	// acknowledgement in seconds, of Acknowledged failures.
	MTTA             Ratio   `json:"mean_time_to_acknowledge"`
	AcknowledgedRuns int     `json:"acknowledged_failures"`
	AcknowledgeTime  Seconds `json:"acknowledge_time"` // sum over them
	// InherentAvailability is MTBF / (MTBF + MTTR).
	InherentAvailability Ratio `json:"inherent_availability"`

	CorrectiveTime  Seconds `json:"corrective_maintenance_time"` // CMT: failures, as far as in the window
	PreventiveTime  Seconds `json:"preventive_maintenance_time"` // PMT
	CorrectiveRatio Ratio   `json:"corrective_maintenance_ratio"`
}

// An MTBFInterval is a confidence interval of the mean time between failures
// in seconds. Without failures there is a lower bound only.
type MTBFInterval struct {
	Confidence float64 `json:"confidence"`
	Failures   int     `json:"n"`
	Low        Ratio   `json:"low"`
	High       Ratio   `json:"high"`
}

// mtbfConfidence is that of the intervals in KPIs.
const mtbfConfidence = .9

// NewMTBFInterval returns the interval for n failures in run time t at a
// constant failure rate and a test that ends after a time, as in the NIST/
// SEMATECH e-Handbook, 8.4.5.1: 2t/chi2(1-a/2; 2n+2) to 2t/chi2(a/2; 2n) with
// a = 1 - confidence, and at least t/(-ln a) when nothing failed.
func NewMTBFInterval(t time.Duration, n int, confidence float64) MTBFInterval {
	v := MTBFInterval{Confidence: confidence, Failures: n}
	a, run := alphaOf(confidence), Seconds(t).Float()
	switch {
	case t <= 0:
	case n == 0:
		v.Low = Over(run, -math.Log(a))
	default:
		// Half of a chi-square of 2k degrees of freedom is an Erlang of k.
		v.Low = Over(run, erlangQuantile(n+1, 1-a/2))
		v.High = Over(run, erlangQuantile(n, a/2))
	}
	return v
}

// alphaOf returns what an interval leaves out.
func alphaOf(confidence float64) float64 { return 1 - confidence }

// erlangQuantile returns where the distribution of the sum of k unit
// exponentials reaches p: Newton's method from the approximation of Wilson
// and Hilferty, which is good alone for large k.
func erlangQuantile(k int, p float64) float64 {
	n := float64(k)
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	x := n * math.Pow(max(.01, 1-1/(9*n)+z/(3*math.Sqrt(n))), 3)
	if k > 500 {
		return x
	}
	for range 50 {
		below, density := erlang(k, x)
		next := max(x/8, min(x*8, x-(below-p)/density))
		if math.Abs(next-x) <= 1e-13*x {
			break
		}
		x = next
	}
	return x
}

// erlang returns the probability below x, one less the first k terms of a
// Poisson distribution of mean x, and the density there, the last of them.
func erlang(k int, x float64) (below, density float64) {
	above := 0.0
	term := math.Exp(-x)
	for i := range k {
		if i > 0 {
			term *= x / float64(i)
		}
		above += term
	}
	return 1 - above, term
}

// reliability completes what failures have counted.
func (k *KPI) reliability(in KPIInput, window plant.Interval) {
	for _, s := range in.Facts.Segments {
		d := Seconds(s.Interval(window.To).Clip(window).Duration())
		switch {
		case s.Failure && s.Loss != LossUnknown && s.Loss != LossNotScheduled:
			k.CorrectiveTime += max(0, d)
		case slices.Contains(in.Maintenance, s.Reason):
			k.PreventiveTime += max(0, d)
		}
		if at, ok := in.Acknowledged[s.Stop]; ok && s.Failure && s.From == s.StopStart && window.Contains(s.From) {
			k.AcknowledgedRuns++
			k.AcknowledgeTime += Seconds(max(0, at.Sub(s.From)))
		}
	}
	k.metered()
}
