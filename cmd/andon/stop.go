package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

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
