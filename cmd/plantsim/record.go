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
	if o.duration < 0 {
		return fmt.Errorf("--duration %s: want a duration above 0", o.duration)
	}
	s, err := scenario.Load(scenarios.Files, o.scenario)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error {
		out := truth.NewWriter(w)
		for e := range sim.New(s).Events(o.duration > s.Length) {
			if o.duration > 0 && e.At > o.duration {
				break
			}
			if err := errors.Join(ctx.Err(), out.Add(start.Add(e.At), e.Samples)); err != nil {
				return err
			}
		}
		return nil
	}
	if o.out == "-" {
		out := bufio.NewWriter(stdout)
		return errors.Join(write(out), out.Flush())
	}
	return writeFile(o.out, write)
}

// writeFile writes a file, compressed when its name says so.
func writeFile(name string, write func(io.Writer) error) error {
	file, err := os.Create(name + ".tmp")
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	out := bufio.NewWriter(file)
	if strings.HasSuffix(name, ".gz") {
		z := gzip.NewWriter(out)
		err = errors.Join(write(z), z.Close())
	} else {
		err = write(out)
	}
	if err = errors.Join(err, out.Flush(), file.Sync(), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("record: %w", err), os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}
