package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

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
  andon stop show 84f1c6a2b7d09e13
  andon stop split 84f1c6a2b7d09e13 2026-03-02T08:21:40Z
  andon stop sign-off northfield/packing/lineA 2026-03-02T06:00:00+01:00 2026-03-02T14:00:00+01:00`,
		Args: cobra.NoArgs,
	}
	cmd.PersistentFlags().StringVar(&c.url, "url", "http://127.0.0.1:8080", "address of andon")
	cmd.PersistentFlags().StringVar(&c.token, "token", "", "token to write; ANDON_TOKEN when left out")
	cmd.PersistentFlags().StringVar(&c.user, "user", os.Getenv("USER"), "in whose name")
	cmd.AddCommand(stopList(&c), stopShow(&c), stopReasons(&c), stopAudit(&c), stopAdjust(&c), stopAssign(&c), stopSplit(&c), stopMerge(&c), stopComment(&c), stopUndo(&c), stopSignOff(&c),
		stopPlain(&c, "review", "Say that a stop is right as it is"),
		stopPlain(&c, "not-downtime", "Say that a stop was run"),
		stopPlain(&c, "dispute", "Say that a stop is not right; needs --comment"),
		stopPlain(&c, "reopen", "Take review and sign-off of a stop back"))
	return cmd
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
	// Units to adjust; those that are left out are not sent.
	Scrap    int64  `json:"scrap,omitempty"`
	Rework   int64  `json:"rework,omitempty"`
	Good     *int64 `json:"good,omitempty"`
	Produced *int64 `json:"produced,omitempty"`
	// Revision is what the editor saw; Revisions are those of several stops.
	Revision  *int64           `json:"revision,omitempty"`
	Revisions map[string]int64 `json:"revisions,omitempty"`
}

// say tells what x says at an address and prints how to take it back.
func (c *client) say(cmd *cobra.Command, path string, x saying) error {
	x.User = c.user
	x.Comment, _ = cmd.Flags().GetString("comment") // every command that says something has it
	if err := x.seen(cmd); err != nil {
		return err
	}
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

// seenFlag declares what the editor saw. Every command that says something has
// it.
func seenFlag(cmd *cobra.Command) {
	cmd.Flags().StringSlice("if-revision", nil, "only if nobody said anything since this revision, such as 17; of several stops STOP=17,STOP=0")
}

// seen reads --if-revision.
func (x *saying) seen(cmd *cobra.Command) error {
	list, err := cmd.Flags().GetStringSlice("if-revision")
	if err != nil {
		return err
	}
	for _, text := range list {
		stop, number, ok := strings.Cut(text, "=")
		if !ok {
			number = stop
		}
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil:
			return fmt.Errorf("--if-revision: want a number such as 17, or STOP=17, not %q", text)
		case ok && x.Revisions == nil:
			x.Revisions = map[string]int64{stop: n}
		case ok:
			x.Revisions[stop] = n
		default:
			x.Revision = &n
		}
	}
	return nil
}
