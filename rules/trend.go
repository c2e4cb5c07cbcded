package rules

import (
	"math"
	"time"

	"andon/plant"
)

// cells bounds the memory of a trend: samples of the same hundredth of the
// window are one.
const cells = 100

// certain is how many of its standard errors a rate must be away from zero. A
// rate that the noise of a steady value could have is none.
const certain = 4

// farthest bounds values, so that sums of their squares stay finite.
const farthest = 1e150

// A trend is the window of one instance.
type trend struct {
	cells []cell // the oldest first
	last  float64
	at    plant.Instant // of last; 0 before the first sample
	rate  float64       // per second
	in    time.Duration // until the limit, negative when it will not be reached
}

// A cell is one or more samples: sums of their values, and of their seconds
// since the first.
type cell struct {
	From plant.Instant `json:"from"`
	N    float64       `json:"n"`
	T    float64       `json:"t"`
	V    float64       `json:"v"`
}

func newTrend() *trend { return &trend{cells: make([]cell, 0, cells+2), in: -1} }

// sampleTrend takes a sample. A repeated one says nothing new.
func (s *Set) sampleTrend(i *instance, now plant.Instant, smp *plant.Sample) {
	if !i.take(now, smp) {
		return
	}
	if i.quality == bad {
		s.freeze(i, now)
		return
	}
	s.thaw(i, now)
	away := false
	if smp.Time != i.trend.at {
		i.seen = now
		v, _ := i.value.Float()
		away = i.trend.add(i.rule, smp.Time, max(-farthest, min(v, farthest)))
	}
	s.judge(i, away, input{at: smp.Time, from: now})
}

// trendContact takes a contact of the source: a value that was not sent for
// the whole window stands still, and its rate is over. The contact's time is
// of another clock than the samples', so that it is compared with when the
// last one came.
func (s *Set) trendContact(i *instance, now, at plant.Instant) {
	t := i.trend
	if i.quality != good || len(t.cells) == 0 || at.Sub(i.seen) < i.rule.Window {
		return
	}
	t.cells = t.cells[:0]
	s.judge(i, true, input{at: at, from: now})
}

// judge steps the latch by the time until the limit. away says that the value
// is known to come nearer no more.
func (s *Set) judge(i *instance, away bool, in input) {
	t, goal := i.trend, &i.rule.levels[0].raise
	known := t.foresee(i.rule.Points, goal)
	switch {
	case goal.holds(t.last):
		t.in, in.raise = 0, true
	case away:
		in.clear = true
	case known:
		in.raise = t.in >= 0 && t.in <= i.rule.Within
		in.clear = t.in < 0 || t.in > i.rule.ClearBeyond
	case s.latches[i.first].phase == offDelay:
		return // what began to clear goes on until more is known
	}
	s.step(i, i.first, in)
}

// add takes a value. It reports whether the value jumped away from the limit.
func (t *trend) add(r *rule, at plant.Instant, v float64) (away bool) {
	step := v - t.last
	jumped := t.at != 0 && r.Jump > 0 && math.Abs(step) > r.Jump
	if jumped || at < t.at || at.Sub(t.at) > r.Gap {
		t.cells = t.cells[:0]
	}
	t.last, t.at = v, at
	old := 0
	for old < len(t.cells) && at.Sub(t.cells[old].From) > r.Window {
		old++
	}
	t.cells = t.cells[:copy(t.cells, t.cells[old:])]
	if n := len(t.cells); n > 0 && at.Sub(t.cells[n-1].From) < r.Window/cells {
		c := &t.cells[n-1]
		c.N, c.T, c.V = c.N+1, c.T+at.Sub(c.From).Seconds(), c.V+v
	} else {
		t.cells = append(t.cells, cell{From: at, N: 1, V: v})
	}
	return jumped && step*float64(r.levels[0].raise.direction()) < 0
}

// foresee fits a straight line by least squares and follows it to the limit.
// It is false when there are too few points to say anything.
func (t *trend) foresee(points int, goal *limit) bool {
	t.rate, t.in = 0, -1
	if len(t.cells) < points {
		return false
	}
	rate, now, ok := t.fit()
	direction := float64(goal.direction())
	if !ok || rate*direction <= 0 {
		return true
	}
	t.rate = rate
	left := math.Round(max((goal.bound-now)/rate, 0)) // whole seconds: nobody can foresee better
	if left <= maxTime.Seconds() {
		t.in = time.Duration(left) * time.Second
	}
	return true
}

// fit returns the rate per second and the value of the line at the last
// sample. It is false when the rate may as well be none.
func (t *trend) fit() (rate, now float64, ok bool) {
	at := func(c *cell) (x, y float64) { return c.From.Sub(t.at).Seconds() + c.T/c.N, c.V / c.N }
	var n, mx, my float64
	for k := range t.cells {
		c := &t.cells[k]
		x, y := at(c)
		n, mx, my = n+c.N, mx+c.N*x, my+c.N*y
	}
	mx, my = mx/n, my/n
	var xx, xy, yy float64
	for k := range t.cells {
		c := &t.cells[k]
		x, y := at(c)
		xx, xy, yy = xx+c.N*(x-mx)*(x-mx), xy+c.N*(x-mx)*(y-my), yy+c.N*(y-my)*(y-my)
	}
	if !(xx > 0) {
		return 0, 0, false
	}
	rate = xy / xx
	spread := max(yy-rate*xy, 0) / (float64(len(t.cells)-2) * xx)
	return rate, my - rate*mx, rate*rate > certain*certain*spread
}

// explain says in f how soon the limit is reached, unless it is, and at which
// rate the value changes.
func (t *trend) explain(f *Facts) {
	f.In, f.Rate = "", decimals(t.rate*60, 3)
	if t.in > 0 {
		f.In = short(t.in)
	}
}

// A savedTrend is a trend in a snapshot.
type savedTrend struct {
	Cells []cell  `json:"cells,omitempty"`
	Last  float64 `json:"last"`
	At    int64   `json:"at"`
	Rate  float64 `json:"rate"`
	In    int64   `json:"in"`
}

func (t *trend) save() *savedTrend {
	return &savedTrend{Cells: t.cells, Last: t.last, At: int64(t.at), Rate: t.rate, In: int64(t.in)}
}

func (t *trend) load(x *savedTrend) {
	t.last, t.at, t.rate, t.in = x.Last, plant.Instant(x.At), x.Rate, time.Duration(x.In)
	for _, c := range x.Cells {
		if c.N > 0 && len(t.cells) < cap(t.cells) {
			t.cells = append(t.cells, c)
		}
	}
}
