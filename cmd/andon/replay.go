package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"andon/configs"
	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/store"

	"github.com/spf13/cobra"
)

type replayOptions struct {
	config, samples, out string
	from, to             string
	commands             string
}

func replayCommand() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Work out stops, KPIs and alarms of recorded samples",
		Long: `replay feeds recorded samples through the same engine that run uses, without network and
without a clock, and writes stops.json, kpis.json, orders.json and alarms.json to a folder.

Samples are NDJSON, one a line, in order of time; .gz is accepted:
  {"tag":"site/area/line/equipment/tag","ts":"2026-03-02T08:00:00Z","value":6,"status":"good"}

What it cannot use it counts at the end: samples of unknown tags, with values of another type, out
of order or too late. A recording without a single usable sample is an error.

--commands is a file of what people did, NDJSON in any order: acknowledgements, and what they said of
stops and counts. stops.json and kpis.json then show stops as people say they were:
  {"id":"1","verb":"stop.assign","target":"site/area/line/equipment","user":"Anna","time":"2026-03-02T10:00:00Z",
   "args":{"start":"2026-03-02T08:18:40Z","reason":"E-204"}}

kpis.json has a window "shift" and "hour" for each that the samples touch, and with --from and
--to one "range" more: of all equipment, and of lines, areas and the site. orders.json says how far each
order is at the end. The same samples and configuration give the same files.`,
		Example: `  andon replay -c andon.yaml --samples monday.ndjson.gz --out report/
  andon replay -c andon.yaml --samples monday.ndjson --out report/ --from 2026-03-02T08:20:00Z --to 2026-03-02T08:40:00Z`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return replay(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &o.config)
	cmd.Flags().StringVar(&o.samples, "samples", "", "file of recorded samples, or - for standard input")
	cmd.Flags().StringVar(&o.commands, "commands", "", "file of commands that people gave, none when missing")
	cmd.Flags().StringVar(&o.out, "out", "", "folder for the report, created when missing")
	cmd.Flags().StringVar(&o.from, "from", "", "begin of one more window for KPIs (RFC 3339)")
	cmd.Flags().StringVar(&o.to, "to", "", "end of that window (RFC 3339)")
	for _, name := range []string{"samples", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flags were declared above
		}
	}
	return cmd
}

func replay(ctx context.Context, o replayOptions, out, errs io.Writer) error {
	window, err := parseWindow(o.from, o.to)
	if err != nil {
		return err
	}
	cfg, err := configs.Load(o.config)
	if err != nil {
		return err
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return err
	}
	samples, err := openSamples(o.samples)
	if err != nil {
		return err
	}
	defer samples.Close()
	commands, err := readCommands(o.commands)
	if err != nil {
		return err
	}
	work, err := workFolder(o.out)
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	records, err := store.Open(ctx, filepath.Join(work, "records.db"))
	if err != nil {
		return err
	}
	defer records.Close()
	report, err := engine.Replay(ctx, engine.ReplayOptions{
		Config:   engine.Config{Production: cfg.Production, Rules: cfg.Rules, Alerts: cfg.Alerts},
		Tree:     tree,
		Samples:  recording.New(bufio.NewReaderSize(samples, 1<<20), tree),
		Store:    records,
		Range:    window,
		Commands: commands,
	})
	if err != nil {
		return fmt.Errorf("replay %s: %w", o.samples, err)
	}
	if err := tellUnused(report, o.samples, errs); err != nil {
		return err
	}
	return writeReport(report, o.out, out)
}

// workFolder makes a folder below the report's for what a replay keeps while
// it works: the facts of a long recording do not fit in memory, they go
// through the same records as in the daemon.
func workFolder(report string) (string, error) {
	if err := os.MkdirAll(report, 0o750); err != nil {
		return "", fmt.Errorf("create report folder: %w", err)
	}
	work, err := os.MkdirTemp(report, ".work-")
	if err != nil {
		return "", fmt.Errorf("create work folder: %w", err)
	}
	return work, nil
}

// tellUnused tells what of the recording was not used. That it was nothing at
// all is an error.
func tellUnused(report *engine.Report, samples string, errs io.Writer) error {
	for _, line := range report.Unused.Told() {
		fmt.Fprintf(errs, "replay %s: %s\n", samples, line)
	}
	switch {
	case report.Samples > 0:
	case report.Unused == (engine.Unused{}):
		return fmt.Errorf("replay %s: the recording is empty", samples)
	default:
		return fmt.Errorf("replay %s: no sample can be used: is it a recording of this plant?", samples)
	}
	return nil
}

func writeReport(r *engine.Report, dir string, out io.Writer) error {
	for _, f := range []struct {
		name string
		list any
		n    int
	}{{"stops.json", r.Stops, len(r.Stops)}, {"kpis.json", r.Revisions, len(r.Revisions)},
		{"orders.json", r.Orders, len(r.Orders)}, {"alarms.json", r.Alarms, len(r.Alarms)}} {
		if f.n == 0 {
			f.list = []int{} // an empty list rather than null
		}
		if err := writeJSON(filepath.Join(dir, f.name), f.list); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d samples from %s to %s: %d stops, %d KPI windows, %d alarms in %s\n",
		r.Samples, r.Covers.From, r.Covers.To, len(r.Stops), len(r.KPIs), len(r.Alarms), dir)
	return nil
}

func readCommands(name string) ([]plant.Command, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open commands: %w", err)
	}
	defer f.Close()
	commands, err := engine.ReadCommands(f)
	if err != nil {
		return nil, fmt.Errorf("commands %s: %w", name, err)
	}
	return commands, nil
}

func parseWindow(from, to string) (plant.Interval, error) {
	if from == "" && to == "" {
		return plant.Interval{}, nil
	}
	var w plant.Interval
	for _, x := range []struct {
		flag, text string
		at         *plant.Instant
	}{{"--from", from, &w.From}, {"--to", to, &w.To}} {
		t, err := time.Parse(time.RFC3339Nano, x.text)
		if err != nil {
			return w, fmt.Errorf("%s: want a time such as 2026-03-02T08:20:00Z, not %q (--from and --to go together)", x.flag, x.text)
		}
		*x.at = plant.At(t)
	}
	if w.Duration() == 0 {
		return w, errors.New("--to: want a time after --from")
	}
	return w, nil
}

// A gzipFile closes both the decompressor and the file.
type gzipFile struct {
	*gzip.Reader
	file io.Closer
}

func (g gzipFile) Close() error { return errors.Join(g.Reader.Close(), g.file.Close()) }

func openSamples(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open samples: %w", err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		f.Close()
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			err = errors.New("unexpected end: the file is cut off")
		case errors.Is(err, io.EOF):
			err = errors.New("the file is empty")
		}
		return nil, fmt.Errorf("open samples %s: %w", name, err)
	}
	return gzipFile{z, f}, nil
}

// writeJSON replaces a file as a whole, so that nobody reads half of it.
func writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	tmp := name + ".tmp"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o640); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return os.Rename(tmp, name)
}
