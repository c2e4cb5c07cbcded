package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"andon/influx"

	"github.com/spf13/cobra"
)

func deadletterRetry(d *deadletterCall) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "retry",
		Short: "Write dead letters to InfluxDB again",
		Long: `retry writes dead letters to the InfluxDB of the configuration again, after what was wrong was mended.
Letters that it takes leave the files; of a line with one bad field the others are taken. What it refuses
stays, with the new reason. When InfluxDB is away or refuses everything, retry ends and says so, and what
was not tried stays. Lines of the files that are no dead letters are put into a file beside them.

The exit status is 1 when a letter was refused again or InfluxDB is away. --dry-run shows what would be tried.`,
		Example: `  andon deadletter retry -c andon.yaml --dry-run
  andon deadletter retry -c andon.yaml --area packing --reason "type conflict"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			match, err := d.match(time.Now())
			if err != nil {
				return err
			}
			cfg, areas, err := d.load()
			if err != nil {
				return err
			}
			if dryRun {
				return dryRetry(cfg, areas, match, cmd.OutOrStdout())
			}
			return retryLetters(cmd.Context(), letterRetry{cfg, areas, match, cmd.OutOrStdout(), cmd.ErrOrStderr()})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be tried")
	return cmd
}

// dryRetry counts what would be tried, by area and reason.
func dryRetry(cfg influx.Config, areas []string, match func(influx.DeadLetter) bool, out io.Writer) error {
	total := 0
	for _, area := range areas {
		counts := map[string]int{}
		if _, err := influx.EachDeadLetter(cfg.DeadLetter, area, func(l influx.DeadLetter) error {
			if match(l) {
				counts[cut(l.Reason, 100)]++
				total++
			}
			return nil
		}); err != nil {
			return err
		}
		for _, reason := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(out, "%s: %d: %s\n", area, counts[reason], reason)
		}
	}
	_, err := fmt.Fprintf(out, "%d dead letters would be written again to %s\n", total, cfg.URL)
	return err
}

// A letterRetry is one run of andon deadletter retry.
type letterRetry struct {
	cfg       influx.Config
	areas     []string
	match     func(influx.DeadLetter) bool
	out, told io.Writer
}

func retryLetters(ctx context.Context, r letterRetry) error {
	var errs []error
	refused := 0
	for _, area := range r.areas {
		n, err := influx.CountDeadLetters(r.cfg.DeadLetter, area)
		if err != nil || n == 0 {
			errs = append(errs, err)
			continue
		}
		last := time.Now()
		sum, err := influx.RetryDeadLetters(ctx, influx.RetryOptions{Config: r.cfg, Area: area, Match: r.match,
			Progress: func(x influx.Retried) {
				if now := time.Now(); now.Sub(last) >= progressEvery {
					last = now
					fmt.Fprintf(r.told, "%s: %d taken, %d refused\n", area, x.Taken, x.Refused)
				}
			}})
		refused += sum.Refused
		errs = append(errs, err)
		fmt.Fprintf(r.out, "%s: %d taken, %d refused again, %d left alone\n", area, sum.Taken, sum.Refused, n-sum.Taken-sum.Refused-sum.Unreadable)
		if sum.Unreadable > 0 {
			fmt.Fprintf(r.out, "%s: %d lines that are no dead letters are in %s\n", area, sum.Unreadable, sum.UnreadableFile)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if refused > 0 {
		return errQuiet
	}
	return nil
}
