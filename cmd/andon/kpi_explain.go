package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"andon/plant"
	"andon/production"

	"github.com/spf13/cobra"
)

// An explainQuestion is what the flags of andon kpi explain ask for.
type explainQuestion struct {
	config, from, to       string
	equipment, kpi, format string
}

func kpiExplainCommand() *cobra.Command {
	var q explainQuestion
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Take one KPI apart, down to its intervals and counts",
		Long: `explain shows the formula of a KPI with the definitions that hold, the value of each term, and
for each term the intervals of the timeline or the counts that it is the sum of.

KPIs: ` + strings.Join(production.Explained(), ", ") + ".",
		Example: `  andon kpi explain -c andon.yaml --equipment northfield/packing/lineA/A1 --kpi oee_index \
    --from 2026-03-02T08:00:00Z --to 2026-03-02T09:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return q.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	configFlag(cmd, &q.config)
	spanFlags(cmd, &q.from, &q.to)
	f := cmd.Flags()
	f.StringVar(&q.equipment, "equipment", "", "path of the equipment or line")
	f.StringVar(&q.kpi, "kpi", "oee_index", "name of the KPI")
	f.StringVar(&q.format, "format", "text", "text or json")
	words(cmd, "kpi", production.Explained()...)
	words(cmd, "format", "text", "json")
	for _, name := range []string{"equipment", "from", "to"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flags were declared above
		}
	}
	return cmd
}

func (q explainQuestion) run(ctx context.Context, out io.Writer) error {
	w, err := parseWindow(q.from, q.to)
	if err != nil {
		return err
	}
	if q.format != "text" && q.format != "json" {
		return errors.New("--format: want text or json")
	}
	book, err := openKPIs(ctx, q.config, false)
	if err != nil {
		return err
	}
	defer book.records.Close()
	x, err := book.Explain(ctx, q.equipment, q.kpi, w)
	if err != nil {
		return err
	}
	if q.format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(x)
	}
	_, err = io.WriteString(out, explanationText(x, book.tree.Zone))
	return err
}

// explanationText draws an explanation as a tree.
func explanationText(x production.Explanation, zone *time.Location) string {
	var b strings.Builder
	clock := func(t plant.Instant) string { return t.Time().In(zone).Format("15:04:05") }
	fmt.Fprintf(&b, "%s of %s, %s to %s\n", x.KPI, x.Equipment, x.From.Time().In(zone).Format("2006-01-02 15:04:05"), clock(x.To))
	fmt.Fprintf(&b, "%s = %s   (%s; oee_mode %s, unknown %s)\n", x.Value, x.Formula, x.Source, x.OEEMode, x.UnknownPolicy)
	for i, t := range x.Terms {
		branch, stem := "├─ ", "│  "
		if i == len(x.Terms)-1 {
			branch, stem = "└─ ", "   "
		}
		fmt.Fprintf(&b, "%s%s = %s %s\n", branch, t.Name, strconv.FormatFloat(t.Value, 'f', -1, 64), t.Unit)
		for _, v := range t.Intervals {
			fmt.Fprintf(&b, "%s   %s to %s  %8.1f s  %s%s\n", stem, clock(v.From), clock(v.To), v.Seconds.Float(), v.Loss, because(v))
		}
		for _, c := range t.Counts {
			fmt.Fprintf(&b, "%s   %d units of %s at %s s: %s s\n", stem, c.Units, or(c.Product, "no product"),
				strconv.FormatFloat(c.IdealCycle.Float(), 'f', -1, 64), strconv.FormatFloat(c.StandardTime.Float(), 'f', -1, 64))
		}
		for _, s := range t.Stops {
			fmt.Fprintf(&b, "%s   stop %s\n", stem, s)
		}
	}
	fmt.Fprintf(&b, "where the window went:\n")
	fall, err := json.Marshal(x.Waterfall)
	if err != nil {
		return b.String() // numbers always encode
	}
	var parts map[string]float64
	if json.Unmarshal(fall, &parts) == nil {
		for _, name := range waterfallOrder() {
			if parts[name] != 0 {
				fmt.Fprintf(&b, "   %-14s %10.1f s\n", name, parts[name])
			}
		}
	}
	return b.String()
}

func because(v production.Span) string {
	switch {
	case v.Reason != "":
		return ": " + v.Reason
	case v.Inferred:
		return " (only the counter shows it)"
	}
	return ""
}

func waterfallOrder() []string {
	return []string{"good", "quality", "speed", "micro_stop", "setup", "starved", "blocked", "fault", "safety", "other", "unknown", "planned", "not_scheduled"}
}
