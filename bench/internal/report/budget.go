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
	// elsewhere is measured by another program instead of a case.
	elsewhere elsewhere
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
		what: "the same at this rate, run after run", promise: "40,000/s, all runs without loss or backlog",
		cases: []string{"mqtt-q1-40k"}, judge: allArrive,
	},
	{
		what: "visible in InfluxDB after the source time stamp, 5,000/s", promise: "p99 ≤ 300 ms",
		cases: []string{"mqtt-q1-5k-latency"}, judge: p99AtMost(300),
	},
	{
		what: "monitored items on one encrypted session; a server that allows 1,000 per call", promise: "20,000, no fault at start",
		cases: []string{"opcua-20000x1s", "opcua-20000-secure"}, judge: allArrive,
	},
	{what: "InfluxDB away 10 min, `kill -9` during it", promise: "0 samples lost of what was acknowledged", elsewhere: nothingLost()},
	{what: "InfluxDB away 10 min: what had waited is written", promise: "≥ 20 × real time", elsewhere: catchUp()},
	{what: "sample → notification request leaves, 20,000 samples/s", promise: "p99 ≤ 50 ms", elsewhere: notification()},
	{what: "rule evaluations, a core", promise: "≥ 1 M/s", elsewhere: rulesRate()},
	{what: "rule evaluations, typed kinds", promise: "0 allocations for 1,000 samples", elsewhere: rulesAllocations()},
	{what: "replay of recorded history", promise: "≥ 1 M samples/s", elsewhere: replay()},
	{what: "memory of the process, 100,000 tags and 10,000 rule instances", promise: "≤ 300 MB", elsewhere: memory()},
	{what: "of which in use after a collection, for information", promise: "–", elsewhere: inUse()},
}

// A verdict is a line of the table of budgets.
type verdict struct {
	// name is that of the case, or that of the Figures.
	name                             string
	what, promise, measured, met, by string
}

// unmet is what the table says of a budget that is not met.
const unmet = "**no**"

// verdicts judges all budgets, in the order of the page.
func (r Report) verdicts() []verdict {
	var all []verdict
	for _, b := range budgets {
		if b.judge == nil {
			v := verdict{name: b.elsewhere.name, what: b.what, promise: b.promise, by: "`" + b.elsewhere.command + "`"}
			v.measured, v.met = b.elsewhere.read(r.Figures)
			all = append(all, v)
		}
		for _, name := range b.cases {
			v := verdict{name: name, what: b.what, promise: b.promise, by: name}
			if len(b.cases) > 1 {
				v.what += " (" + name + ")"
			}
			v.measured, v.met = b.of(r.result(name))
			all = append(all, v)
		}
	}
	return all
}

// Budgets returns the table of what was promised and what was measured, here
// and, as the Figures tell, elsewhere. Of what nobody measured it says what
// would.
func (r Report) Budgets() string {
	t := table{head: []string{"what", "budget", "measured", "met", "by"}}
	for _, v := range r.verdicts() {
		t.add(v.what, v.promise, v.measured, v.met, v.by)
	}
	return t.String()
}

// of reads the result of a case, which is the zero Result when it is not in
// this run.
func (b *budget) of(r measure.Result) (measured, met string) {
	switch {
	case r.Case == "":
		return "not in this run", "–"
	case r.Skipped != "":
		return r.Skipped, "–"
	}
	measured, ok := b.judge(r)
	return measured, yesNo(ok)
}

func yesNo(met bool) string {
	if met {
		return "yes"
	}
	return unmet
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

// sustains wants each search to have confirmed a rate: the median of two is one
// that perhaps no run has.
func sustains(rate float64) func(measure.Result) (string, bool) {
	return func(r measure.Result) (string, bool) {
		highest := r.Highest(measure.Andon)
		s, ok := measure.SpreadOf(highest)
		return spread(highest) + "/s", ok && s.Min >= rate
	}
}

// p99AtMost wants the median not above a limit, and of each run that all its
// samples were there in time and that somebody looked how old they were: what
// was lost or waits has no age.
func p99AtMost(ms float64) func(measure.Result) (string, bool) {
	return func(r measure.Result) (string, bool) {
		runs := r.Of(measure.Andon)
		var values []float64
		for _, run := range runs {
			if run.P99 != nil {
				values = append(values, *run.P99)
			}
		}
		s, ok := measure.SpreadOf(values)
		measured, ok := spread(values)+" ms", ok && s.Median <= ms
		if without := len(runs) - len(values); without > 0 {
			measured, ok = measured+fmt.Sprintf("; %d of %d runs of andon without probes", without, len(runs)), false
		}
		if missed := unpassed(r, measure.Andon); missed != "" {
			measured, ok = measured+"; "+missed, false
		}
		return measured, ok
	}
}

func allArrive(r measure.Result) (string, bool) {
	runs := r.Of(measure.Andon)
	if missed := unpassed(r, measure.Andon); missed != "" || len(runs) == 0 {
		return missed, false
	}
	return fmt.Sprintf("%s samples arrived, %s runs passed", arrived(runs)[0], arrived(runs)[1]), true
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
