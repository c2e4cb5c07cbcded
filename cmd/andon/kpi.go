package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"andon/configs"
	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/store"

	"github.com/spf13/cobra"
)

// A kpiQuestion is what the flags of andon kpi ask for.
type kpiQuestion struct {
	config, from, to  string
	equipment, window string
	revision, format  string
}

func kpiCommand() *cobra.Command {
	var q kpiQuestion
	cmd := &cobra.Command{
		Use:   "kpi",
		Short: "Show KPIs from the records, with their revisions",
		Long: `kpi reads the records of andon, also while the daemon runs, and shows the KPIs of equipment,
lines, areas and the site. Hours, shifts and production days have kept revisions; those that have
none yet, and a free range, are worked out now and show as revision 0.

Formats: table for people, json with every field (docs/kpis.md), csv with the columns of the table.`,
		Example: `  andon kpi -c andon.yaml --from 2026-03-02T05:00:00Z --to 2026-03-02T13:00:00Z
  andon kpi -c andon.yaml --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z --window shift --equipment 'northfield/packing/**' --format csv
  andon kpi -c andon.yaml --from 2026-03-02T08:00:00Z --to 2026-03-02T09:00:00Z --window hour --revision all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return q.show(cmd.Context(), cmd.OutOrStdout()) },
	}
	configFlag(cmd, &q.config)
	spanFlags(cmd, &q.from, &q.to)
	f := cmd.Flags()
	f.StringVar(&q.equipment, "equipment", "", "only paths that match, such as northfield/packing/** (default: all)")
	f.StringVar(&q.window, "window", production.WindowRange, "hour, shift, day, or range: from and to as one window")
	f.StringVar(&q.revision, "revision", "latest", "latest, all, or a number")
	f.StringVar(&q.format, "format", "table", "table, json or csv")
	words(cmd, "window", production.WindowHour, production.WindowShift, production.WindowDay, production.WindowRange)
	words(cmd, "revision", "latest", "all")
	words(cmd, "format", "table", "json", "csv")
	cmd.AddCommand(kpiRecomputeCommand(), kpiExplainCommand())
	return cmd
}

func spanFlags(cmd *cobra.Command, from, to *string) {
	cmd.Flags().StringVar(from, "from", "", "begin of the time asked for (RFC 3339)")
	cmd.Flags().StringVar(to, "to", "", "its end (RFC 3339)")
}

// words completes a flag with the words it takes.
func words(cmd *cobra.Command, flag string, list ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was declared by the caller
	}
}

// A kpiBook is the records as andon kpi reads them.
type kpiBook struct {
	*engine.KPIs
	tree    *plant.Tree
	records *store.Store
}

// openKPIs opens the records of a configuration; write says that they are to
// be changed.
func openKPIs(ctx context.Context, file string, write bool) (*kpiBook, error) {
	cfg, err := configs.Load(file)
	if err != nil {
		return nil, err
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return nil, err
	}
	open := store.OpenReadOnly
	if write {
		open = store.Open
	}
	records, err := open(ctx, string(cfg.Store.Path))
	if err != nil {
		return nil, err
	}
	kpis, err := engine.NewKPIs(cfg.Production, tree, records)
	if err != nil {
		return nil, errors.Join(err, records.Close())
	}
	return &kpiBook{kpis, tree, records}, nil
}

// matching returns a function that accepts the paths that a pattern of the
// command line means.
func matching(pattern string) func(string) bool {
	return func(path string) bool { return pattern == "" || pattern == path || plant.Match(pattern, path) }
}

func (q kpiQuestion) show(ctx context.Context, out io.Writer) error {
	sel, err := q.selection()
	if err != nil {
		return err
	}
	book, err := openKPIs(ctx, q.config, false)
	if err != nil {
		return err
	}
	defer book.records.Close()
	var all []engine.Revision
	for _, path := range book.Paths() {
		if !matching(q.equipment)(path) {
			continue
		}
		sel.Path = path
		found, err := book.Select(ctx, sel)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return fmt.Errorf("no KPIs of %q in that time", q.equipment)
	}
	return writeKPIs(out, q.format, all, book.tree)
}

func (q kpiQuestion) selection() (engine.Selection, error) {
	sel := engine.Selection{Window: q.window, Limit: store.All}
	var err error
	if sel.Span, err = parseWindow(q.from, q.to); err != nil {
		return sel, err
	}
	if sel.Span.Duration() == 0 {
		return sel, errors.New("--from and --to: want the time asked for")
	}
	if !slices.Contains([]string{production.WindowHour, production.WindowShift, production.WindowDay, production.WindowRange}, q.window) {
		return sel, fmt.Errorf("--window: want hour, shift, day or range, not %q", q.window)
	}
	if !slices.Contains([]string{"table", "json", "csv"}, q.format) {
		return sel, fmt.Errorf("--format: want table, json or csv, not %q", q.format)
	}
	switch q.revision {
	case "latest":
		sel.Running = true
	case "all":
		sel.Revision, sel.Running = engine.AllRevisions, true
	default:
		if sel.Revision, err = strconv.Atoi(q.revision); err != nil || sel.Revision < 1 {
			return sel, fmt.Errorf("--revision: want latest, all or a number from 1, not %q", q.revision)
		}
	}
	return sel, nil
}

func writeKPIs(out io.Writer, format string, all []engine.Revision, tree *plant.Tree) error {
	if format == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(all)
	}
	rows := [][]string{kpiColumns()}
	for _, r := range all {
		row, err := kpiRow(r, format == "csv", tree)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if format == "csv" {
		w := csv.NewWriter(out)
		return w.WriteAll(rows)
	}
	return writeTable(out, rows)
}

// writeTable writes rows in columns; numbers stand to the right.
func writeTable(out io.Writer, rows [][]string) error {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i < textColumns || i == len(row)-1 {
				b.WriteString(cell + pad + "  ")
			} else {
				b.WriteString(pad + cell + "  ")
			}
		}
		if _, err := fmt.Fprintln(out, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
