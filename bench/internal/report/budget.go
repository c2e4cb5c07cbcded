package report

import (
	"fmt"

	"andon/bench/internal/measure"
)

// A budget is what was promised, and how a result shows whether it is kept.
type budget struct {
	what, promise string
	// cases are measured for it; each has a line of its own.
	cases []string
	// judge reads one result; nil when no case measures it.
	judge func(measure.Result) (measured string, met bool)
	// elsewhere says what shows it instead of a case.
	elsewhere string
}

// budgets are in the order of the page. A case that measures one more thing
// is named here.
var budgets = [...]budget{
	{
		what: "CPU per sample, OPC UA subscription → InfluxDB, 20,000 samples/s", promise: "≤ 0.5 × Telegraf with its memory buffer",
		cases: []string{"opcua-5000x250ms"}, judge: cpuAtMost(0.5),
	},
	{
		what: "CPU per sample, MQTT JSON → InfluxDB", promise: "≤ 0.5 × Telegraf with its memory buffer",
		cases: []string{"mqtt-q0-10k", "mqtt-q1-10k", "mqtt-q0-40k", "mqtt-q1-40k"}, judge: cpuAtMost(0.5),
	},
	{
		what: "the same with Telegraf's disk buffer", promise: "≤ 0.1 ×",
		cases: []string{"mqtt-q1-3k-disk"}, judge: cpuAtMost(0.1),
	},
	{
		what: "sustained without loss or backlog, MQTT QoS 1, on 2 cores shared with broker and InfluxDB", promise: "≥ 40,000/s",
		cases: []string{"mqtt-q1-highest"}, judge: sustains(40_000),
	},
	{
		what: "visible in InfluxDB after the source time stamp, 5,000/s", promise: "p99 ≤ 300 ms",
		cases: []string{"mqtt-q1-5k-latency"}, judge: p99AtMost(300),
	},
	{
		what: "monitored items on one encrypted session; a server that allows 1,000 per call", promise: "20,000, no fault at start",
		cases: []string{"opcua-20000x1s", "opcua-20000-secure"}, judge: allArrive,
	},
	{what: "InfluxDB away 10 min, `kill -9` during it", promise: "0 samples lost of what was acknowledged, catch-up ≥ 20 × real time", elsewhere: "[reliability.md](reliability.md)"},
	{what: "sample → notification request leaves, 20,000 samples/s", promise: "p99 ≤ 50 ms", elsewhere: "`go test -run NONE -bench SampleToNotification ./cmd/andon`"},
	{what: "rule evaluations", promise: "≥ 1 M/s per core, 0 allocations for typed kinds", elsewhere: "`go test -run NONE -bench . ./rules`"},
	{what: "replay of recorded history", promise: "≥ 1 M samples/s", elsewhere: "`go test -run NONE -bench Replay ./engine`"},
	{what: "memory, 100,000 tags and 10,000 rule instances", promise: "≤ 300 MB", elsewhere: "`go test -v -run HundredThousandTags ./cmd/andon`"},
}

// Budgets returns the table of what was promised and what was measured.
func Budgets(results []measure.Result) string {
	byName := map[string]measure.Result{}
	for _, r := range results {
		byName[r.Case] = r
	}
	t := table{head: []string{"what", "budget", "measured", "met"}}
	for _, b := range budgets {
		if b.judge == nil {
			t.add(b.what, b.promise, b.elsewhere, "–")
		}
		for _, name := range b.cases {
			what := b.what
			if len(b.cases) > 1 {
				what += " (" + name + ")"
			}
			result, ok := byName[name]
			if !ok {
				t.add(what, b.promise, "not in this run", "–")
				continue
			}
			if result.Skipped != "" {
				t.add(what, b.promise, result.Skipped, "–")
				continue
			}
			measured, met := b.judge(result)
			t.add(what, b.promise, measured, yesNo(met))
		}
	}
	return t.String()
}

func yesNo(met bool) string {
	if met {
		return "yes"
	}
	return "**no**"
}

// cpuAtMost wants the median ratio of processor time not above a limit, and
// all samples of andon there in time.
func cpuAtMost(limit float64) func(measure.Result) (string, bool) {
	return func(r measure.Result) (string, bool) {
		ratios := r.Ratios(func(run measure.Run) float64 { return run.CPU })
		s, ok := measure.SpreadOf(ratios)
		measured := spread(ratios) + " ×"
		if missed := unpassed(r, measure.Telegraf); missed != "" {
			measured += "; " + missed
		}
		if missed := unpassed(r, measure.Andon); missed != "" {
			return measured + "; " + missed, false
		}
		return measured, ok && s.Median <= limit
	}
}

func sustains(rate float64) func(measure.Result) (string, bool) {
	return func(r measure.Result) (string, bool) {
		highest := r.Highest(measure.Andon)
		s, ok := measure.SpreadOf(highest)
		return spread(highest) + "/s", ok && s.Median >= rate
	}
}

func p99AtMost(ms float64) func(measure.Result) (string, bool) {
	return func(r measure.Result) (string, bool) {
		var values []float64
		for _, run := range r.Of(measure.Andon) {
			if run.P99 != nil {
				values = append(values, *run.P99)
			}
		}
		s, ok := measure.SpreadOf(values)
		return spread(values) + " ms", ok && s.Median <= ms
	}
}

func allArrive(r measure.Result) (string, bool) {
	runs := r.Of(measure.Andon)
	if missed := unpassed(r, measure.Andon); missed != "" || len(runs) == 0 {
		return missed, false
	}
	return arrived(runs)[0] + " samples arrived", true
}

// unpassed tells how many runs of a side did not pass, "" for none.
func unpassed(r measure.Result, side measure.Side) string {
	runs, n := r.Of(side), 0
	for _, run := range runs {
		if !run.Passed() {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d runs of %s did not pass", n, len(runs), side)
}
