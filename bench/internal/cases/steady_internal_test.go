package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"andon/bench/internal/generator"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
)

// load is a measurement of 20 s with a probe each 100 ms, each of which is
// seen so much after it as age says.
func load(age func(at time.Duration) time.Duration) *span {
	start := time.UnixMilli(1_772_438_400_000)
	s := &span{measure: generator.Event{At: start.UnixMilli()}, done: generator.Event{At: start.Add(20 * time.Second).UnixMilli()}}
	for at := -3 * time.Second; at < 20*time.Second; at += 100 * time.Millisecond {
		s.seen = append(s.seen, influx.Sighting{Source: start.Add(at), Age: age(at)})
	}
	return s
}

// All of it is there 1 s after the last sample, which a short try lets pass.
func TestASideThatIsATwentiethTooSlowDoesNotConfirmARate(t *testing.T) {
	slow := load(func(at time.Duration) time.Duration { return 200*time.Millisecond + max(0, at)/20 })
	if got := grown(slow.growth()); !strings.Contains(got, "came 750 ms later") {
		t.Errorf("got %q, want a backlog that grew by 750 ms", got)
	}
}

func TestASideThatWritesEachSecondConfirmsARate(t *testing.T) {
	flushes := load(func(at time.Duration) time.Duration { return time.Second - (at+3*time.Second)%time.Second })
	if got := grown(flushes.growth()); got != "" {
		t.Errorf("got %q, want nothing: the ages come again each second", got)
	}
	if got := grown((&span{}).growth()); got == "" {
		t.Error("without probes nothing is shown")
	}
}

func TestTheSideThatIsFirstAlternates(t *testing.T) {
	sides := Case{}.sides()
	if got := inTurn(sides, 1); !slices.Equal(got, []measure.Side{measure.Andon, measure.Telegraf}) {
		t.Errorf("pair 1: got %v", got)
	}
	if got := inTurn(sides, 2); !slices.Equal(got, []measure.Side{measure.Telegraf, measure.Andon}) {
		t.Errorf("pair 2: got %v", got)
	}
	if got := inTurn(sides, 3); got[0] != measure.Andon {
		t.Errorf("pair 3: got %v", got)
	}
}
