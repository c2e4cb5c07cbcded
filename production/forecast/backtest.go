package forecast

import "andon/production"

// A Coverage is how often the interval held what then happened.
type Coverage struct {
	Ahead  int              `json:"ahead"`  // buckets forecast at a time
	Trials int              `json:"trials"` // forecasts
	Inside int              `json:"inside"` // of them within low and high
	Share  production.Ratio `json:"share"`  // inside / trials; 0.9 is what it should be
}

// Backtest forecasts, time and again, the next buckets of a history from
// those before, and counts how often what was made lay in the interval of
// 90 %. It begins after eight hours of work, when the history is no longer
// thin. What is forecast never overlaps.
func Backtest(h History, ahead int) Coverage {
	c := Coverage{Ahead: ahead}
	for at := max(thinBuckets, ahead); ahead > 0 && at+ahead <= len(h); at += ahead {
		before := h[max(0, at-maxBuckets):at]
		if before.mean() == 0 {
			continue
		}
		made := h[at:at+ahead].mean() * float64(ahead)
		sums := newSampler(before, uint64(ahead)).sums(float64(ahead))
		c.Trials++
		if quantile(sums, .05) <= made && made <= quantile(sums, .95) {
			c.Inside++
		}
	}
	c.Share = production.Over(float64(c.Inside), float64(c.Trials))
	return c
}
