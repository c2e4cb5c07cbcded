package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"unicode"

	"andon/engine"
	"andon/plant"

	"github.com/spf13/cobra"
)

// A recomputeQuestion is what the flags of andon kpi recompute ask for.
type recomputeQuestion struct {
	config, from, to  string
	equipment, reason string
	format, user      string
	verify            bool
}

func kpiRecomputeCommand() *cobra.Command {
	var q recomputeQuestion
	cmd := &cobra.Command{
		Use:   "recompute",
		Short: "Recompute kept KPIs from facts and edits, to prove or to renew them",
		Long: `recompute works out the latest revision of every kept window again, from the facts in the
records and what people said of them.

With --verify it changes nothing: it prints every field that differs and ends with status 1 when
there is one. Windows whose change the daemon has still to look at are left out and counted.

Without it, each window that differs gets a further revision with the reason given; the earlier
ones stay, and the points in InfluxDB become those of the new one. That is for definitions that
were wrong, such as an ideal cycle. A daemon that runs on these records is told to do it, with the
configuration it was started with: restart it after a correction, and set web.token. When none
runs, recompute does it itself; points go to InfluxDB when the daemon starts again.`,
		Example: `  andon kpi recompute -c andon.yaml --verify
  andon kpi recompute -c andon.yaml --verify --from 2026-03-02T00:00:00Z --to 2026-03-03T00:00:00Z
  andon kpi recompute -c andon.yaml --from 2026-03-02T00:00:00Z --to 2026-03-03T00:00:00Z --reason "ideal cycle of P500 corrected"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return q.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	configFlag(cmd, &q.config)
	spanFlags(cmd, &q.from, &q.to)
	f := cmd.Flags()
	f.StringVar(&q.equipment, "equipment", "", "only paths that match (default: all)")
	f.BoolVar(&q.verify, "verify", false, "compare only; status 1 when something differs")
	f.StringVar(&q.reason, "reason", "", "why, for the new revisions")
	f.StringVar(&q.user, "user", cmp.Or(os.Getenv("USER"), "shell"), "in whose name")
	f.StringVar(&q.format, "format", "table", "of --verify: table or json")
	words(cmd, "format", "table", "json")
	return cmd
}

func (q recomputeQuestion) run(ctx context.Context, out io.Writer) error {
	span, err := parseWindow(q.from, q.to)
	given := q.reason != ""
	q.reason = strings.TrimSpace(q.reason)
	switch {
	case err != nil:
		return err
	case given && !readable(q.reason):
		return errors.New("--reason: want a text of printable characters, on one line")
	case q.verify == given:
		return errors.New("want either --verify, or --reason for the new revisions")
	case span == (plant.Interval{}):
		span = plant.Interval{From: 1, To: math.MaxInt64}
	}
	if !q.verify {
		return q.renew(ctx, span, out)
	}
	book, err := openKPIs(ctx, q.config, false)
	if err != nil {
		return err
	}
	defer book.records.Close()
	if err := q.matches(book); err != nil {
		return err
	}
	return q.check(ctx, book, span, out)
}

// matches returns an error when the pattern fits nothing: a typing mistake
// must not look like a proof.
func (q recomputeQuestion) matches(book *kpiBook) error {
	if slices.ContainsFunc(book.Paths(), matching(q.equipment)) {
		return nil
	}
	return fmt.Errorf("--equipment %q: nothing of the plant matches; want a path or pattern such as %s", q.equipment, book.Paths()[0])
}

func readable(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func (q recomputeQuestion) check(ctx context.Context, book *kpiBook, span plant.Interval, out io.Writer) error {
	c, err := book.Verify(ctx, span, matching(q.equipment))
	if err != nil {
		return err
	}
	if q.format == "json" {
		if c.Differences == nil {
			c.Differences = []engine.Difference{}
		}
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		err = enc.Encode(c)
	} else {
		err = writeCheck(out, c)
	}
	if err == nil && len(c.Differences) > 0 {
		return errQuiet
	}
	return err
}

func writeCheck(out io.Writer, c engine.Check) error {
	for _, d := range c.Differences {
		if _, err := fmt.Fprintf(out, "%s %s %s revision %d: %s: stored %.200s, recomputed %.200s\n", d.Path, d.Window, d.Start, d.Revision,
			d.Field, or(d.Stored, "nothing"), or(d.Recomputed, "nothing")); err != nil {
			return err
		}
	}
	verdict := "all as their facts say"
	if n := len(c.Differences); n > 0 {
		verdict = fmt.Sprintf("%d differences", n)
	}
	if c.Pending > 0 {
		verdict += fmt.Sprintf("; %d more wait for the daemon to look at changed time", c.Pending)
	}
	_, err := fmt.Fprintf(out, "%d KPIs recomputed: %s\n", c.Checked, verdict)
	return err
}

func or(text, missing string) string {
	if text == "" {
		return missing
	}
	return text
}
