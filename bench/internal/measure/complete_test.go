package measure_test

import (
	"strings"
	"testing"

	"andon/bench/internal/measure"
)

func TestWhatDidNotArriveIsToldWhereAllMust(t *testing.T) {
	whole := measure.Run{Side: measure.Andon, Planned: 1000, Sent: 1000, Arrived: 1000, Taken: 1001, DrainS: 60, Fault: "a backlog needed 60 s"}
	for name, c := range map[string]struct {
		run  func(*measure.Run)
		want string
	}{
		"all arrived, late":         {func(*measure.Run) {}, ""},
		"one is missing":            {func(r *measure.Run) { r.Arrived-- }, "999 arrived"},
		"one is not in the stream":  {func(r *measure.Run) { r.Taken = 999 }, "backlog"},
		"the generator fell short":  {func(r *measure.Run) { r.Sent, r.Arrived, r.Short = 900, 900, true }, "900 of 1000 samples were sent"},
		"Telegraf keeps no records": {func(r *measure.Run) { r.Side, r.Taken = measure.Telegraf, 0 }, ""},
	} {
		run := whole
		c.run(&run)
		err := measure.Result{Case: "opcua", Runs: []measure.Run{run}}.Complete()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if err := (measure.Result{Skipped: "there is no Node.js"}).Complete(); err == nil {
		t.Error("a case that was skipped counts as complete")
	}
}
