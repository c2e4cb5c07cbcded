package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"andon/plant"
	"andon/queue"

	"github.com/spf13/cobra"
)

// A queueReplayCall is what the flags of andon queue replay say.
type queueReplayCall struct {
	from               string
	dryRun, stop, wait bool
}

func queueReplay(q *queueCall) *cobra.Command {
	var r queueReplayCall
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Write a part of the stream to InfluxDB again",
		Long: `replay has everything from a time of the stream on written to InfluxDB again, such as after InfluxDB was
restored from an older backup: give the time of the backup. The stream keeps what came in for bus.max_age,
at most bus.max_bytes. Points that InfluxDB has stay as they are.

A running andon does it beside what is new, which goes first: at most half of the time is used for it,
and none while new data waits. Screens stay live, the past fills up behind them. Of points that changed
since, such as a stop that ended, the later one is there in the end. It goes on after a restart of andon.
For a stopped andon, replay keeps what to do, and the next start begins with it.

--dry-run shows how much it is and does nothing. andon queue stat shows how far it is.`,
		Example: `  andon queue replay -c andon.yaml --from 2026-03-02T06:00:00Z --dry-run
  andon queue replay -c andon.yaml --from 2026-03-02T06:00:00Z --wait
  andon queue replay -c andon.yaml --area packing --from 36h
  andon queue replay -c andon.yaml --stop`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := when("from", r.from, time.Now())
			switch {
			case err != nil:
				return err
			case (from != 0) == r.stop:
				return errors.New("want --from with the time to begin at, or --stop")
			case r.stop && (r.dryRun || r.wait):
				return errors.New("--stop goes with neither --dry-run nor --wait")
			}
			side, err := q.open(cmd.Context())
			if err != nil {
				return err
			}
			defer side.Close()
			return r.run(cmd.Context(), side, replayTarget{q.area, from, cmd.OutOrStdout()})
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "time of the stream to begin at: RFC 3339, or how long ago, such as 36h")
	f.BoolVar(&r.dryRun, "dry-run", false, "show how much it is")
	f.BoolVar(&r.wait, "wait", false, "show how far it is until it is done; only of a running andon")
	f.BoolVar(&r.stop, "stop", false, "end what is being written again")
	return cmd
}

// A replayTarget is what to write again and where to tell of it.
type replayTarget struct {
	area string
	from plant.Instant
	out  io.Writer
}

func (r queueReplayCall) run(ctx context.Context, side queueSide, t replayTarget) error {
	if r.stop {
		if err := side.StopReplay(ctx, t.area); err != nil {
			return err
		}
		_, err := fmt.Fprintln(t.out, "nothing is written again any more")
		return err
	}
	do := side.Replay
	if r.dryRun {
		do = side.Plan
	}
	plans, err := do(ctx, t.area, t.from)
	if err != nil {
		return err
	}
	messages, err := writePlans(t.out, plans)
	_, stopped := side.(*stoppedQueue)
	switch {
	case err != nil:
		return err
	case messages == 0:
		_, err = fmt.Fprintln(t.out, "nothing to write again: InfluxDB was given nothing from then on that the stream still has")
	case r.dryRun:
		_, err = fmt.Fprintln(t.out, "nothing done: without --dry-run this is written again")
	case stopped:
		_, err = fmt.Fprintln(t.out, "andon does not run: it begins when it starts")
	case r.wait:
		return awaitReplay(ctx, side, t)
	default:
		_, err = fmt.Fprintln(t.out, "it has begun; andon queue stat shows how far it is")
	}
	return err
}

func writePlans(out io.Writer, plans []queue.Plan) (messages uint64, err error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AREA\tFROM\tPOSITIONS\tMESSAGES\tSIZE")
	gone := false
	for _, p := range plans {
		messages += p.Messages
		gone = gone || p.Gone
		positions := "-"
		if p.Messages > 0 {
			positions = fmt.Sprintf("%d to %d", p.Position, p.To)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", p.Area, clock(p.From), positions, p.Messages, size(p.Bytes))
	}
	if err := w.Flush(); err != nil {
		return messages, err
	}
	if gone {
		_, err = fmt.Fprintln(out, "the stream does not reach back that far: retention removed what was before")
	}
	return messages, err
}

// awaitReplay tells how far writing again is until it is done.
func awaitReplay(ctx context.Context, side queueSide, t replayTarget) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for told := ""; ; {
		s, err := side.Stat(ctx, t.area)
		if err != nil {
			return err
		}
		busy, text := false, ""
		for _, a := range s.Areas {
			if a.Rewrite != nil {
				busy = true
				text += a.Area + ": " + rewriteText(*a.Rewrite) + "\n"
			}
		}
		if !busy {
			_, err := fmt.Fprintln(t.out, "all is written again")
			return err
		}
		if text != told {
			told = text
			fmt.Fprint(t.out, text)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait: %w: it goes on", ctx.Err())
		case <-look.C:
		}
	}
}
