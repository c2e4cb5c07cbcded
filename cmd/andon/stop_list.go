package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// A listedStop is a stop as the list shows it.
type listedStop struct {
	ID         string  `json:"id"`
	Equipment  string  `json:"equipment"`
	From       string  `json:"from"`
	Duration   float64 `json:"duration"`
	ReasonName string  `json:"reason_name"`
	Life       string  `json:"life_cycle"`
	Cost       struct {
		Amount float64 `json:"amount"`
	} `json:"cost"`
}

// maxPage is how many stops are asked for at once: with everything that people
// wrote about them they stay below maxAnswer.
const maxPage = 200

func stopList(c *client) *cobra.Command {
	texts := map[string]*string{}
	var needs, open bool
	var from, to *time.Time
	var limit int
	cmd := &cobra.Command{
		Use:   "list [PATH]",
		Short: "List stops of the plant, of what is below a path or of what a pattern matches",
		Example: `  andon stop list northfield/packing/lineA --needs-reason --sort cost --from 2026-03-02T06:00:00+01:00
  andon stop list 'northfield/*/*/A*' --reason E-204 --limit 2000`,
		Args: cobra.MaximumNArgs(1),
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
			for name, text := range texts {
				if *text != "" {
					query.Set(name, *text)
				}
			}
			query.Set("needs_reason", strconv.FormatBool(needs))
			query.Set("open", strconv.FormatBool(open))
			return c.listStops(cmd, query, limit)
		},
	}
	texts["reason"] = cmd.Flags().String("reason", "", "only stops with the reason of this id, or with one below it")
	texts["state"] = cmd.Flags().String("state", "", "only stops in these states, such as fault,stopped")
	texts["life_cycle"] = cmd.Flags().String("life-cycle", "", "only stops in these life cycles, such as reviewed,disputed")
	texts["shift"] = cmd.Flags().String("shift", "", "only stops that began in a shift of this name")
	texts["sort"] = cmd.Flags().String("sort", "time", "time, duration or cost")
	cmd.Flags().BoolVar(&needs, "needs-reason", false, "only stops that nothing explains")
	cmd.Flags().BoolVar(&open, "open", false, "only stops that last")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	timeFlag(cmd, &from, "from", "stops that end after it")
	timeFlag(cmd, &to, "to", "stops that begin before it")
	return cmd
}

// listStops prints up to n of the stops that the API gives for a query, page
// after page.
func (c *client) listStops(cmd *cobra.Command, query url.Values, n int) error {
	if n < 1 {
		return fmt.Errorf("--limit: want 1 or more, not %d", n)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tEQUIPMENT\tFROM\tDURATION\tCOST\tLIFE CYCLE\tREASON")
	for n > 0 {
		var page struct {
			Stops []listedStop `json:"stops"`
			Next  string       `json:"next"`
		}
		query.Set("limit", strconv.Itoa(min(n, maxPage)))
		if err := c.ask(cmd.Context(), http.MethodGet, "/api/v1/stops?"+query.Encode(), nil, &page); err != nil {
			return err
		}
		for _, s := range page.Stops {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\t%s\n", s.ID, s.Equipment, s.From,
				time.Duration(s.Duration*1e9).Round(time.Second), s.Cost.Amount, s.Life, s.ReasonName)
		}
		if page.Next == "" {
			return w.Flush()
		}
		query.Set("cursor", page.Next)
		n -= len(page.Stops)
	}
	fmt.Fprintln(w, "… and more: raise --limit or narrow --from and --to")
	return w.Flush()
}
