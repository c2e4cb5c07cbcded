// Package measure holds what was measured and the statistics of it.
package measure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// A Side is what is measured.
type Side string

// The sides of a comparison.
const (
	Andon    Side = "andon"
	Telegraf Side = "telegraf"
)

// A Run is one load through one side.
type Run struct {
	Side Side `json:"side"`
	// Pair counts from 1; the two sides of a pair ran one after the other.
	Pair int `json:"pair"`
	// Rate is the samples a second that were asked for.
	Rate int `json:"rate_per_s"`
	// Planned, Sent and Arrived are samples, the warm-up included.
	Planned int64 `json:"planned"`
	Sent    int64 `json:"sent"`
	Arrived int64 `json:"arrived"`
	// Taken is how many samples andon's computations have read from its stream
	// since the load began, those of its first moment and repeated ones included;
	// 0 when that was not asked.
	Taken int64 `json:"taken,omitempty"`
	// Window is the number of samples that arrived of those of the
	// measurement, which the following costs are divided by.
	Window int64 `json:"window_samples"`
	// CPU is user and system time in µs per sample of the whole program; those
	// of InfluxDB, of the broker (0 where there is none) and of the generator
	// are for information.
	CPU          float64 `json:"cpu_us_per_sample"`
	InfluxCPU    float64 `json:"influxd_cpu_us_per_sample"`
	ServerCPU    float64 `json:"server_cpu_us_per_sample"`
	GeneratorCPU float64 `json:"generator_cpu_us_per_sample"`
	// Peak is the largest resident memory since the program's start, in bytes.
	Peak int64 `json:"peak_bytes"`
	// P50 and P99 are how old samples were when a query could first see them,
	// in ms, of so many Probes; null without probes.
	P50    *float64 `json:"latency_p50_ms"`
	P99    *float64 `json:"latency_p99_ms"`
	Probes int      `json:"probes"`
	// Growth is how much older the probes of the last quarter of the
	// measurement were than those of its first, in ms, by their medians; null
	// without probes in both.
	Growth *float64 `json:"latency_growth_ms,omitempty"`
	// Confirms says that the run is the longer one that a rate of a search must
	// pass to count.
	Confirms bool `json:"confirms,omitempty"`
	// DrainS is how long after the last sample was sent all had arrived, in
	// seconds; how long was waited when not all did.
	DrainS float64 `json:"drain_s"`
	// Fault says why the run did not pass, "" when it did: all arrived and no
	// backlog was left.
	Fault string `json:"fault,omitempty"`
	// Short says that the generator did not send what was asked for: the run
	// tells nothing about the side.
	Short bool `json:"generator_fell_short,omitempty"`
}

// Passed says whether all samples arrived, in time, of all that were planned.
func (r Run) Passed() bool { return r.Fault == "" && !r.Short }

// A Result is everything that was measured of a case.
type Result struct {
	// Case is its name, Title says what it is.
	Case  string `json:"case"`
	Title string `json:"title"`
	// Search says that the highest rate that passes was looked for: then Runs
	// are all tries, and those that confirm one.
	Search bool  `json:"search,omitempty"`
	Runs   []Run `json:"runs,omitempty"`
	// Skipped says why nothing was measured, "" when something was.
	Skipped string `json:"skipped,omitempty"`
	// Figures are other things that were measured.
	Figures []Figure `json:"figures,omitempty"`
}

// A Figure is one thing that was measured several times.
type Figure struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	Values []float64 `json:"values"`
}

// Names of the figures of limits.
const (
	FigureRate      = "rate"
	FigureCPU       = "CPU"
	FigureInfluxCPU = "InfluxDB's CPU"
)

// WriteLimit is the limit of writing to InfluxDB that is shown beside every
// case: one writer with compression, as andon has.
const WriteLimit = "limit-influx-gzip-1"

// LimitOf names the limit that belongs to a case; not every case has one.
func LimitOf(name string) string { return "limit-" + name }

// Figure returns the values of one figure, none when it was not measured.
func (r Result) Figure(name string) []float64 {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Values
		}
	}
	return nil
}

// Of returns the runs of one side, in the order of their pairs.
func (r Result) Of(side Side) []Run {
	var of []Run
	for _, run := range r.Runs {
		if run.Side == side {
			of = append(of, run)
		}
	}
	slices.SortStableFunc(of, func(a, b Run) int { return cmp.Compare(a.Pair, b.Pair) })
	return of
}

// Valid reports an error when a run tells nothing because the generator fell
// short. In a search that only ends the search.
func (r Result) Valid() error {
	for _, run := range r.Runs {
		if run.Short && !r.Search {
			return fmt.Errorf("case %s, pair %d, %s: the generator sent %d of %d samples: use a quieter or larger machine", r.Case, run.Pair, run.Side, run.Sent, run.Planned)
		}
	}
	return nil
}

// Complete reports an error when of what was to be sent not everything came
// into andon's stream and arrived in InfluxDB, however late.
func (r Result) Complete() error {
	if r.Skipped != "" {
		return fmt.Errorf("case %s: %s", r.Case, r.Skipped)
	}
	for _, run := range r.Runs {
		if run.Short || run.Arrived != run.Planned || run.Side == Andon && run.Taken < run.Planned {
			return fmt.Errorf("case %s, pair %d, %s: %d of %d samples were sent, %d arrived: %s", r.Case, run.Pair, run.Side, run.Sent, run.Planned, run.Arrived, cmp.Or(run.Fault, "the generator fell short"))
		}
	}
	return nil
}

// Ratios returns andon's value over Telegraf's for each pair that has both.
func (r Result) Ratios(value func(Run) float64) []float64 {
	telegraf := map[int]float64{}
	for _, run := range r.Of(Telegraf) {
		telegraf[run.Pair] = value(run)
	}
	var ratios []float64
	for _, run := range r.Of(Andon) {
		if base := telegraf[run.Pair]; base > 0 {
			ratios = append(ratios, value(run)/base)
		}
	}
	return ratios
}

// Highest returns the highest rate that each pair's search of a side
// confirmed, 0 for one that confirmed none.
func (r Result) Highest(side Side) []float64 {
	var pairs []int
	best := map[int]float64{}
	for _, run := range r.Of(side) {
		if !slices.Contains(pairs, run.Pair) {
			pairs = append(pairs, run.Pair)
		}
		if run.Confirms && run.Passed() {
			best[run.Pair] = max(best[run.Pair], float64(run.Rate))
		}
	}
	highest := make([]float64, len(pairs))
	for i, p := range pairs {
		highest[i] = best[p]
	}
	return highest
}

// A Spread is the middle and the ends of some values.
type Spread struct{ Median, Min, Max float64 }

// SpreadOf returns the spread of values, and false when there are none. Of an
// even number the median is the mean of the middle two.
func SpreadOf(values []float64) (Spread, bool) {
	if len(values) == 0 {
		return Spread{}, false
	}
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return Spread{Median: (v[(n-1)/2] + v[n/2]) / 2, Min: v[0], Max: v[n-1]}, true
}

// Percentile returns the smallest value that p percent of the values are not
// above (nearest rank), and false when there are none.
func Percentile(values []time.Duration, p float64) (time.Duration, bool) {
	if len(values) == 0 {
		return 0, false
	}
	v := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p / 100 * float64(len(v))))
	return v[min(max(rank, 1), len(v))-1], true
}

// Milliseconds is a duration as a number for a Run.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
