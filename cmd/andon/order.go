package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// A client speaks to a running andon for a person at a shell.
type client struct {
	url, token, user string
	http             *http.Client // nil for the usual one
}

func orderCommand() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "order",
		Short: "Start, end, correct and list production orders",
		Long: `order tells a running andon which production order a line works on. It needs the token of the web
configuration to write: --token, or better the environment variable ANDON_TOKEN, which others on the machine cannot see.`,
		Args: cobra.NoArgs,
	}
	cmd.PersistentFlags().StringVar(&c.url, "url", "http://127.0.0.1:8080", "address of andon")
	cmd.PersistentFlags().StringVar(&c.token, "token", "", "token to write; ANDON_TOKEN when left out")
	cmd.PersistentFlags().StringVar(&c.user, "user", os.Getenv("USER"), "in whose name")
	cmd.AddCommand(orderStart(&c), orderEnd(&c), orderChange(&c), orderList(&c))
	return cmd
}

// An orderCall is what the API is asked for.
type orderCall struct {
	Action     string     `json:"action"`
	Line       string     `json:"line"`
	Order      string     `json:"order,omitempty"`
	Product    string     `json:"product,omitempty"`
	Quantity   *int64     `json:"quantity,omitempty"`
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
	Due        *time.Time `json:"due,omitempty"`
	DoneBefore *int64     `json:"done_before,omitempty"`
	User       string     `json:"user"`
	Comment    string     `json:"comment,omitempty"`
}

// timeFlag declares a time; an empty text leaves it out.
func timeFlag(cmd *cobra.Command, into **time.Time, name, usage string) {
	cmd.Flags().Func(name, usage+", such as 2026-03-02T08:00:00+01:00", func(text string) error {
		t, err := time.Parse(time.RFC3339Nano, text)
		*into = &t
		return err
	})
}

// unitsFlag declares a number of units; one that is left out is not sent.
func unitsFlag(cmd *cobra.Command, into **int64, name, usage string) {
	cmd.Flags().Func(name, usage, func(text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		*into = &n
		return err
	})
}

func orderStart(c *client) *cobra.Command {
	call := orderCall{Action: "start"}
	cmd := &cobra.Command{
		Use:     "start LINE ORDER",
		Short:   "Start an order on a line; the one that runs there ends",
		Example: `  andon order start northfield/packing/lineA PO-1003 --product P500 --quantity 5000`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			call.Line, call.Order = args[0], args[1]
			return c.order(cmd.Context(), call, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&call.Product, "product", "", "what to make, a product of the configuration")
	unitsFlag(cmd, &call.Quantity, "quantity", "good units to make")
	unitsFlag(cmd, &call.DoneBefore, "done-before", "good units made before andon saw it")
	cmd.Flags().StringVar(&call.Comment, "comment", "", "why")
	timeFlag(cmd, &call.From, "from", "when it began or will begin, if not now")
	timeFlag(cmd, &call.Due, "due", "when it must be done")
	return cmd
}

func orderEnd(c *client) *cobra.Command {
	call := orderCall{Action: "end"}
	cmd := &cobra.Command{
		Use:     "end LINE [ORDER]",
		Short:   "End the order that runs on a line",
		Example: `  andon order end northfield/packing/lineA`,
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			call.Line = args[0]
			if len(args) > 1 {
				call.Order = args[1]
			}
			return c.order(cmd.Context(), call, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&call.Comment, "comment", "", "why")
	timeFlag(cmd, &call.To, "to", "when it ended, if not now")
	return cmd
}

func orderChange(c *client) *cobra.Command {
	call := orderCall{Action: "change"}
	cmd := &cobra.Command{
		Use:   "change LINE ORDER",
		Short: "Correct an order; what is left out stays as it is",
		Long: `change corrects the order of that name which began last on a line, or the next one that is planned. Times may lie in
the past: stops, counts and KPIs since then are worked out again.`,
		Example: `  andon order change northfield/packing/lineA PO-1003 --quantity 4800 --due 2026-03-02T14:00:00+01:00 --comment 'customer took less'`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			call.Line, call.Order = args[0], args[1]
			if call.Product == "" && call.Quantity == nil && call.DoneBefore == nil && call.From == nil && call.To == nil && call.Due == nil {
				return errors.New("say what to change: --product, --quantity, --done-before, --from, --to or --due")
			}
			return c.order(cmd.Context(), call, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&call.Product, "product", "", "what to make, a product of the configuration")
	unitsFlag(cmd, &call.Quantity, "quantity", "good units to make")
	unitsFlag(cmd, &call.DoneBefore, "done-before", "good units made before andon saw it")
	cmd.Flags().StringVar(&call.Comment, "comment", "", "why")
	timeFlag(cmd, &call.From, "from", "when it began")
	timeFlag(cmd, &call.To, "to", "when it ended")
	timeFlag(cmd, &call.Due, "due", "when it must be done")
	return cmd
}

func orderList(c *client) *cobra.Command {
	return &cobra.Command{
		Use:   "list [PATH]",
		Short: "List the orders of all lines, or of those below a path, and how far they are",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := ""
			if len(args) == 1 {
				query = "?equipment=" + url.QueryEscape(args[0])
			}
			var answer struct {
				Orders []orderRow `json:"orders"`
			}
			if err := c.ask(cmd.Context(), http.MethodGet, "/api/v1/orders"+query, nil, &answer); err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "LINE\tORDER\tPRODUCT\tQUANTITY\tGOOD\tLEFT\tPER H\tNEEDED\tFROM\tTO\tDUE\tDONE\tRUNNING\tBY")
			for _, o := range answer.Orders {
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%t\t%s\n", o.Line, o.Order, cmp.Or(o.Product, "-"), *cmp.Or(o.Quantity, new(int64)),
					o.progress(), shortTime(o.From), shortTime(o.To), shortTime(o.Due), o.done(), o.Running, cmp.Or(o.User, "configuration"))
			}
			return w.Flush()
		},
	}
}

