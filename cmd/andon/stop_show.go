package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// A saidEdit is one thing that somebody said.
type saidEdit struct {
	ID, Command, Kind, Equipment, User, Comment, Text string
	Time                                              time.Time
	Stale, Undone, Broken                             string
	Correction                                        bool
	Was                                               struct {
		State, Reason string
		Name          string `json:"reason_name"`
		Life          string `json:"life_cycle"`
		Counts        *struct{ Good, Scrap, Rework int64 }
	}
}

// was says what the edit found, "" when it does not know.
func (e saidEdit) was() string {
	if c := e.Was.Counts; c != nil {
		return fmt.Sprintf("%d good, %d scrap, %d rework", c.Good, c.Scrap, c.Rework)
	}
	name := cmp.Or(e.Was.Name, e.Was.Reason)
	if e.Was.State == "" {
		return name
	}
	return fmt.Sprintf("%s, %s, %s", e.Was.State, name, e.Was.Life)
}

// note says what became of the edit, "" when it holds.
func (e saidEdit) note() string {
	var notes []string
	if e.Broken != "" {
		notes = append(notes, "TAMPERED WITH: "+e.Broken)
	}
	if e.Undone != "" {
		notes = append(notes, "taken back by "+e.Undone)
	}
	if e.Stale != "" {
		notes = append(notes, "no effect: "+e.Stale)
	}
	if e.Correction {
		notes = append(notes, "after the sign-off")
	}
	return strings.Join(notes, "; ")
}

// printEdits prints edits, one a line.
func printEdits(out io.Writer, edits []saidEdit) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tEDIT\tWHO AND WHAT\tBEFORE\tNOTE")
	for _, e := range edits {
		text := e.Text
		if e.Kind == "comment" {
			text += ": " + e.Comment
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Time.Format(time.RFC3339), e.ID, text, e.was(), e.note())
	}
	return w.Flush()
}

func stopShow(c *client) *cobra.Command {
	return &cobra.Command{
		Use:               "show STOP",
		Short:             "Show one stop and everything said of it",
		Long:              "show prints one stop as people say it was, its revision for --if-revision, and who said what of it, with what each edit found.",
		Example:           "  andon stop show 84f1c6a2b7d09e13",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			var a struct {
				Stop struct {
					listedStop
					To, State, Category, Culprit, Product, Order, Shift string
					Source                                              string `json:"reason_source"`
					Revision                                            int64
				}
				History []saidEdit
			}
			if err := c.ask(cmd.Context(), http.MethodGet, "/api/v1/stops/"+url.PathEscape(args[0]), nil, &a); err != nil {
				return err
			}
			s := a.Stop
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, row := range [][2]string{{"stop", s.ID}, {"equipment", s.Equipment}, {"from", s.From}, {"to", cmp.Or(s.To, "it lasts")},
				{"downtime", time.Duration(s.Duration * 1e9).Round(time.Second).String()}, {"state", s.State}, {"reason", s.ReasonName + ", by " + s.Source},
				{"category", s.Category}, {"culprit", s.Culprit}, {"life cycle", s.Life}, {"cost", fmt.Sprintf("%.2f", s.Cost.Amount)},
				{"product", s.Product}, {"order", s.Order}, {"shift", s.Shift}, {"revision", strconv.FormatInt(s.Revision, 10)}} {
				if row[1] != "" {
					fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
				}
			}
			if err := w.Flush(); err != nil || len(a.History) == 0 {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout())
			return printEdits(cmd.OutOrStdout(), a.History)
		},
	}
}

// errBrokenChain is why andon stop audit ends with exit code 1.
var errBrokenChain = errors.New("edits in the records were changed by other than andon: keep a copy of the database before anything else")

func stopAudit(c *client) *cobra.Command {
	var from, to *time.Time
	var limit int
	cmd := &cobra.Command{
		Use:   "audit [PATH]",
		Short: "List what people said, and check that nobody tampered with it",
		Long: `audit lists edits, who said what and what it was before, and checks the chain of all edits of every area. The exit code is 1
when a chain is broken. Note the heads that it prints elsewhere: they prove later that no edit was cut off at the end.`,
		Example: `  andon stop audit
  andon stop audit northfield/packing/lineA --from 2026-03-02T06:00:00+01:00 --to 2026-03-02T14:00:00+01:00`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			if len(args) == 1 {
				query.Set("equipment", args[0])
			}
			for name, t := range map[string]*time.Time{"from": from, "to": to} {
				if t != nil {
					query.Set(name, t.Format(time.RFC3339Nano))
				}
			}
			return c.audit(cmd, query, limit)
		},
	}
	timeFlag(cmd, &from, "from", "edits of what ended after it")
	timeFlag(cmd, &to, "to", "edits of what began before it")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many of the latest")
	return cmd
}

// audited is what the API tells of edits.
type audited struct {
	Edits  []saidEdit
	Next   string
	Chains []checkedChain
}

type checkedChain struct {
	Area, Head, Broken string
	Edits              int
}

// audit prints the latest n edits that the API gives for a query, page after
// page, and what checking the chains led to.
func (c *client) audit(cmd *cobra.Command, query url.Values, n int) error {
	if n < 1 {
		return fmt.Errorf("--limit: want 1 or more, not %d", n)
	}
	var edits []saidEdit
	var a audited
	for {
		query.Set("limit", strconv.Itoa(min(n-len(edits), maxPage)))
		a = audited{}
		if err := c.ask(cmd.Context(), http.MethodGet, "/api/v1/edits?"+query.Encode(), nil, &a); err != nil {
			return err
		}
		edits = append(a.Edits, edits...) // each page is earlier
		if a.Next == "" || len(edits) >= n {
			break
		}
		query.Set("cursor", a.Next)
	}
	out := cmd.OutOrStdout()
	if a.Next != "" {
		fmt.Fprintln(out, "earlier ones are left out: raise --limit")
	}
	if err := printEdits(out, edits); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return printChains(out, a.Chains)
}

// printChains prints what checking the chains led to, which is an error when
// one is broken.
func printChains(out io.Writer, chains []checkedChain) error {
	broken := false
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AREA\tEDITS\tCHAIN\tHEAD")
	for _, chain := range chains {
		broken = broken || chain.Broken != ""
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", chain.Area, chain.Edits, cmp.Or(chain.Broken, "whole"), chain.Head)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if broken {
		return errBrokenChain
	}
	return nil
}
