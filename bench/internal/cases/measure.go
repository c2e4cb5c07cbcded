package cases

import (
	"context"
	"errors"
	"fmt"

	"andon/bench/internal/measure"
	"andon/bench/opcua"
)

// searchPairs bounds how often the highest rate is looked for: each time is
// many runs.
const searchPairs = 3

// Measure measures a case: pair after pair, andon and Telegraf in turn.
func (r *Rig) Measure(ctx context.Context, c Case) (measure.Result, error) {
	result := measure.Result{Case: c.Name, Title: c.Title, Search: len(c.Rates) > 0}
	if c.Prepare != nil {
		if err := c.Prepare(ctx, r); errors.Is(err, opcua.ErrAbsent) {
			result.Skipped = err.Error()
			r.Say(c.Name + ": " + result.Skipped)
			return result, nil
		} else if err != nil {
			return result, fmt.Errorf("prepare %s: %w", c.Name, err)
		}
	}
	pairs := r.Pairs
	if result.Search {
		pairs = min(pairs, searchPairs)
	}
	for pair := 1; pair <= pairs; pair++ {
		if c.Limit != nil {
			figures, err := c.Limit(ctx, r, pair)
			if err != nil {
				return result, fmt.Errorf("%s: %w", c.Name, err)
			}
			result.Figures = merge(result.Figures, figures)
			continue
		}
		for _, side := range c.sides() {
			var runs []measure.Run
			var err error
			if result.Search {
				runs, err = r.search(ctx, c, side, pair)
			} else {
				runs, err = r.once(ctx, c, side, pair)
			}
			result.Runs = append(result.Runs, runs...)
			if err != nil {
				return result, err
			}
		}
	}
	return result, nil
}

func (r *Rig) once(ctx context.Context, c Case, side measure.Side, pair int) ([]measure.Run, error) {
	run, err := r.run(ctx, c, side, pair, Setup{Rate: c.Rate, Warmup: r.Warmup, Window: r.Window})
	if err != nil {
		return nil, err
	}
	r.tell(c, run)
	return []measure.Run{run}, nil
}

// search tries one rate after the other until one has failed twice, and
// returns all tries.
func (r *Rig) search(ctx context.Context, c Case, side measure.Side, pair int) (runs []measure.Run, err error) {
	for _, rate := range c.Rates {
		passed := false
		for try := 0; try < 2 && !passed; try++ {
			run, err := r.run(ctx, c, side, pair, Setup{Rate: rate, Warmup: r.Warmup, Window: r.SearchWindow})
			if err != nil {
				return runs, err
			}
			r.tell(c, run)
			runs = append(runs, run)
			passed = run.Passed()
		}
		if !passed {
			break
		}
	}
	return runs, nil
}

func (r *Rig) tell(c Case, run measure.Run) {
	line := fmt.Sprintf("%s pair %d %-8s %6d/s: %d of %d arrived, %.1f µs/sample (InfluxDB %.1f, broker %.1f, generator %.1f), %d MiB",
		c.Name, run.Pair, run.Side, run.Rate, run.Arrived, run.Sent, run.CPU, run.InfluxCPU, run.ServerCPU, run.GeneratorCPU, run.Peak>>20)
	if run.P50 != nil {
		line += fmt.Sprintf(", p50 %.0f p99 %.0f ms of %d", *run.P50, *run.P99, run.Probes)
	}
	if run.Short {
		line += fmt.Sprintf("; the generator fell short: %d of %d sent", run.Sent, run.Planned)
	}
	if run.Fault != "" {
		line += "; " + run.Fault
	}
	r.Say(line)
}

// merge adds the values of one time to those of the times before, by name.
func merge(all, one []measure.Figure) []measure.Figure {
	for _, f := range one {
		found := false
		for i := range all {
			if all[i].Name == f.Name {
				all[i].Values = append(all[i].Values, f.Values...)
				found = true
			}
		}
		if !found {
			all = append(all, f)
		}
	}
	return all
}
