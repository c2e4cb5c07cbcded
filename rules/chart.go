package rules

import (
	"andon/plant"
	"andon/plant/spc"
)

// A chart is the control chart of one instance.
type chart struct {
	detector *spc.Detector
	recent   []float64 // the last points, for the capability
	next     int       // the oldest of them once recent is full
	at       plant.Instant
	levels   []chartLevel
}

// A chartLevel is what one level last saw.
type chartLevel struct {
	test  spc.Test // the last that signalled
	quiet int      // points since then
}

func newChart(r *rule) *chart {
	d, _ := spc.NewDetector(r.chart) // its settings are checked
	return &chart{detector: d, recent: make([]float64, 0, r.CapabilityOver), levels: make([]chartLevel, len(r.levels))}
}

// samplePoint takes a sample as a point of the chart. One that is repeated,
// as brokers and servers do after a connection broke, is the same point.
func (s *Set) samplePoint(i *instance, now plant.Instant, smp *plant.Sample) {
	c := i.chart
	if !i.take(now, smp) || i.quality == bad || len(c.recent) > 0 && c.at == smp.Time {
		return
	}
	v, _ := i.value.Float()
	c.at = smp.Time
	signals := c.detector.Add(smp.Time, v)
	c.keep(v)
	for k := range c.levels {
		l, of := &c.levels[k], &i.rule.levels[k]
		in := input{at: smp.Time, from: now}
		if signals&of.tests != 0 {
			in.raise, l.quiet, l.test = true, 0, first(of.order, signals)
		} else {
			l.quiet++
			in.clear = l.quiet >= i.rule.ClearAfter
		}
		s.step(i, i.first+int32(k), in)
	}
}

// keep adds a point to the recent ones.
func (c *chart) keep(v float64) {
	if len(c.recent) < cap(c.recent) {
		c.recent = append(c.recent, v)
		return
	}
	c.recent[c.next] = v
	c.next = (c.next + 1) % len(c.recent)
}

// inOrder returns the recent points, the oldest first.
func (c *chart) inOrder() []float64 {
	out := make([]float64, 0, len(c.recent))
	return append(append(out, c.recent[c.next:]...), c.recent[:c.next]...)
}

// first returns the first of list that is in set.
func first(list []spc.Test, set spc.Tests) spc.Test {
	for _, t := range list {
		if set.Has(t) {
			return t
		}
	}
	return list[0]
}

// explain says in f which test signals at level k, and how capable the
// process was of late.
func (c *chart) explain(f *Facts, r *rule, k int) {
	f.Test, f.Pattern = c.levels[k].test.String(), c.levels[k].test.Text()
	x := spc.Individuals(c.inOrder(), r.spec)
	f.N = x.N
	index := func(v spc.Figure) string {
		switch {
		case !v.OK:
			return ""
		case x.Few:
			return "~" + decimals(v.Value, 2)
		}
		return decimals(v.Value, 2)
	}
	f.Cp, f.Cpk, f.Pp, f.Ppk, f.Cpm = index(x.Cp), index(x.Cpk), index(x.Pp), index(x.Ppk), index(x.Cpm)
}

// A savedChart is a chart in a snapshot. Its state counts for the same center
// and sigma only.
type savedChart struct {
	Center float64           `json:"center"`
	Sigma  float64           `json:"sigma"`
	State  spc.State         `json:"state"`
	Recent []float64         `json:"recent,omitempty"`
	At     int64             `json:"at"`
	Levels []savedChartLevel `json:"levels"`
}

type savedChartLevel struct {
	Priority plant.Priority `json:"priority"`
	Test     string         `json:"test"`
	Quiet    int            `json:"quiet"`
}

func (c *chart) save(r *rule) *savedChart {
	out := &savedChart{Center: r.chart.Center, Sigma: r.chart.Sigma, State: c.detector.State(), Recent: c.inOrder(), At: int64(c.at)}
	for k, l := range c.levels {
		out.Levels = append(out.Levels, savedChartLevel{r.levels[k].priority, l.test.String(), l.quiet})
	}
	return out
}

func (c *chart) load(r *rule, x *savedChart) {
	for _, v := range x.Recent {
		c.keep(v)
	}
	c.at = plant.Instant(x.At)
	if x.Center == r.chart.Center && x.Sigma == r.chart.Sigma {
		c.detector.SetState(x.State)
	}
	for _, l := range x.Levels {
		k := r.levelOf(l.Priority)
		if t, ok := spc.ParseTest(l.Test); ok && k >= 0 {
			c.levels[k] = chartLevel{t, l.Quiet}
		}
	}
}
