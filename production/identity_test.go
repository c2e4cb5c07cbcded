package production_test

import (
	"math"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"pgregory.net/rapid"
)

// drawInput draws what an equipment of any plant did in a window of full
// minutes, with any policy, mode and products.
func drawInput(t *rapid.T) production.KPIInput {
	p := drawPress(t)
	p.cfg.Unknown = rapid.SampledFrom([]production.UnknownPolicy{production.UnknownInfer, production.UnknownExclude, production.UnknownAsDown}).Draw(t, "policy")
	p.cfg.OEEMode = rapid.SampledFrom([]production.OEEMode{production.ModeTPM, production.ModeISO22400}).Draw(t, "mode")
	p.cfg.Products[0].Ideal[0].Cycle = time.Duration(rapid.Int64Range(1, 60e9).Draw(t, "ideal cycle of P"))
	p.cfg.Products[1].Ideal = rapid.SampledFrom([][]production.IdealCycle{nil, p.cfg.Products[1].Ideal}).Draw(t, "ideal cycle of Q")
	a := p.area(t)
	p.play(a, 60*second, func() {})
	eq := rapid.SampledFrom(p.tree.Equipment()).Draw(t, "equipment")
	from := rapid.IntRange(-20, 119).Draw(t, "from")
	to := rapid.IntRange(from+1, 140).Draw(t, "to")
	w := plant.Interval{From: p.start.Add(time.Duration(from) * time.Minute), To: p.start.Add(time.Duration(to) * time.Minute)}
	in := a.Definition(eq, w, production.WindowRange)
	in.Facts, in.Now = a.Facts(eq, plant.Interval{From: p.start, To: p.end}), p.end
	in.NoQuality = rapid.IntRange(0, 4).Draw(t, "quality") == 0
	if rapid.IntRange(0, 4).Draw(t, "counter") == 0 {
		in.NoCount, in.Facts.Counts = true, nil
	}
	return in
}

// Elements are those of a window, added up from its facts alone.
type elements struct {
	base, run, micro, made, good plant.Instant // times
	unscheduled                  plant.Instant // part of run
	units, unrated               int64
}

// elementsOf needs a window that its segments cover, or that begins before the
// first: nothing is known of that time, but that work was planned.
func elementsOf(in production.KPIInput) (e elements) {
	w := plant.Interval{From: in.Window.From, To: max(in.Window.From, min(in.Window.To, in.Now))}
	for _, s := range in.Facts.Segments {
		d := plant.Instant(s.Interval(w.To).Clip(w).Duration())
		unknown := s.Loss == production.LossUnknown || s.Inferred && in.Unknown == production.UnknownExclude
		switch {
		case unknown && in.Unknown == production.UnknownAsDown:
			e.base += d
		case unknown, s.Loss == production.LossPlanned, s.Loss == production.LossNotScheduled:
		default:
			e.base += d
		}
		if s.Loss == production.LossRun && !unknown {
			e.run += d
		}
		if s.Loss == production.LossRun && s.Unscheduled {
			e.unscheduled += d
		}
		if s.Loss == production.LossMicroStop {
			e.micro += d
		}
	}
	if first := in.Facts.Segments[0].From; first > w.From && in.Unknown == production.UnknownAsDown {
		e.base += min(first, w.To) - w.From
	}
	for _, c := range in.Facts.Counts {
		if !w.Contains(c.Minute) {
			continue
		}
		total, good := c.Total, c.Good
		if in.Unknown == production.UnknownExclude {
			total, good = total-c.Inferred, good-c.InferredGood
		}
		e.made += plant.Instant(total) * plant.Instant(c.IdealCycle)
		e.good += plant.Instant(good) * plant.Instant(c.IdealCycle)
		e.units += c.Total
		if c.IdealCycle == 0 {
			e.unrated += c.Total
		}
	}
	return e
}

// nearly allows for the rounding of a few divisions.
func nearly(got, want float64) bool { return math.Abs(got-want) <= 1e-12*math.Abs(want) }

// The identity of ISO 22400-2: availability x effectiveness x quality ratio is
// the standard time of good units over planned time, whatever the mode.
func TestOEEIsTheStandardTimeOfGoodUnitsOverPlannedTime(t *testing.T) {
	whole := 0
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		k, e := production.Compute(in), elementsOf(in)
		if !k.Availability.OK || !k.Effectiveness.OK || !k.QualityRatio.OK {
			return
		}
		whole++
		want := float64(e.good) / float64(e.base)
		if got := k.Availability.Value * k.Effectiveness.Value * k.QualityRatio.Value; !nearly(got, want) {
			t.Errorf("%s, %s: A x P x Q is %v x %v x %v = %v, want %v s / %v s = %v", in.Mode, in.Unknown, k.Availability.Value,
				k.Effectiveness.Value, k.QualityRatio.Value, got, e.good.Sub(0).Seconds(), e.base.Sub(0).Seconds(), want)
		}
		if !k.OEEIndex.OK || !nearly(k.OEEIndex.Value, want) {
			t.Errorf("%s, %s: OEE is %v, want %v", in.Mode, in.Unknown, k.OEEIndex, want)
		}
		if !nearly(k.OEEPartial.Value, float64(e.made)/float64(e.base)) {
			t.Errorf("%s, %s: A x P is %v, want %v", in.Mode, in.Unknown, k.OEEPartial, float64(e.made)/float64(e.base))
		}
	})
	if whole == 0 {
		t.Error("no plant had all three factors: nothing was shown")
	}
}

// A factor is null where its denominator is zero or unknown, and only there.
func TestFactorsOfOEEAreNullOnlyWithoutTheirDenominator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		k, e := production.Compute(in), elementsOf(in)
		planned := k.PlannedBusy != k.UnscheduledProduction && e.base != 0 // units made when no work was planned give no rate
		rated := !in.NoCount && (e.units == 0 || e.unrated < e.units)
		effective := e.run
		if in.Mode == production.ModeTPM {
			effective += e.micro
		}
		for name, x := range map[string]struct {
			got  production.Ratio
			want bool
		}{
			"availability":  {k.Availability, planned},
			"effectiveness": {k.Effectiveness, planned && rated && effective != 0},
			"quality_ratio": {k.QualityRatio, !in.NoQuality && e.made != 0},
			"oee_index":     {k.OEEIndex, !in.NoQuality && planned && rated},
			"oee_partial":   {k.OEEPartial, planned && rated},
			"teep_index":    {k.TEEPIndex, !in.NoQuality && rated && k.Calendar != 0},
		} {
			if x.got.OK != x.want || !x.got.OK && x.got.Value != 0 {
				t.Errorf("%s, %s: %s is %+v, want it to exist: %t; elements %+v", in.Mode, in.Unknown, name, x.got, x.want, e)
			}
		}
		if got := plant.Instant(k.UnscheduledProduction); in.Unknown != production.UnknownExclude && got != e.unscheduled {
			t.Errorf("run that nobody planned: got %v, want %v", got.Sub(0), e.unscheduled.Sub(0))
		}
	})
}