// An orderRow is one order of the list.
type orderRow struct {
	orderCall
	Running    bool `json:"running"`
	Attainment *struct {
		Good         int64      `json:"good"`
		Remaining    int64      `json:"remaining"`
		Completed    *time.Time `json:"completed"`
		ETA          *time.Time `json:"eta"`
		Demonstrated *float64   `json:"demonstrated_rate"` // units per second
		Required     *float64   `json:"required_rate"`
	} `json:"attainment"`
}

// progress returns the columns of how far the order is.
func (o orderRow) progress() string {
	a := o.Attainment
	if a == nil {
		return "-\t-\t-\t-"
	}
	hourly := func(rate *float64) string {
		if rate == nil {
			return "-"
		}
		return fmt.Sprintf("%.0f", 3600**rate)
	}
	return fmt.Sprintf("%d\t%d\t%s\t%s", a.Good, a.Remaining, hourly(a.Demonstrated), hourly(a.Required))
}

// done returns when the order was done, or with ~ when it will be.
func (o orderRow) done() string {
	switch a := o.Attainment; {
	case a != nil && a.Completed != nil:
		return shortTime(a.Completed)
	case a != nil && a.ETA != nil:
		return "~" + a.ETA.Truncate(time.Second).Format(time.RFC3339)
	}
	return "-"
}

func shortTime(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Format(time.RFC3339)
}

// order does call and tells what came of it.
func (c *client) order(ctx context.Context, call orderCall, out io.Writer) error {
	call.User = c.user
	body, err := json.Marshal(call)
	if err != nil {
		return err
	}
	var done struct{ Line, Order, Time string }
	if err := c.ask(ctx, http.MethodPost, "/api/v1/orders", body, &done); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s on %s, given at %s\n", call.Action, cmp.Or(done.Order, "the running order"), done.Line, done.Time)
	return err
}

// ask sends one request and reads the answer into a struct.
func (c *client) ask(ctx context.Context, method, path string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.url, "/")+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+cmp.Or(c.token, os.Getenv("ANDON_TOKEN")))
	}
	resp, err := cmp.Or(c.http, http.DefaultClient).Do(req)
	if err != nil {
		return fmt.Errorf("ask andon: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var p struct {
			Error struct{ Code, Message string }
		}
		if json.Unmarshal(answer, &p) == nil && p.Error.Message != "" {
			return errors.New(p.Error.Message)
		}
		return fmt.Errorf("andon answered %s", resp.Status)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}
