package rules_test

import (
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/rules"
)

func at(x float64) *float64 { return &x }

// weight watches a value that should be 25, with sigma .05.
func weight() rules.Rule {
	return rules.Rule{ID: "weight", Class: plant.ClassQuality, Kind: rules.KindSPC, Equipment: lineA + "A1", Tag: "vibration",
		Spec: rules.Spec{Lower: at(24.75), Upper: at(25.25), Target: at(25)}, Sigma: .05,
		Levels: []rules.Level{{Priority: plant.PriorityHigh, Tests: []string{"n1"}}, {Priority: plant.PriorityMedium, Tests: []string{"n2"}},
			{Priority: plant.PriorityLow, Tests: []string{"we4"}}},
		Gap: time.Hour, Response: "set parts aside"}
}

var weights = []float64{24.98, 25.02, 25.03, 25.01, 25.04, 25.02, 25.045, 25.03, 25.02, 25.06, 25.16, 25.01}

// weigh weighs parts every five minutes, the first at 08:02.
func (s *shift) weigh(list ...float64) (out []plant.Condition) {
	for k, x := range list {
		out = append(out, s.point(clock("08:02").Add(time.Duration(5*k)*time.Minute), x)...)
	}
	return out
}

func (s *shift) point(at plant.Instant, x float64) []plant.Condition {
	return s.eval(at, plant.Sample{Tag: s.tree.Tag(lineA + "A1/vibration"), Value: plant.Float(x), Time: at})
}

func TestPartWeightsCallWithRisingPriority(t *testing.T) {
	r := weight()
	r.Message = "{{.Value}}: {{.Pattern}} ({{.Test}}), Cp {{.Cp}} Cpk {{.Cpk}} Pp {{.Pp}} Ppk {{.Ppk}} of {{.N}}, {{.Limit}}"
	s := newShift(t, r)
	got := s.weigh(weights...)
	want(t, "the hour", got, "A1 weight low at 08:42:00, A1 weight medium at 08:47:00, A1 weight high at 08:52:00, A1 weight medium at 08:57:00")
	const last = "25.01: nine in a row on one side of the center (N2), Cp ~2.25 Cpk ~1.93 Pp ~1.89 Ppk ~1.62 of 12, 25 ± 0.15"
	if m := got[3].Message; m != last {
		t.Errorf("message: got %q, want %q", m, last)
	}
}

func TestSignalClearsAfterSoManyPointsWithoutOne(t *testing.T) {
	r := weight()
	r.Levels, r.Tests, r.Priority, r.ClearAfter = nil, []string{"n1"}, plant.PriorityHigh, 3
	s := newShift(t, r)
	want(t, "two points later another", s.weigh(25.2, 25, 24.99, 25.3, 25, 25.01, 24.99),
		"A1 weight high at 08:02:00, A1 weight over at 08:32:00")
}

func TestPointThatIsSentAgainCountsOnce(t *testing.T) {
	r := weight()
	r.Gap = 0
	s := newShift(t, r)
	for range 20 {
		s.eval(clock("08:02"), s.sample("08:02", "A1/vibration", plant.Float(25.01)))
		lost := s.sample("08:02", "A1/vibration", plant.Value{})
		lost.Status = plant.BadNoCommunication
		want(t, "the same part", s.eval(clock("08:02"), lost), "")
	}
	s.restart()
	want(t, "after a restart", s.eval(clock("08:02"), s.sample("08:02", "A1/vibration", plant.Float(25.01))), "")
}

func TestGapBeginsTheChartAnewAndKeepsTheCapability(t *testing.T) {
	r := weight()
	r.Message = "{{.N}}"
	s := newShift(t, r)
	s.weigh(weights[1:9]...)
	now := clock("12:00")
	want(t, "ninth on that side, hours later", s.point(now, 25.01), "A1 weight over at 12:00:00")
	if got := s.point(now.Add(time.Minute), 26); len(got) != 1 || got[0].Message != "10" {
		t.Errorf("points of the capability: got %v, want 10", got)
	}
}

func TestEditedCenterBeginsTheChartAnew(t *testing.T) {
	s := newShift(t, weight())
	s.weigh(weights[1:8]...)
	r := weight()
	r.Spec.Target = at(24.9)
	s.restart(r)
	want(t, "eighth on that side, first of the new chart", s.point(clock("08:40"), 25.01), "")
}

func TestCapabilityIsMarkedUntilThereAreTwentyFivePoints(t *testing.T) {
	r := weight()
	r.Message, r.CapabilityOver = "{{.Cpk}} of {{.N}}", 25
	s := newShift(t, r)
	for k := range 40 {
		s.point(clock("08:02").Add(time.Duration(k)*time.Minute), weights[k%2*9])
	}
	got := s.point(clock("09:00"), 26)
	if len(got) != 1 || strings.HasPrefix(got[0].Message, "~") || !strings.HasSuffix(got[0].Message, " of 25") {
		t.Errorf("got %v, want a figure of 25 points", got)
	}
}

func TestValueThatNeverVariesHasNoCapability(t *testing.T) {
	s := newShift(t, weight())
	got := s.weigh(26, 26)
	if len(got) != 1 || got[0].Message != "vibration is 26 mm/s: beyond 3 sigma (N1)" {
		t.Errorf("got %v, want a message without figures", got)
	}
}

func TestLatePointIsNotJudged(t *testing.T) {
	s := newShift(t, weight())
	s.weigh(weights[1:8]...)
	want(t, "an old point", s.at("08:35", s.sample("08:00", "A1/vibration", plant.Float(26))), "")
	want(t, "the eighth", s.point(clock("08:40"), 25.01), "A1 weight low at 08:40:00")
}
