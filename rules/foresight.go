package rules

import (
	"fmt"
	"math"
	"time"

	"andon/plant/setting"
	"andon/plant/spc"
)

// Usual settings of rules that look at more than the last value.
const (
	usualCapabilityOver = 125
	usualPoints         = 10
	mostPoints          = 10_000 // bounds the memory of one instance
	mostCount           = 100
)

// setDefaults fills in what was left out.
func (r *Rule) setDefaults() {
	fill := func(n *int, usual int) {
		if *n == 0 {
			*n = usual
		}
	}
	switch r.Kind {
	case KindSPC:
		fill(&r.ClearAfter, 1)
		fill(&r.CapabilityOver, usualCapabilityOver)
	case KindTrend:
		fill(&r.Points, usualPoints)
		if r.ClearBeyond == 0 {
			r.ClearBeyond = r.Within + r.Within/2
		}
		if r.Gap == 0 {
			r.Gap = r.Window
		}
	case KindCount:
		if r.OffDelay == 0 {
			r.OffDelay = r.Within
		}
	}
}

func (r Rule) validateSPC(p *setting.Problems) {
	if r.Tag == "" {
		p.Add("tag", "the name of a tag")
	}
	if len(r.Levels) > 0 && len(r.Tests) > 0 {
		p.Add("levels", "either levels, each with tests, or tests")
	}
	for i, l := range r.Levels {
		if l.Raise != "" || l.Clear != "" {
			p.Add(fmt.Sprintf("levels[%d].raise", i), "nothing in a rule of kind %s; tests say when it is raised", r.Kind)
		}
	}
	if r.ClearAfter < 0 || r.ClearAfter > mostPoints {
		p.Add("clear_after", "1 to %d points", mostPoints)
	}
	if r.CapabilityOver < 0 || r.CapabilityOver == 1 || r.CapabilityOver > mostPoints {
		p.Add("capability_over", "2 to %d points", mostPoints)
	}
	checkTime(p, "gap", r.Gap)
	s := r.Spec
	if s.Lower != nil && s.Upper != nil && *s.Lower >= *s.Upper {
		p.Add("spec.lower", "a limit below spec.upper")
	}
	if r.Center == nil && s.Target == nil && (s.Lower == nil || s.Upper == nil) {
		p.Add("center", "the center of the chart, or spec.target, or both limits of spec")
	}
}

func (r Rule) validateTrend(p *setting.Problems) {
	if r.Tag == "" {
		p.Add("tag", "the name of a tag")
	}
	for _, x := range []struct {
		at string
		d  time.Duration
	}{{"within", r.Within}, {"window", r.Window}} {
		if x.d < time.Second || x.d > maxTime {
			p.Add(x.at, "1s to 720h")
		}
	}
	checkTime(p, "clear_beyond", r.ClearBeyond)
	if r.ClearBeyond != 0 && r.ClearBeyond < r.Within {
		p.Add("clear_beyond", "within (%s) or longer", r.Within)
	}
	checkTime(p, "gap", r.Gap)
	if r.Points != 0 && (r.Points < 3 || r.Points > cells) {
		p.Add("points", "3 to %d", cells)
	}
	if !(r.Jump >= 0) || math.IsInf(r.Jump, 0) {
		p.Add("jump", "a change in the unit of the tag, 0 or more")
	}
}

func (r Rule) validateCount(p *setting.Problems) {
	r.validateState(p)
	if r.Count < 2 || r.Count > mostCount {
		p.Add("count", "2 to %d times", mostCount)
	}
	if r.Within < time.Second || r.Within > maxTime {
		p.Add("within", "1s to 720h")
	}
}

// compileTests reads the names of tests.
func (l *level) compileTests(p *setting.Problems, at string, names []string) {
	if len(names) == 0 {
		p.Add(at+"tests", "at least one of %v", spc.AllTests())
	}
	for i, name := range names {
		t, ok := spc.ParseTest(name)
		if !ok {
			p.Add(fmt.Sprintf("%stests[%d]", at, i), "one of %v, not %q", spc.AllTests(), name)
			continue
		}
		l.tests |= spc.Of(t)
		l.order = append(l.order, t)
	}
}

// compileGoal reads the limit of a trend.
func compileGoal(p *setting.Problems, text string) limit {
	l, err := parseLimit(text)
	if err == nil && (l.direction() == 0 || l.boolean) {
		err = fmt.Errorf(`a limit that a value can come near, such as ">= 75", not %q`, text)
	}
	if err != nil {
		p.Add("limit", "%v", err)
	}
	return l
}

// compileChart makes the settings of the chart and of the specification.
func (r *rule) compileChart(p *setting.Problems) {
	figure := func(x *float64) spc.Figure {
		if x == nil {
			return spc.Figure{}
		}
		return spc.Is(*x)
	}
	r.spec = spc.Spec{Lower: figure(r.Spec.Lower), Upper: figure(r.Spec.Upper), Target: figure(r.Spec.Target)}
	center := (r.spec.Lower.Value + r.spec.Upper.Value) / 2
	switch {
	case r.Center != nil:
		center = *r.Center
	case r.spec.Target.OK:
		center = r.spec.Target.Value
	}
	s := spc.DefaultSettings(center, r.Sigma)
	s.Gap = r.Gap
	if r.Rising != 0 {
		s.Rising = r.Rising
	}
	set := func(to *float64, x float64) {
		if x != 0 {
			*to = x
		}
	}
	set(&s.EWMA.Lambda, r.EWMA.Lambda)
	set(&s.EWMA.Limit, r.EWMA.Limit)
	set(&s.CUSUM.K, r.CUSUM.K)
	set(&s.CUSUM.H, r.CUSUM.H)
	s.CUSUM.HeadStart = r.CUSUM.HeadStart
	for _, l := range r.levels {
		s.Tests |= l.tests
	}
	checkChart(p, s)
	r.chart = s
}

// checkChart reports what makes no chart, as spc.NewDetector would, all at
// once.
func checkChart(p *setting.Problems, s spc.Settings) {
	for _, x := range []struct {
		ok       bool
		at, want string
	}{
		{!math.IsNaN(s.Center) && !math.IsInf(s.Center, 0), "center", "a number"},
		{s.Sigma > 0 && !math.IsInf(s.Sigma, 0), "sigma", "a number above 0, in the unit of the tag"},
		{s.Rising >= 3 && s.Rising <= 100, "rising", "3 to 100 points"},
		{s.EWMA.Lambda > 0 && s.EWMA.Lambda <= 1, "ewma.lambda", "above 0, at most 1"},
		{s.EWMA.Limit > 0, "ewma.limit", "above 0"},
		{s.CUSUM.K > 0, "cusum.k", "above 0"},
		{s.CUSUM.H > 0, "cusum.h", "above 0"},
		{s.CUSUM.HeadStart >= 0 && !(s.CUSUM.HeadStart > s.CUSUM.H), "cusum.head_start", "0 to h"},
	} {
		if !x.ok {
			p.Add(x.at, "%s", x.want)
		}
	}
}
