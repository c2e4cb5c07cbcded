package report_test

import (
	"strings"
	"testing"

	"andon/bench/internal/measure"
	"andon/bench/internal/report"
)

func ms(v float64) *float64 { return &v }

// pairs makes a comparison of two pairs with CPU times.
func pairs(name string, andon, telegraf [2]float64) measure.Result {
	r := measure.Result{Case: name, Title: name}
	for i := range 2 {
		for side, cpu := range map[measure.Side]float64{measure.Andon: andon[i], measure.Telegraf: telegraf[i]} {
			r.Runs = append(r.Runs, measure.Run{Side: side, Pair: i + 1, Rate: 10_000, Planned: 170_000, Sent: 170_000, Arrived: 170_000,
				Window: 150_000, CPU: cpu, Peak: 50 << 20, P50: ms(80), P99: ms(210), Probes: 300, DrainS: .5})
		}
	}
	return r
}

func TestAComparisonShowsMedianSpreadAndRatioOfPairs(t *testing.T) {
	got := report.Report{}.Case(pairs("mqtt-q0-10k", [2]float64{10, 12}, [2]float64{20, 30}))
	for _, want := range []string{"| 340,000 / 340,000 | 2 of 2 |", "| 11.0 [10.0–12.0]", "| 25.0 [20.0–30.0]", "| 0.450 [0.400–0.500]"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table has no %q:\n%s", want, got)
		}
	}
}

func TestARunThatLostSamplesIsNamed(t *testing.T) {
	r := pairs("mqtt-q0-10k", [2]float64{10, 12}, [2]float64{20, 30})
	r.Runs[0].Fault, r.Runs[0].Arrived = "9 of 170000 samples did not arrive within 15s", 169_991
	got := report.Report{}.Case(r)
	if !strings.Contains(got, "1 of 2") || !strings.Contains(got, "- pair 1, "+string(r.Runs[0].Side)+": 9 of 170000 samples did not arrive") {
		t.Errorf("the report hides a loss:\n%s", got)
	}
}

func TestBudgetsAreJudgedByTheMedian(t *testing.T) {
	kept := report.Report{Results: []measure.Result{pairs("mqtt-q0-10k", [2]float64{8, 11}, [2]float64{20, 20})}}.Budgets() // 0.4 and 0.55
	if !strings.Contains(line(t, kept, "mqtt-q0-10k"), "| yes") {
		t.Errorf("0.475 is within 0.5:\n%s", kept)
	}
	broken := report.Report{Results: []measure.Result{pairs("mqtt-q0-10k", [2]float64{12, 11}, [2]float64{20, 20})}}.Budgets()
	if !strings.Contains(line(t, broken, "mqtt-q0-10k"), "| **no**") {
		t.Errorf("0.575 is not within 0.5:\n%s", broken)
	}
}

func TestABudgetIsNotMetByRunsThatLost(t *testing.T) {
	r := pairs("mqtt-q0-10k", [2]float64{1, 1}, [2]float64{20, 20})
	for i := range r.Runs {
		r.Runs[i].Fault = "lost"
	}
	got := line(t, report.Report{Results: []measure.Result{r}}.Budgets(), "mqtt-q0-10k")
	if !strings.Contains(got, "| **no**") || !strings.Contains(got, "2 of 2 runs of andon did not pass") {
		t.Errorf("cheap, but lost: %s", got)
	}
}

func TestLatencyOfRunsThatLostOrThatNobodyLookedAtIsNotWithinTheBudget(t *testing.T) {
	const latency = "mqtt-q1-5k-latency"
	of := func(change func(*measure.Run)) string {
		r := pairs(latency, [2]float64{1, 1}, [2]float64{20, 20})
		for i := range r.Runs {
			if r.Runs[i].Side == measure.Andon && r.Runs[i].Pair == 1 {
				change(&r.Runs[i])
			}
		}
		return line(t, report.Report{Results: []measure.Result{r}}.Budgets(), latency)
	}
	if got := of(func(*measure.Run) {}); !strings.Contains(got, "| yes") {
		t.Errorf("all well: got %q", got)
	}
	if got := of(func(r *measure.Run) { r.Fault = "9 samples did not arrive" }); !strings.Contains(got, "1 of 2 runs of andon did not pass") || !strings.Contains(got, "| **no**") {
		t.Errorf("fast, but lost: got %q", got)
	}
	if got := of(func(r *measure.Run) { r.P99, r.Probes = nil, 0 }); !strings.Contains(got, "1 of 2 runs of andon without probes") || !strings.Contains(got, "| **no**") {
		t.Errorf("nobody looked: got %q", got)
	}
}

