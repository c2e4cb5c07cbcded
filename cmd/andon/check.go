package main

import (
	"fmt"

	"andon/configs"
	"andon/plant"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check a configuration and tell every problem",
		Long: `check reads a configuration as run would and tells every problem at once, one a line:

  file:line: path: want …

It connects to nothing and writes nothing. The exit status is 1 when there is a problem.`,
		Example: "  andon check -c /etc/andon/andon.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := configs.Load(file)
			if err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), err)
				return errQuiet
			}
			tree, err := plant.NewTree(cfg.Plant)
			if err != nil {
				return err
			}
			for _, note := range cfg.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), "note:", note)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: ok: %s\n", file, cfg.Summary(tree))
			return nil
		},
	}
	configFlag(cmd, &file)
	return cmd
}
