package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

// saying makes a command that says something.
func (c *client) saying(cmd *cobra.Command, say func(args []string) (path string, x saying)) *cobra.Command {
	cmd.Flags().String("comment", "", "why")
	seenFlag(cmd)
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path, x := say(args)
		return c.say(cmd, path, x)
	}
	return cmd
}

func stopPath(id, action string) string { return "stops/" + url.PathEscape(id) + "/" + action }

func stopAssign(c *client) *cobra.Command {
	return c.saying(&cobra.Command{
		Use:   "assign STOP... REASON",
		Short: "Give stops a reason; they may still last",
		Example: `  andon stop assign 84f1c6a2b7d09e13 E-204
  andon stop assign 84f1c6a2b7d09e13 E-204 --if-revision 17
  andon stop assign 84f1c6a2b7d09e13 9b02c11e5f7a6d40 no_operator --comment "training"`,
		Args: cobra.MinimumNArgs(2),
	}, func(args []string) (string, saying) {
		last := len(args) - 1
		return "stops/assign", saying{Stops: args[:last], Reason: args[last]}
	})
}

func stopSplit(c *client) *cobra.Command {
	return c.saying(&cobra.Command{
		Use:     "split STOP TIME",
		Short:   "Divide a stop at a time",
		Example: `  andon stop split 84f1c6a2b7d09e13 2026-03-02T09:21:40+01:00`,
		Args:    cobra.ExactArgs(2),
	}, func(args []string) (string, saying) { return stopPath(args[0], "split"), saying{At: args[1]} })
}

func stopMerge(c *client) *cobra.Command {
	var reason string
	cmd := c.saying(&cobra.Command{
		Use:     "merge STOP STOP...",
		Short:   "Make one stop of neighbouring stops of one equipment",
		Example: `  andon stop merge 84f1c6a2b7d09e13 9b02c11e5f7a6d40 --reason E-204`,
		Args:    cobra.MinimumNArgs(2),
	}, func(args []string) (string, saying) { return "stops/merge", saying{Stops: args, Reason: reason} })
	cmd.Flags().StringVar(&reason, "reason", "", "of the whole; that of the longest part when left out")
	return cmd
}

func stopComment(c *client) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "comment STOP TEXT...",
		Short:   "Write something about a stop",
		Example: `  andon stop comment 84f1c6a2b7d09e13 valve drive ordered, comes on Thursday`,
		Args:    cobra.MinimumNArgs(2),
	}
	seenFlag(cmd)
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.Flags().String("comment", "", "")
	_ = cmd.Flags().MarkHidden("comment") // the flag was declared one line above
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := cmd.Flags().Set("comment", strings.Join(args[1:], " ")); err != nil {
			return err
		}
		return c.say(cmd, stopPath(args[0], "comment"), saying{})
	}
	return cmd
}

func stopUndo(c *client) *cobra.Command {
	return c.saying(&cobra.Command{
		Use:     "undo EDIT",
		Short:   "Take back an edit, or all of one command",
		Example: `  andon stop undo 3KJQ6TZ4V2XWHN7PYB5RDMC8FE`,
		Args:    cobra.ExactArgs(1),
	}, func(args []string) (string, saying) { return "edits/" + url.PathEscape(args[0]) + "/undo", saying{} })
}

func stopSignOff(c *client) *cobra.Command {
	return c.saying(&cobra.Command{
		Use:     "sign-off PATH FROM TO",
		Short:   "Close the stops that began in a time; changes after it are corrections",
		Example: `  andon stop sign-off northfield/packing/lineA 2026-03-02T06:00:00+01:00 2026-03-02T14:00:00+01:00`,
		Args:    cobra.ExactArgs(3),
	}, func(args []string) (string, saying) {
		return "stops/sign_off", saying{Equipment: args[0], From: args[1], To: args[2]}
	})
}

func stopAdjust(c *client) *cobra.Command {
	var scrap, rework int64
	var good, produced *int64
	cmd := c.saying(&cobra.Command{
		Use:   "adjust EQUIPMENT FROM TO",
		Short: "Add units to what was counted in a time, or take them off",
		Long: `adjust changes the counts of one equipment in a time. Without --good and --produced the total stays and good units become rejects.
Negative numbers take units off.`,
		Example: `  andon stop adjust northfield/packing/lineA/A1 2026-03-02T09:00:00+01:00 2026-03-02T10:00:00+01:00 --scrap 10 --comment lab
  andon stop adjust northfield/packing/lineA/A1 2026-03-02T09:00:00+01:00 2026-03-02T10:00:00+01:00 --scrap -8 --rework 8`,
		Args: cobra.ExactArgs(3),
	}, func(args []string) (string, saying) {
		return "counts/adjust", saying{Equipment: args[0], From: args[1], To: args[2], Scrap: scrap, Rework: rework, Good: good, Produced: produced}
	})
	cmd.Flags().Int64Var(&scrap, "scrap", 0, "units of scrap")
	cmd.Flags().Int64Var(&rework, "rework", 0, "units of rework")
	unitsFlag(cmd, &good, "good", "good units; what the rejects take when left out")
	unitsFlag(cmd, &produced, "produced", "units in all")
	return cmd
}

func stopPlain(c *client, name, short string) *cobra.Command {
	action := strings.ReplaceAll(name, "-", "_")
	return c.saying(&cobra.Command{
		Use:     name + " STOP",
		Short:   short,
		Example: "  andon stop " + name + ` 84f1c6a2b7d09e13 --comment "as seen"`,
		Args:    cobra.ExactArgs(1),
	}, func(args []string) (string, saying) { return stopPath(args[0], action), saying{} })
}
