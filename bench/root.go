package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"andon/bench/internal/andon"
	"andon/bench/internal/broker"
	"andon/bench/internal/cases"
	"andon/bench/internal/measure"
	"andon/bench/internal/report"
	"andon/bench/internal/telegraf"

	"github.com/spf13/cobra"
)

// options are those of the command line.
type options struct {
	root, work, json, markdown string
	from, notes                string
	only, budgets              []string
	pairs, seconds             int
	duration                   time.Duration
	list, quick, builtIn       bool
	strict                     bool
}

func root() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Compare andon with Telegraf",
		Long: `bench builds andon, InfluxDB and Telegraf, runs the same loads through andon and through Telegraf in
turn, each time with an InfluxDB and a broker or server of its own, and prints what arrived and what
it cost. Its status is not 0 when a run tells nothing because the load could not be made; a bad ratio
is no error.`,
		Example: `  make bench                                          # everything: a quiet machine and most of an hour
  make bench ARGS="--quick"                           # each case once and short, to try
  make bench ARGS="--only mqtt-q1-10k --pairs 3"      # one case
  make bench-opcua DURATION=5m                        # 20,000 encrypted items for so long; every change must arrive
  make bench ARGS="--json out.json --markdown ../docs/performance.md"
  make bench ARGS="--from out.json --budgets ../figures.txt --markdown ../docs/performance.md"`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o, cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&o.root, "root", "..", "folder of andon's tree")
	f.StringVar(&o.work, "work", ".work", "folder for programs and runs")
	f.StringVar(&o.json, "json", "", "write the results to this `file`")
	f.StringVar(&o.markdown, "markdown", "", "write the report to this `file`")
	f.StringVar(&o.from, "from", "", "measure nothing, and read the results from this `file` that --json wrote")
	f.StringSliceVar(&o.budgets, "budgets", nil, "read figures of other budgets from these `files`: the output of the commands that the table of budgets names")
	f.StringVar(&o.notes, "notes", "../docs/performance-notes.md", "the page begins with what this `file` says of budgets that are not met")
	f.StringSliceVar(&o.only, "only", nil, "measure only these cases (`names`, separated by commas)")
	f.IntVar(&o.pairs, "pairs", 5, "how often each case is measured on both sides")
	f.IntVar(&o.seconds, "seconds", 0, "how long each time; 0 for as long as each case says")
	f.DurationVar(&o.duration, "duration", 0, "the same as a time such as 5m")
	f.BoolVar(&o.strict, "strict", false, "a run in which not everything arrives is an error")
	f.BoolVar(&o.list, "list", false, "list the cases and do nothing")
	f.BoolVar(&o.quick, "quick", false, "one pair of 5 seconds, to try")
	f.BoolVar(&o.builtIn, "built-in-broker", false, "use the built-in broker also where mosquitto is installed")
	cmd.AddCommand(loadCommand(), brokerCommand(), bareCommand())
	cmd.CompletionOptions.DisableDefaultCmd = true
	return cmd
}

func run(ctx context.Context, o options, out io.Writer) error {
	chosen, err := cases.Named(o.only)
	if err != nil {
		return err
	}
	if o.list {
		for _, c := range chosen {
			fmt.Fprintf(out, "%-22s %s\n", c.Name, c.Title)
		}
		return nil
	}
	if o.quick {
		o.pairs, o.seconds = 1, 5
	}
	if o.duration != 0 {
		o.seconds = int(o.duration / time.Second)
	}
	if o.pairs < 1 || o.seconds < 0 {
		return errors.New("--pairs must be at least 1 and --seconds not negative")
	}
	written := files{o.json, o.markdown}
	figures, err := readFigures(o.budgets)
	if err != nil {
		return err
	}
	notes, err := readNotes(o.notes)
	if err != nil {
		return err
	}
	if o.from != "" {
		rep, err := readReport(o.from)
		if err != nil {
			return err
		}
		rep.Figures, rep.Notes = figures.Or(rep.Figures), notes
		fmt.Fprint(out, rep.Budgets())
		return written.write(rep)
	}
	compare := slices.ContainsFunc(chosen, func(c cases.Case) bool { return c.Measures(measure.Telegraf) })
	rig, machine, err := newRig(ctx, o, compare, out)
	if err != nil {
		return err
	}
	s := session{strict: o.strict, rig: rig, report: report.Report{Machine: machine, Pairs: rig.Pairs, Seconds: o.seconds, Figures: figures, Notes: notes}, files: written, out: out}
	return s.measure(ctx, chosen)
}

// newRig builds what is measured, Telegraf where it is compared with.
func newRig(ctx context.Context, o options, compare bool, out io.Writer) (*cases.Rig, report.Machine, error) {
	machine := report.ThisMachine()
	begin := time.Now()
	say := func(line string) { fmt.Fprintf(out, "%6.0fs  %s\n", time.Since(begin).Seconds(), line) }
	work, err := filepath.Abs(o.work)
	if err != nil {
		return nil, machine, fmt.Errorf("find the work folder: %w", err)
	}
	bin := filepath.Join(work, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return nil, machine, fmt.Errorf("make the work folder: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, machine, fmt.Errorf("find this program: %w", err)
	}
	built, err := andon.Build(ctx, o.root, bin, say)
	if err != nil {
		return nil, machine, err
	}
	tg := ""
	if compare {
		if tg, err = telegraf.Build(ctx, bin, say); err != nil {
			return nil, machine, err
		}
	}
	machine.Andon, machine.InfluxDB = built.Version, built.InfluxDB
	mqtt := broker.Find(self, o.builtIn)
	machine.Telegraf, machine.Broker = telegraf.Version, mqtt.Version(ctx)
	say(fmt.Sprintf("%s, Telegraf %s, InfluxDB %s, %s", machine.Andon, machine.Telegraf, machine.InfluxDB, machine.Broker))
	server, err := filepath.Abs(filepath.Join(o.root, "bench", "opcua"))
	if err != nil {
		return nil, machine, fmt.Errorf("find the OPC UA server: %w", err)
	}
	try, confirm := 6*time.Second, 20*time.Second
	if o.quick {
		try, confirm = 3*time.Second, 5*time.Second
	}
	return &cases.Rig{
		Self: self, Broker: mqtt, Work: work, Andon: built.Andon, Influxd: built.Influxd, Telegraf: tg, OPCUA: server, Say: say,
		Pairs: o.pairs, Window: time.Duration(o.seconds) * time.Second, Warmup: 3 * time.Second, Try: try, Confirm: confirm,
	}, machine, nil
}
