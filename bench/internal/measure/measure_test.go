package measure_test

import (
	"testing"
	"time"

	"andon/bench/internal/measure"

	"github.com/google/go-cmp/cmp"
)

func TestSpreadOfPairs(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   measure.Spread
	}{
		{[]float64{3}, measure.Spread{Median: 3, Min: 3, Max: 3}},
		{[]float64{4, 1}, measure.Spread{Median: 2.5, Min: 1, Max: 4}},
		{[]float64{9, 1, 5}, measure.Spread{Median: 5, Min: 1, Max: 9}},
	} {
		if got, ok := measure.SpreadOf(c.values); !ok || got != c.want {
			t.Errorf("spread of %v = %v %v, want %v", c.values, got, ok, c.want)
		}
	}
	if _, ok := measure.SpreadOf(nil); ok {
		t.Error("nothing has a spread")
	}
}

func TestPercentileIsAValueThatWasMeasured(t *testing.T) {
	var values []time.Duration
	for i := 100; i >= 1; i-- {
		values = append(values, time.Duration(i))
	}
	for p, want := range map[float64]time.Duration{50: 50, 99: 99, 100: 100, 0: 1} {
		if got, ok := measure.Percentile(values, p); !ok || got != want {
			t.Errorf("%v %% of 1…100 = %d, want %d", p, got, want)
		}
	}
	if got, _ := measure.Percentile([]time.Duration{7}, 99); got != 7 {
		t.Errorf("99 %% of one value = %d, want it", got)
	}
}

func TestRatiosAreOfPairs(t *testing.T) {
	r := measure.Result{Runs: []measure.Run{
		{Side: measure.Andon, Pair: 1, CPU: 10}, {Side: measure.Telegraf, Pair: 1, CPU: 20},
		{Side: measure.Andon, Pair: 2, CPU: 30}, {Side: measure.Telegraf, Pair: 2, CPU: 40},
		{Side: measure.Andon, Pair: 3, CPU: 50}, // its other half is missing
	}}
	got := r.Ratios(func(run measure.Run) float64 { return run.CPU })
	if diff := cmp.Diff([]float64{.5, .75}, got); diff != "" {
		t.Errorf("ratios (-want +got):\n%s", diff)
	}
}

func TestHighestRateOfASearch(t *testing.T) {
	r := measure.Result{Search: true, Runs: []measure.Run{
		{Side: measure.Andon, Pair: 1, Rate: 40, Short: true},
		{Side: measure.Andon, Pair: 1, Rate: 30}, // a short try
		{Side: measure.Andon, Pair: 1, Rate: 30, Confirms: true, Fault: "a backlog"},
		{Side: measure.Andon, Pair: 1, Rate: 20, Confirms: true},
		{Side: measure.Andon, Pair: 2, Rate: 10, Fault: "lost"},
	}}
	if diff := cmp.Diff([]float64{20, 0}, r.Highest(measure.Andon)); diff != "" {
		t.Errorf("highest (-want +got):\n%s", diff)
	}
	if err := r.Valid(); err != nil {
		t.Errorf("a search that ends because of the generator is valid: %v", err)
	}
	r.Search = false
	if r.Valid() == nil {
		t.Error("a comparison in which the generator fell short is valid")
	}
}
