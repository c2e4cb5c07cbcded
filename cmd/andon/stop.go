package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func stopCommand() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "List, explain and review stops",
		Long: `stop shows what stopped and tells a running andon what people know of it. It needs the token of the web
configuration to write: --token, or better the environment variable ANDON_TOKEN, which others on the machine cannot see.`,
		Example: `  andon stop list --needs-reason --sort cost
  andon stop assign 84f1c6a2b7d09e13 E-204 --comment "valve drive again"
  andon stop split 84f1c6a2b7d09e13 2026-03-02T08:21:40Z
  andon stop sign-off northfield/packing/lineA 2026-03-02T06:00:00+01:00 2026-03-02T14:00:00+01:00`,
		Args: cobra.NoArgs,
	}
	cmd.PersistentFlags().StringVar(&c.url, "url", "http://127.0.0.1:8080", "address of andon")
	cmd.PersistentFlags().StringVar(&c.token, "token", "", "token to write; ANDON_TOKEN when left out")
	cmd.PersistentFlags().StringVar(&c.user, "user", os.Getenv("USER"), "in whose name")
	cmd.AddCommand(stopList(&c), stopAssign(&c), stopSplit(&c), stopMerge(&c), stopComment(&c), stopUndo(&c), stopSignOff(&c),
		stopPlain(&c, "review", "Say that a stop is right as it is"),
		stopPlain(&c, "not-downtime", "Say that a stop was run"),
		stopPlain(&c, "dispute", "Say that a stop is not right; needs --comment"),
		stopPlain(&c, "reopen", "Take review and sign-off of a stop back"))
	return cmd
}

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

func stopList(c *client) *cobra.Command {
	query := url.Values{}
	var needs, open bool
	var sort, shift string
	var from, to *time.Time
	var limit int
	cmd := &cobra.Command{
		Use:     "list [PATH]",
		Short:   "List stops of the plant, or of those below a path",
		Example: `  andon stop list northfield/packing/lineA --needs-reason --sort cost`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				query.Set("equipment", args[0])
			}
			for name, t := range map[string]*time.Time{"from": from, "to": to} {
				if t != nil {
					query.Set(name, t.Format(time.RFC3339Nano))
				}
			}
			query.Set("needs_reason", strconv.FormatBool(needs))
			query.Set("open", strconv.FormatBool(open))
			query.Set("sort", sort)
			query.Set("limit", strconv.Itoa(limit))
			if shift != "" {
				query.Set("shift", shift)
			}
			return c.listStops(cmd, query)
		},
	}
	cmd.Flags().BoolVar(&needs, "needs-reason", false, "only stops that nothing explains")
	cmd.Flags().BoolVar(&open, "open", false, "only stops that last")
	cmd.Flags().StringVar(&sort, "sort", "time", "time, duration or cost")
	cmd.Flags().StringVar(&shift, "shift", "", "only stops that began in a shift of this name")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	timeFlag(cmd, &from, "from", "stops that end after it")
	timeFlag(cmd, &to, "to", "stops that begin before it")
	return cmd
}

// listStops prints the stops that the API gives for a query.
func (c *client) listStops(cmd *cobra.Command, query url.Values) error {
	var answer struct {
		Stops []listedStop `json:"stops"`
		More  bool         `json:"more"`
	}
	if err := c.ask(cmd.Context(), http.MethodGet, "/api/v1/stops?"+query.Encode(), nil, &answer); err != nil {
		return err
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tEQUIPMENT\tFROM\tDURATION\tCOST\tLIFE CYCLE\tREASON")
	for _, s := range answer.Stops {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\t%s\n", s.ID, s.Equipment, s.From,
			time.Duration(s.Duration*1e9).Round(time.Second), s.Cost.Amount, s.Life, s.ReasonName)
	}
	if answer.More {
		fmt.Fprintln(w, "… and more: raise --limit or narrow --from and --to")
	}
	return w.Flush()
}

// A saying is what the API is told.
type saying struct {
	User      string   `json:"user"`
	Comment   string   `json:"comment,omitempty"`
	Reason    string   `json:"reason,omitempty"`
	At        string   `json:"at,omitempty"`
	Stops     []string `json:"stops,omitempty"`
	Equipment string   `json:"equipment,omitempty"`
	From      string   `json:"from,omitempty"`
	To        string   `json:"to,omitempty"`
}

// say tells what x says at an address and prints how to take it back.
func (c *client) say(cmd *cobra.Command, path string, x saying) error {
	x.User = c.user
	x.Comment, _ = cmd.Flags().GetString("comment") // every command that says something has it
	body, err := json.Marshal(x)
	if err != nil {
		return err
	}
	var done struct{ Command, User, Time string }
	if err := c.ask(cmd.Context(), http.MethodPost, "/api/v1/"+path, body, &done); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "done by %s; andon stop undo %s takes it back\n", cmp.Or(done.User, c.user), done.Command)
	return err
}
