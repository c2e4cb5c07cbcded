package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// A reasonNode is a reason of the tree.
type reasonNode struct {
	ID, Name, Parent, Category string
	Group                      bool
	Comment                    bool `json:"requires_comment"`
	Uses                       int
}

func stopReasons(c *client) *cobra.Command {
	var stop string
	cmd := &cobra.Command{
		Use:   "reasons EQUIPMENT",
		Short: "Show the reasons that stops of an equipment may have",
		Long: `reasons prints the reason tree of one equipment, below each level the most used of the last 30 days first. Only reasons without others
below them can be given. With --stop it begins with what similar stops had.`,
		Example: `  andon stop reasons northfield/packing/lineA/A1
  andon stop reasons northfield/packing/lineA/A1 --stop 84f1c6a2b7d09e13`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{"equipment": {args[0]}}
			if stop != "" {
				query.Set("stop", stop)
			}
			var a struct {
				Suggested []struct {
					Reason     string
					Count      int
					Confidence float64
				}
				Reasons []reasonNode
			}
			if err := c.ask(cmd.Context(), http.MethodGet, "/api/v1/reasons?"+query.Encode(), nil, &a); err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, s := range a.Suggested {
				fmt.Fprintf(w, "suggested: %s\t%.0f %% of %d similar stops\n", s.Reason, 100*s.Confidence, int(float64(s.Count)/s.Confidence+.5))
			}
			fmt.Fprintln(w, "REASON\tNAME\tCATEGORY\tUSES")
			printReasons(w, a.Reasons, "", 0)
			return w.Flush()
		},
	}
	cmd.Flags().StringVar(&stop, "stop", "", "suggest reasons for the stop of this id")
	return cmd
}

// printReasons prints what stands below one reason, deeper with each level.
func printReasons(w io.Writer, all []reasonNode, parent string, level int) {
	const deepest = 3 // a tree has no more levels
	for _, r := range all {
		if r.Parent != parent || level > deepest {
			continue
		}
		note := ""
		if r.Comment {
			note = ", needs a comment"
		}
		id := strings.Repeat("  ", level) + r.ID
		if r.Group {
			fmt.Fprintf(w, "%s:\t%s\t\t\n", id, r.Name)
			printReasons(w, all, r.ID, level+1)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s%s\t%d\n", id, r.Name, r.Category, note, r.Uses)
	}
}
