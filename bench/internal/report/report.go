package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"andon/bench/internal/measure"
)

// Report is everything that a page says.
type Report struct {
	// Machine is where it was measured.
	Machine Machine `json:"machine"`
	// Pairs and Seconds say how often and how long.
	Pairs   int `json:"pairs"`
	Seconds int `json:"seconds"` // 0 for as long as each case says
	// Results are those of the cases, in the order of measuring.
	Results []measure.Result `json:"results"`
	// Figures are those of budgets that other programs measured.
	Figures Figures `json:"figures,omitempty"`
	// Notes say why budgets are not met. They are of the page alone, which has
	// them as they are when it is written.
	Notes Notes `json:"-"`
}

// WriteJSON writes all that was measured.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

const intro = `# Performance

Written by ` + "`make bench`" + `. [How it is measured and how to read it](benchmark.md).

`

// WriteMarkdown writes the page of the documentation.
func (r Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(intro + r.unmet())
	b.WriteString(r.Machine.String())
	fmt.Fprintf(&b, "\nPairs of runs of each case: %d (%s. A figure is the median; the smallest and the largest follow in brackets.\n", r.Pairs, r.exceptions())
	b.WriteString("\n## Budgets\n\n" + r.Budgets())
	for _, result := range r.Results {
		b.WriteString("\n## " + result.Title + "\n\n" + r.Case(result))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// exceptions tells what is measured less often than the pairs, and how long.
func (r Report) exceptions() string {
	less := "a search for the highest rate and a limit at most 2), "
	if r.Seconds == 0 {
		return less + "as long as [benchmark.md](benchmark.md#how-long-it-takes) says"
	}
	return less + fmt.Sprintf("of %d s each but for searches, whose tries have [times of their own](benchmark.md#how-long-it-takes)", r.Seconds)
}

// Case returns the table of one case, with the limits of the report that belong
// to it, and what went wrong in it.
func (r Report) Case(of measure.Result) string {
	switch {
	case of.Skipped != "":
		return of.Skipped + "\n"
	case of.Search:
		return search(of, r.result(measure.LimitOf(of.Case)))
	case len(of.Runs) > 0:
		t := comparison(of)
		addLimits(&t, r.result(measure.LimitOf(of.Case)), r.result(measure.WriteLimit))
		return t.String() + faults(of)
	}
	t := table{head: []string{"", "unit", "measured"}}
	for _, f := range of.Figures {
		t.add(f.Name, f.Unit, spread(f.Values))
	}
	return t.String()
}

// result returns that of a case, the zero Result when it was not measured.
func (r Report) result(name string) measure.Result {
	for _, result := range r.Results {
		if result.Case == name {
			return result
		}
	}
	return measure.Result{}
}

// A column is one thing that is told of each side.
type column struct {
	head  string
	value func(measure.Run) float64
	// compare says whether the ratio means something.
	compare bool
	// figure is what limits tell of it, "" for nothing.
	figure string
}

var columns = [...]column{
	{"CPU µs per sample", func(r measure.Run) float64 { return r.CPU }, true, measure.FigureCPU},
	{"peak memory MiB", func(r measure.Run) float64 { return float64(r.Peak) / (1 << 20) }, true, ""},
	{"latency p50 ms", func(r measure.Run) float64 { return orZero(r.P50) }, true, ""},
	{"latency p99 ms", func(r measure.Run) float64 { return orZero(r.P99) }, true, ""},
	{"drained after s", func(r measure.Run) float64 { return r.DrainS }, false, ""},
	{"InfluxDB's CPU µs", func(r measure.Run) float64 { return r.InfluxCPU }, false, measure.FigureInfluxCPU},
	{"broker's CPU µs", func(r measure.Run) float64 { return r.ServerCPU }, false, ""},
	{"generator's CPU µs", func(r measure.Run) float64 { return r.GeneratorCPU }, false, ""},
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

func comparison(r measure.Result) table {
	t := table{head: []string{"", "arrived / sent", "passed"}}
	for _, c := range columns {
		t.head = append(t.head, c.head)
	}
	for _, side := range []measure.Side{measure.Andon, measure.Telegraf} {
		runs := r.Of(side)
		if len(runs) == 0 {
			continue
		}
		row := []string{string(side)}
		row = append(row, arrived(runs)...)
		for _, c := range columns {
			row = append(row, spread(each(measured(runs), c.value)))
		}
		t.add(row...)
	}
	if len(r.Of(measure.Andon)) > 0 && len(r.Of(measure.Telegraf)) > 0 {
		row := []string{"andon / telegraf", "", ""}
		for _, c := range columns {
			cell := ""
			if c.compare {
				cell = spread(r.Ratios(c.value))
			}
			row = append(row, cell)
		}
		t.add(row...)
	}
	return t
}

// addLimits adds what the pieces cost when a program does nothing else.
func addLimits(t *table, limits ...measure.Result) {
	for _, limit := range limits {
		if len(limit.Figures) == 0 {
			continue
		}
		row := []string{limit.Title, "", ""}
		for _, c := range columns {
			cell := ""
			if values := limit.Figure(c.figure); len(values) > 0 {
				cell = spread(values)
			}
			row = append(row, cell)
		}
		t.add(row...)
	}
}

// measured leaves out the runs in which nothing arrived, of which there are no
// figures.
func measured(runs []measure.Run) []measure.Run {
	return slices.DeleteFunc(slices.Clone(runs), func(run measure.Run) bool { return run.Window == 0 })
}

// arrived tells of the runs of a side how many samples arrived and how many
// runs passed.
func arrived(runs []measure.Run) []string {
	var sum, sent int64
	passed := 0
	for _, run := range runs {
		sum, sent = sum+run.Arrived, sent+run.Sent
		if run.Passed() {
			passed++
		}
	}
	return []string{
		thousands(fmt.Sprint(sum)) + " / " + thousands(fmt.Sprint(sent)),
		fmt.Sprintf("%d of %d", passed, len(runs)),
	}
}

func each(runs []measure.Run, value func(measure.Run) float64) []float64 {
	values := make([]float64, len(runs))
	for i, run := range runs {
		values[i] = value(run)
	}
	return values
}

// faults lists the runs that did not pass.
func faults(r measure.Result) string {
	var b strings.Builder
	for _, run := range r.Runs {
		if run.Passed() {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- pair %d, %s: %s\n", run.Pair, run.Side, why(run))
	}
	return b.String()
}

func why(run measure.Run) string {
	var reasons []string
	if run.Short {
		reasons = append(reasons, fmt.Sprintf("the generator sent %s of %s samples", thousands(fmt.Sprint(run.Sent)), thousands(fmt.Sprint(run.Planned))))
	}
	if run.Fault != "" {
		reasons = append(reasons, run.Fault)
	}
	return strings.Join(reasons, "; ")
}

// search tells the highest rates, what ended each search, and the limit.
func search(r, limit measure.Result) string {
	t := table{head: []string{"", "highest rate, samples/s", "CPU µs per sample there", "what ended the search"}}
	for _, side := range []measure.Side{measure.Andon, measure.Telegraf} {
		if runs := r.Of(side); len(runs) > 0 {
			highest := r.Highest(side)
			t.add(string(side), spread(highest), spread(cpuAt(runs, highest)), strings.Join(ends(runs), "; "))
		}
	}
	if a, ok := measure.SpreadOf(r.Highest(measure.Andon)); ok {
		if b, ok := measure.SpreadOf(r.Highest(measure.Telegraf)); ok && b.Median > 0 {
			t.add("andon / telegraf", number(a.Median/b.Median), "", "")
		}
	}
	if len(limit.Figures) > 0 {
		t.add(limit.Title, spread(limit.Figure(measure.FigureRate)), spread(limit.Figure(measure.FigureCPU)), "")
	}
	return t.String()
}

// cpuAt returns the costs of the runs that passed at the highest rates.
func cpuAt(runs []measure.Run, highest []float64) []float64 {
	var values []float64
	for _, run := range runs {
		for _, h := range highest {
			if run.Confirms && run.Passed() && float64(run.Rate) == h {
				values = append(values, run.CPU)
				break
			}
		}
	}
	return values
}

// ends tells what kept the search of each pair from a higher rate.
func ends(runs []measure.Run) []string {
	var reasons []string
	for from, to := 0, 0; from < len(runs); from = to {
		var top, failed *measure.Run
		for to = from; to < len(runs) && runs[to].Pair == runs[from].Pair; to++ {
			run := &runs[to]
			switch {
			case !run.Passed() && (failed == nil || run.Rate <= failed.Rate):
				failed = run
			case run.Passed() && (top == nil || run.Rate > top.Rate):
				top = run
			}
		}
		if failed == nil {
			reasons = append(reasons, fmt.Sprintf("pair %d: %s/s was the highest one tried", top.Pair, thousands(fmt.Sprint(top.Rate))))
			continue
		}
		reasons = append(reasons, fmt.Sprintf("pair %d: at %s/s %s", failed.Pair, thousands(fmt.Sprint(failed.Rate)), why(*failed)))
	}
	return reasons
}