func TestThePageBeginsWithTheBudgetsThatAreNotMetAndWhy(t *testing.T) {
	notes, err := report.ReadNotes(strings.NewReader("# Why\n\n- `mqtt-q0-10k`: the broker sends each message alone.\n- `mqtt-q1-10k`: this one is met.\n"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r := report.Report{Notes: notes, Results: []measure.Result{pairs("mqtt-q0-10k", [2]float64{12, 12}, [2]float64{20, 20}),
		pairs("mqtt-q1-10k", [2]float64{2, 2}, [2]float64{20, 20}), pairs("mqtt-q0-40k", [2]float64{12, 12}, [2]float64{20, 20})}}
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(b.String(), "\n## Budgets\n")
	for _, want := range []string{"## Budgets that are not met, and why\n", "(mqtt-q0-10k)**: wanted ≤ 0.5 ×", "Why: the broker sends each message alone.\n", "Why: not known yet (`mqtt-q0-40k`).\n"} {
		if !strings.Contains(head, want) {
			t.Errorf("the page does not begin with %q:\n%s", want, head)
		}
	}
	if strings.Contains(head, "this one is met") {
		t.Errorf("the page explains what needs no explanation:\n%s", head)
	}
	if _, err := report.ReadNotes(strings.NewReader("- `mqtt-q7`: no such case.\n")); err == nil || !strings.Contains(err.Error(), "mqtt-q1-highest") {
		t.Errorf("a note on no budget: got %v, want the names there are", err)
	}
}

// 40,000/s is the median, which neither search confirmed.
func TestARateThatOneSearchMissedIsNotSustained(t *testing.T) {
	r := measure.Result{Case: "mqtt-q1-highest", Search: true, Runs: []measure.Run{
		{Side: measure.Andon, Pair: 1, Rate: 50_000, Confirms: true},
		{Side: measure.Andon, Pair: 2, Rate: 30_000, Confirms: true},
	}}
	if got := line(t, report.Report{Results: []measure.Result{r}}.Budgets(), "mqtt-q1-highest"); !strings.Contains(got, "| **no**") {
		t.Errorf("got %q, want the smallest to count", got)
	}
}

func TestABudgetThatWasNotMeasuredIsNotMet(t *testing.T) {
	if got := line(t, report.Report{}.Budgets(), "mqtt-q1-40k"); !strings.Contains(got, "not in this run") || strings.Contains(got, "yes") {
		t.Errorf("without a result: %s", got)
	}
}

func TestASearchTellsWhatEndedIt(t *testing.T) {
	got := report.Report{}.Case(measure.Result{Search: true, Runs: []measure.Run{
		{Side: measure.Andon, Pair: 1, Rate: 40_000, CPU: 9},
		{Side: measure.Andon, Pair: 1, Rate: 60_000, Fault: "lost"},
		{Side: measure.Andon, Pair: 1, Rate: 50_000, Short: true, Sent: 400_000, Planned: 500_000},
		{Side: measure.Andon, Pair: 1, Rate: 40_000, CPU: 8, Confirms: true},
		{Side: measure.Telegraf, Pair: 1, Rate: 20_000, CPU: 20},
		{Side: measure.Telegraf, Pair: 1, Rate: 20_000, CPU: 20, Confirms: true},
	}})
	for _, want := range []string{"40,000", "at 50,000/s the generator sent 400,000 of 500,000 samples", "20,000/s was the highest one tried", "| 2.00"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table has no %q:\n%s", want, got)
		}
	}
}

// A try is lenient: what it passed does not count until a longer run has, too.
func TestARateThatWasNotConfirmedDoesNotCount(t *testing.T) {
	r := measure.Result{Case: "mqtt-q1-highest", Search: true, Runs: []measure.Run{
		{Side: measure.Andon, Pair: 1, Rate: 50_000},
		{Side: measure.Andon, Pair: 1, Rate: 50_000, Confirms: true, Fault: "a backlog grew"},
		{Side: measure.Andon, Pair: 1, Rate: 30_000, Confirms: true},
	}}
	if got := line(t, report.Report{Results: []measure.Result{r}}.Budgets(), "mqtt-q1-highest"); !strings.Contains(got, "| 30,000/s") || !strings.Contains(got, "| **no**") {
		t.Errorf("got %q, want the 30,000/s that were confirmed", got)
	}
	if got := (report.Report{}).Case(r); !strings.Contains(got, "at 50,000/s a backlog grew") {
		t.Errorf("the table does not say what kept it from 50,000/s:\n%s", got)
	}
}

func TestTheLimitsStandInTheTableOfTheirCase(t *testing.T) {
	limit := func(name, title string, figures ...measure.Figure) measure.Result {
		return measure.Result{Case: name, Title: title, Figures: figures}
	}
	r := report.Report{Results: []measure.Result{
		limit("limit-mqtt-q0-10k", "bare subscriber", measure.Figure{Name: measure.FigureCPU, Values: []float64{7, 8, 9}}),
		limit("limit-mqtt-q1-10k", "another subscriber", measure.Figure{Name: measure.FigureCPU, Values: []float64{1}}),
		limit(measure.WriteLimit, "bare writer", measure.Figure{Name: measure.FigureCPU, Values: []float64{.5}},
			measure.Figure{Name: measure.FigureInfluxCPU, Values: []float64{2.5}}),
	}}
	got := r.Case(pairs("mqtt-q0-10k", [2]float64{10, 12}, [2]float64{20, 30}))
	if l := line(t, got, "bare subscriber"); !strings.Contains(l, "| 8.00 [7.00–9.00]") {
		t.Errorf("got %q, want its cost of 8", l)
	}
	if l := line(t, got, "bare writer"); !strings.Contains(l, "| 0.500") || !strings.Contains(l, "| 2.50") {
		t.Errorf("got %q, want its own cost and that of InfluxDB", l)
	}
	if strings.Contains(got, "another subscriber") {
		t.Errorf("the table has the limit of another case:\n%s", got)
	}
}

func TestARunInWhichNothingArrivedHasNoFigures(t *testing.T) {
	r := pairs("opcua-5000-limited", [2]float64{10, 12}, [2]float64{20, 30})
	for i := range r.Runs {
		if r.Runs[i].Side == measure.Telegraf {
			r.Runs[i] = measure.Run{Side: measure.Telegraf, Pair: r.Runs[i].Pair, Fault: "it did not take the load up"}
		}
	}
	if l := line(t, report.Report{}.Case(r), "| telegraf "); !strings.Contains(l, "0 of 2 | –") {
		t.Errorf("got %q, want no costs", l)
	}
}

// line returns the line of a table that holds a text.
func line(t *testing.T, table, text string) string {
	t.Helper()
	for l := range strings.Lines(table) {
		if strings.Contains(l, text) {
			return l
		}
	}
	t.Fatalf("no line with %q:\n%s", text, table)
	return ""
}
