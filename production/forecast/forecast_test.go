package forecast_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/forecast"
	"andon/production/productiontest"
	"pgregory.net/rapid"
)

// now is the end of the scripted hour, a Monday at 10:00 in Berlin; the early
// shift ends at 13:00Z.
const hour = productiontest.Hour

var now = productiontest.Start + hour

type failer interface {
	Helper()
	Fatal(...any)
}

// workTime is that of line A, with more breaks in its early shift.
func workTime(t failer, breaks ...plant.BreakConfig) *production.WorkTime {
	t.Helper()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	cfg := productiontest.Config(productiontest.Start)
	early := &cfg.Calendars[0].Shifts[0]
	early.Breaks = append(early.Breaks, breaks...)
	w, err := production.NewWorkTime(cfg, tree, tree.FindEquipment(productiontest.A1))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func steady(buckets int, pace float64) forecast.History {
	h := make(forecast.History, buckets)
	for i := range h {
		h[i].Pace = pace
	}
	return h
}

func TestSteadyLineIsForecastToTheUnit(t *testing.T) {
	in := forecast.Input{History: steady(96, .8), Work: workTime(t), Ideal: time.Second, Now: now}
	f := forecast.Units(in, now+hour, 3310)
	if f.Median != 3310+2880 || f.High != f.Median || f.Low > f.Median || f.Reason != "" {
		t.Errorf("units after another hour: got %+v, want 6190", f)
	}
	lunch := forecast.Input{History: in.History, Work: workTime(t, plant.BreakConfig{Name: "Lunch", From: "10:30", To: "10:50"}), Ideal: time.Second, Now: now}
	if f := forecast.Units(lunch, now+hour, 0); f.Median != 1920 {
		t.Errorf("with twenty minutes of lunch: got %d, want 1920", f.Median)
	}
	c := forecast.Order(lunch, 2880)
	if got, want := c.Median, now+hour+20*plant.Instant(time.Minute); got != want {
		t.Errorf("order is done: got %v, want %v", got, want)
	}
	if c.Low != c.Median || c.High < c.Median || c.Chance(c.Median) < .5 || c.Chance(now+hour) != 0 {
		t.Errorf("got %+v, want nothing before the median", c.Forecast)
	}
}

func TestChanceToFinishGrowsWithTime(t *testing.T) {
	m := machine{up: 30, down: 4, slow: .2, scrap: .02}
	h := m.history(rand.New(rand.NewPCG(7, 7)), 288)
	c := forecast.Order(forecast.Input{History: h, Work: workTime(t), Ideal: time.Second, Now: now}, 5330)
	if !(now < c.Low && c.Low < c.Median && c.Median < c.High) || len(c.Curve) != 19 {
		t.Fatalf("got %v, %v, %v", c.Low, c.Median, c.High)
	}
	for _, p := range c.Curve {
		if got := c.Chance(p.By); got < p.Probability || got > p.Probability+.1 {
			t.Errorf("chance to finish by %v: got %v, want %v", p.By, got, p.Probability)
		}
	}
	if c.Thin {
		t.Error("24 hours of work are no thin history")
	}
}

func TestShortHistoryGivesAWiderIntervalOrNone(t *testing.T) {
	m := machine{up: 30, down: 4, slow: .2}
	h := m.history(rand.New(rand.NewPCG(3, 3)), 480)
	width := func(h forecast.History) float64 {
		f := forecast.Units(forecast.Input{History: h, Work: workTime(t), Ideal: time.Second, Now: now}, now+2*hour, 0)
		if f.Thin != (len(h) < 96) || f.Buckets != len(h) {
			t.Errorf("%d buckets: got %+v", len(h), f)
		}
		return float64(f.High-f.Low) / 1000
	}
	if short, long := width(h[:24]), width(h); short < 1.3*long {
		t.Errorf("two hours of history: got an interval of %.3f, want wider than %.3f of forty", short, long)
	}
	for reason, in := range map[string]forecast.Input{
		"history of 55 minutes of work, 60 are needed": {History: h[:11], Work: workTime(t), Ideal: time.Second, Now: now},
		"the product has no ideal cycle":               {History: h, Work: workTime(t), Now: now},
		"nothing good was made in the history":         {History: steady(96, 0), Work: workTime(t), Ideal: time.Second, Now: now},
	} {
		if f := forecast.Units(in, now+hour, 5); f.Reason != reason || f.High != 0 {
			t.Errorf("units: got %+v, want %q", f, reason)
		}
		if c := forecast.Order(in, 5); c.Reason != reason || c.High != 0 || c.Chance(now+hour) != 0 {
			t.Errorf("order: got %+v, want %q", c.Forecast, reason)
		}
	}
}

func TestOrderOfMonthsHasNoEnd(t *testing.T) {
	in := forecast.Input{History: steady(96, .01), Work: workTime(t), Ideal: time.Minute, Now: now}
	if c := forecast.Order(in, 1e6); c.Median != 0 || c.Reason != "" {
		t.Errorf("got %v %q, want no time", c.Median, c.Reason)
	}
	if f := forecast.Units(in, now+100*24*hour, 0); f.Reason == "" {
		t.Errorf("a hundred days ahead: got %+v, want a reason", f)
	}
}

func TestForecastOfTheSameInputIsTheSame(t *testing.T) {
	work := workTime(t)
	rapid.Check(t, func(t *rapid.T) {
		var h forecast.History
		for _, pace := range rapid.SliceOfN(rapid.Float64Range(0, 1.2), 12, 60).Draw(t, "history") {
			h = append(h, forecast.Bucket{Pace: pace})
		}
		in := forecast.Input{History: h, Work: work, Ideal: time.Duration(rapid.Int64Range(1e8, 1e10).Draw(t, "ideal")), Now: now}
		end := now + plant.Instant(rapid.Int64Range(0, int64(4*hour)).Draw(t, "ahead"))
		a, b := forecast.Units(in, end, 3), forecast.Units(in, end, 3)
		if a != b || a.Low > a.Median || a.Median > a.High || a.Reason == "" && a.Low < 3 {
			t.Fatalf("got %+v and %+v", a, b)
		}
		n := rapid.Int64Range(1, 10000).Draw(t, "remaining")
		if c, d := forecast.Order(in, n), forecast.Order(in, n); !reflect.DeepEqual(c, d) {
			t.Fatalf("got %+v and %+v", c, d)
		}
	})
}

func TestHistoryIsWorkingTimeThatIsKnown(t *testing.T) {
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	area, err := production.New(productiontest.Config(productiontest.Start), tree, tree.Areas[0])
	if err != nil {
		t.Fatal(err)
	}
	area.Apply(now, productiontest.Northfield(tree, productiontest.Start), productiontest.Contacts(productiontest.Start))
	area.Tick(now)
	w := plant.Interval{From: productiontest.Start, To: now}
	h := forecast.NewHistory(area.Facts(tree.FindEquipment(productiontest.A1), w), w)
	// 50 minutes without the break, of which 10 s are unknown: the last
	// bucket is not full.
	if len(h) != 9 {
		t.Fatalf("got %d buckets, want 9: %v", len(h), h)
	}
	for i, want := range map[int]float64{0: .99, 4: .8 * 20 / 300, 5: .8 * 502 / 512, 6: 0, 7: .8 * 234 / 240} {
		if got := h[i].Pace; math.Abs(got-want) > .02 {
			t.Errorf("bucket %d: got pace %.3f, want %.3f", i, got, want)
		}
	}
	if got, want := h[6].From, productiontest.Start+40*plant.Instant(time.Minute); got != want {
		t.Errorf("first bucket after the break: got %v, want %v", got, want)
	}
}

func BenchmarkOrder(b *testing.B) {
	h := machine{up: 30, down: 4, slow: .2}.history(rand.New(rand.NewPCG(1, 1)), 576)
	in := forecast.Input{History: h, Work: workTime(b), Ideal: time.Second, Now: now}
	for b.Loop() {
		forecast.Order(in, 100_000)
	}
}
