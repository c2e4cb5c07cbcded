package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"andon/plant"
	"andon/production/forecast"
)

// A machine is what a simulated constraint is like, in minutes.
type machine struct {
	up, down float64 // mean times between and of stops
	slow     float64 // share of runs at 80 % of the ideal pace
	scrap    float64
}

// history runs the machine for a number of buckets.
func (m machine) history(rnd *rand.Rand, buckets int) forecast.History {
	const seconds = 300
	h := make(forecast.History, buckets)
	left, running, pace := 0.0, false, 0.0
	for i := range h {
		made := 0.0
		for t := 0.0; t < seconds; {
			if left <= 0 {
				running = !running
				mean := m.down
				if pace = 1 - m.scrap; running {
					mean = m.up
					if rnd.Float64() < m.slow {
						pace *= .8
					}
				}
				left = rnd.ExpFloat64() * mean * 60
			}
			d := min(left, seconds-t)
			if running {
				made += d * pace
			}
			left, t = left-d, t+d
		}
		h[i] = forecast.Bucket{From: plant.Instant(i) * plant.Instant(5*time.Minute), Pace: math.Round(made) / seconds}
	}
	return h
}

func TestNineOfTenIntervalsHoldWhatHappens(t *testing.T) {
	machines := map[string]machine{
		"short stops":         {up: 20, down: 2, slow: .1, scrap: .01},
		"long stops":          {up: 120, down: 15, scrap: .02},
		"often slow":          {up: 30, down: 4, slow: .5, scrap: .03},
		"stops all the time":  {up: 6, down: 3, slow: .2},
		"one stop in a shift": {up: 200, down: 20, slow: .3},
	}
	for _, size := range []struct{ before, ahead int }{{192, 24}, {288, 48}, {576, 96}} {
		all := forecast.Coverage{}
		for name, m := range machines {
			own := forecast.Coverage{}
			rnd := rand.New(rand.NewPCG(uint64(len(name)), uint64(size.before)))
			for range 14 {
				h := m.history(rnd, size.before+size.ahead)
				c := forecast.Backtest(h, size.ahead)
				own.Trials, own.Inside = own.Trials+c.Trials, own.Inside+c.Inside
			}
			t.Logf("%v %s: %d of %d = %.3f", size, name, own.Inside, own.Trials, float64(own.Inside)/float64(own.Trials))
			all.Trials, all.Inside = all.Trials+own.Trials, all.Inside+own.Inside
		}
		if share := float64(all.Inside) / float64(all.Trials); share < .85 || share > .95 {
			t.Errorf("%v: got %.3f of %d inside, want .85 to .95", size, share, all.Trials)
		}
	}
}
