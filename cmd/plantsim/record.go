package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/internal/truth"
	"andon/cmd/plantsim/scenarios"
)

type recordOptions struct {
	scenario, start, out string
	duration             time.Duration
}

// record writes a scenario's samples to a file or to stdout. The file appears
// whole or not at all.
func record(ctx context.Context, o recordOptions, stdout io.Writer) error {
	start, err := parseStart(o.start)
	if err != nil {
		return err
	}
	s, err := scenario.Load(scenarios.Files, o.scenario)
	if err != nil {
		return err
	}
	if o.out == "-" {
		out := bufio.NewWriter(stdout)
		return errors.Join(writeSamples(ctx, s, o.duration, start, out), out.Flush())
	}
	file, err := os.Create(o.out + ".tmp")
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	out := bufio.NewWriter(file)
	var sink io.Writer = out
	finish := out.Flush
	if strings.HasSuffix(o.out, ".gz") {
		z := gzip.NewWriter(out)
		sink, finish = z, func() error { return errors.Join(z.Close(), out.Flush()) }
	}
	err = errors.Join(writeSamples(ctx, s, o.duration, start, sink), finish(), file.Sync(), file.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("record: %w", err), os.Remove(file.Name()))
	}
	return os.Rename(file.Name(), o.out)
}

func writeSamples(ctx context.Context, s *scenario.Scenario, duration time.Duration, start time.Time, w io.Writer) error {
	out := truth.NewWriter(w)
	for e := range sim.New(s).Events(duration > s.Length) {
		if duration > 0 && e.At > duration {
			return nil
		}
		if err := out.Add(start.Add(e.At), e.Samples); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
