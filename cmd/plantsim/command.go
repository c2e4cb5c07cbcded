package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"text/tabwriter"

	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/scenarios"

	"github.com/spf13/cobra"
)

const examples = `  # The ten-minute show on the usual ports, with a broker of its own, for ever:
  plantsim --scenario showcase --loop

  # One hour on an existing broker, with everything it tells written down:
  plantsim --scenario hour --mqtt-url tcp://127.0.0.1:1883 --truth truth.ndjson

  # The same hour within a minute, on the clock of a day in March:
  plantsim --scenario hour --speed 60 --start 2026-03-02T08:00:00Z

  # A recording for "andon replay", without any network:
  plantsim record --scenario hour --start 2026-03-02T08:00:00Z --out hour.ndjson.gz

  # 5,000 samples a second for tests under load, see "plantsim load --help":
  plantsim load --rate 5000 --duration 10m --truth truth.ndjson`

// newCommand builds the command line.
func newCommand() *cobra.Command {
	var o serveOptions
	root := &cobra.Command{
		Use:   "plantsim",
		Short: "A simulated plant with a real OPC UA server and real MQTT devices",
		Long: `plantsim plays a scenario of the plant Northfield: equipment A1, A2 and B1 on
an OPC UA server, A3, A4, B2 and B3 as MQTT devices. Unless --mqtt-url names a
broker, it runs one itself.

It prints "ready opcua=… mqtt=…" once both can be reached, then one line for
each step of the scenario, and ends with the scenario, with --duration or on
SIGINT and SIGTERM.`,
		Example:       examples,
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.ownBroker = cmd.Flags().Changed("mqtt-listen")
			return serve(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.addFlags(root.Flags())
	root.AddCommand(newRecordCommand(), newScenariosCommand(), newCheckCommand(), newLoadCommand())
	return root
}

func newRecordCommand() *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Write the samples of a scenario to a file, at once and without any network",
		Long: `record writes what a collector would have seen, one JSON line for each sample
in order of time. The same arguments give the same bytes.`,
		Example: "  plantsim record --scenario hour --start 2026-03-02T08:00:00Z --out hour.ndjson.gz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return record(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.scenario, "scenario", "hour", "name of a scenario, or a file")
	f.StringVar(&o.start, "start", "2026-03-02T08:00:00Z", "the plant's time when the scenario starts, RFC 3339")
	f.StringVar(&o.out, "out", "-", "file to write, compressed when it ends in .gz; - is standard output")
	f.DurationVar(&o.duration, "duration", 0, "how much to record; the scenario repeats when it is shorter (default: once)")
	return cmd
}

func newScenariosCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "scenarios [name]",
		Short: "List the scenarios that come with plantsim, or print one to start an own from",
		Example: `  plantsim scenarios
  plantsim scenarios hour > mine.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listScenarios(cmd.OutOrStdout())
			}
			b, err := fs.ReadFile(scenarios.Files, args[0]+".yaml")
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("scenario %q: want one of %v", args[0], scenario.Names(scenarios.Files))
			}
			if err == nil {
				_, err = cmd.OutOrStdout().Write(b)
			}
			return err
		},
	}
}

func listScenarios(out io.Writer) error {
	for _, name := range scenario.Names(scenarios.Files) {
		s, err := scenario.Load(scenarios.Files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s (%s)\n  %s\n", s.Name, s.Length, s.About)
	}
	return nil
}

func newCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "check scenario",
		Short:   "Check a scenario and print what the plant makes in it",
		Example: "  plantsim check mine.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := scenario.Load(scenarios.Files, args[0])
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintf(w, "%s\tunits\trejects\trework\n", s.Length)
			for _, o := range sim.New(s).Outputs() {
				fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", o.Equipment.Name, o.Units, o.Rejects, o.Rework)
			}
			return w.Flush()
		},
	}
}
