// Command andon collects a plant's signals, works out stops, throughput and
// KPIs, and calls people to problems until they act.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // shifts need time zones where the system has none, as in a bare container

	"github.com/spf13/cobra"
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		os.Exit(1)
	}
}

// errQuiet ends the program with status 1 after the command has already told
// everything.
var errQuiet = errors.New("")

// run executes one command line. It has written the error it returns.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use:   "andon",
		Short: "Plant telemetry, downtime, KPIs and alarms",
		Long: `andon reads equipment over OPC UA and MQTT, writes every sample to InfluxDB, works out
stops, throughput and the KPIs of ISO 22400, and raises alarms until a person has acted.`,
		Example: `  andon check -c /etc/andon/andon.yaml     # tell every problem of a configuration
  andon probe opc.tcp://192.0.2.10:4840    # see what an OPC UA server offers
  andon run -c /etc/andon/andon.yaml       # run the daemon
  andon replay -c andon.yaml --samples monday.ndjson.gz --out report/`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(runCommand(), checkCommand(), probeCommand(), browseCommand(), tailCommand(), replayCommand(), healthCommand(), orderCommand(), stopCommand(), kpiCommand(), queueCommand(), deadletterCommand(), versionCommand())
	err := root.ExecuteContext(ctx)
	if err != nil && !errors.Is(err, errQuiet) {
		fmt.Fprintln(stderr, "andon:", err)
	}
	return err
}

func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "andon.yaml", "configuration file")
	if err := cmd.MarkFlagFilename("config", "yaml", "yml"); err != nil {
		panic(err) // the flag was declared one line above
	}
}
