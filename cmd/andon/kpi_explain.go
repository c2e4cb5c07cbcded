package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"andon/engine"
	"andon/production"

	"github.com/spf13/cobra"
)

// An explainQuestion is what the flags of andon kpi explain ask for.
type explainQuestion struct {
	config, from, to       string
	equipment, kpi, format string
	window                 string
	all                    bool
}

func kpiExplainCommand() *cobra.Command {
	var q explainQuestion
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Take one KPI apart, down to the intervals, counts, readings and prices it comes from",
		Long: `explain shows the formula of a KPI with the definitions that hold, the value of each term, and
for each term what it is the sum of: intervals of the timeline and why they are what they are,
counts by product and ideal cycle, stops, readings of meters, prices, crews; of an area or the
site its members, each to be explained in turn. Computing the formula with the terms gives the
value.

A KPI is named as in the JSON of "andon kpi --format json", with dots: cost.by_reason.E-204,
materials.tank_level.run_out_ideal, throughput_rate.per_hour_running. Of a line there are besides
orders.NAME.eta (and .target, .required_rate, ...) and plan.target (and .attainment, ...) of the
shift, as at --to. A name that there is none of is answered with those that are near.

docs/kpis.md lists all names and formulas.`,
		Example: `  andon kpi explain -c andon.yaml --equipment northfield/packing/lineA/A1 --kpi oee_index \
    --from 2026-03-02T08:00:00Z --to 2026-03-02T09:00:00Z
  andon kpi explain ... --kpi cost.by_loss.fault                       # which stops, at which price
  andon kpi explain ... --equipment northfield --kpi availability      # which areas, with which sums
  andon kpi explain ... --equipment northfield/packing/lineA --kpi orders.PO-1002.eta
  andon kpi explain ... --kpi energy_per_unit_wh --format json         # every reading`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return q.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	configFlag(cmd, &q.config)
	spanFlags(cmd, &q.from, &q.to)
	f := cmd.Flags()
	f.StringVar(&q.equipment, "equipment", "", "path of the equipment, line, area or site")
	f.StringVar(&q.kpi, "kpi", "oee_index", "name of the KPI")
	f.StringVar(&q.format, "format", "table", "table (100 columns wide) or json")
	f.StringVar(&q.window, "window", production.WindowRange, "hour, shift or day: as that window is kept; range: from and to as records are now")
	f.BoolVar(&q.all, "all", false, "every row of a table, not only the first of each term")
	words(cmd, "kpi", kpiNames()...)
	words(cmd, "format", "table", "json")
	words(cmd, "window", production.WindowHour, production.WindowShift, production.WindowDay, production.WindowRange)
	for _, name := range []string{"equipment", "from", "to"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flags were declared above
		}
	}
	return cmd
}

// kpiNames are the names of KPIs for a shell to complete. Those that depend
// on the plant end where that begins.
func kpiNames() []string {
	var names []string
	for _, name := range production.Explained() {
		before, after, depends := strings.Cut(name, "*")
		switch {
		case before == "cost.by_loss.":
			for _, loss := range production.Losses()[1:] {
				names = append(names, before+loss.String()+after)
			}
			names = append(names, before+"speed", before+"quality")
		case depends:
			names = append(names, before)
		default:
			names = append(names, name)
		}
	}
	return append(names, "orders.", "plan.good", "plan.target", "plan.target_shift", "plan.attainment", "plan.required_rate")
}

func (q explainQuestion) run(ctx context.Context, out io.Writer) error {
	w, err := parseWindow(q.from, q.to)
	if err != nil {
		return err
	}
	if q.window != production.WindowRange && !slices.Contains([]string{production.WindowHour, production.WindowShift, production.WindowDay}, q.window) {
		return fmt.Errorf("--window: want hour, shift, day or range, not %q", q.window)
	}
	if q.format != "table" && q.format != "json" {
		return errors.New("--format: want table or json")
	}
	book, err := openKPIs(ctx, q.config, false)
	if err != nil {
		return err
	}
	defer book.records.Close()
	x, err := book.Explain(ctx, engine.ExplainQuery{Path: q.equipment, KPI: q.kpi, Window: q.window, Span: w})
	if err != nil {
		return err
	}
	if q.format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(x)
	}
	d := drawing{zone: book.tree.Zone, rows: 12}
	if q.all {
		d.rows = maxRows
	}
	_, err = io.WriteString(out, d.explanation(x))
	return err
}
