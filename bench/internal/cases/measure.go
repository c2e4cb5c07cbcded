package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"andon/bench/internal/measure"
	"andon/bench/opcua"
)

// Bounds of how often a case is measured, whatever the Rig says: a search is
// many runs, and a limit is there to be looked at.
const (
	searchPairs = 2
	limitPairs  = 2
)

// pairs returns how often a case is measured.
func (r *Rig) pairs(c Case) int {
	switch {
	case len(c.Rates) > 0:
		return min(r.Pairs, searchPairs)
	case c.Limit != nil:
		return min(r.Pairs, limitPairs)
	}
	return r.Pairs
}

// window returns how long a case is measured each time.
func (r *Rig) window(c Case) time.Duration { return cmp.Or(r.Window, c.Window) }

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
	searches := map[measure.Side]*search{}
	for _, side := range c.sides() {
		searches[side] = &search{rig: r, c: c, side: side, found: -1}
	}
	for pair := 1; pair <= r.pairs(c); pair++ {
		if c.Limit != nil {
			figures, err := c.Limit(ctx, r, r.window(c))
			if err != nil {
				return result, fmt.Errorf("%s: %w", c.Name, err)
			}
			result.Figures = merge(result.Figures, figures)
			continue
		}
		for _, side := range inTurn(c.sides(), pair) {
			one := searches[side].pair
			if !result.Search {
				one = func(ctx context.Context, pair int) ([]measure.Run, error) { return r.once(ctx, c, side, pair) }
			}
			runs, err := one(ctx, pair)
			result.Runs = append(result.Runs, runs...)
			if err != nil {
				return result, err
			}
		}
	}
	return result, nil
}

// inTurn returns the sides in the order of a pair: the other one is first each
// time, so that neither always finds the machine as the other one left it.
func inTurn(sides []measure.Side, pair int) []measure.Side {
	sides = slices.Clone(sides)
	if pair%2 == 0 {
		slices.Reverse(sides)
	}
	return sides
}

func (r *Rig) once(ctx context.Context, c Case, side measure.Side, pair int) ([]measure.Run, error) {
	run, err := r.run(ctx, c, side, pair, Setup{Rate: c.Rate, Warmup: r.Warmup, Window: r.window(c)})
	if err != nil {
		return nil, err
	}
	r.tell(c, run)
	return []measure.Run{run}, nil
}

func (r *Rig) tell(c Case, run measure.Run) {
	line := fmt.Sprintf("%s pair %d %-8s %6d/s: %d of %d arrived, %.1f µs/sample (InfluxDB %.1f, broker %.1f, generator %.1f), %d MiB",
		c.Name, run.Pair, run.Side, run.Rate, run.Arrived, run.Sent, run.CPU, run.InfluxCPU, run.ServerCPU, run.GeneratorCPU, run.Peak>>20)
	if run.Side == measure.Andon {
		line += fmt.Sprintf(", %d read from its stream", run.Taken)
	}
	if run.Confirms {
		line += ", to confirm the rate"
	}
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
