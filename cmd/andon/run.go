package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"andon/configs"
	"andon/plant"
	"andon/store"

	"github.com/spf13/cobra"
)

func runCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the daemon",
		Long: `run collects, computes and calls people until SIGTERM or Ctrl-C. It starts also when sources,
InfluxDB or receivers are away, says so on /readyz and tries again.`,
		Example: "  andon run -c /etc/andon/andon.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limitMemory(0) // reading the configuration of a large plant makes much garbage
			cfg, err := configs.Load(file)
			if err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), err)
				return errQuiet
			}
			return runDaemon(cmd.Context(), cfg, newLog(cfg.Log, cmd.ErrOrStderr()))
		},
	}
	configFlag(cmd, &file)
	return cmd
}

// again is how long andon must have run before damaged records have it start
// again by itself, after the first time.
const again = time.Minute

// What a daemon is built from.
type prepared struct {
	cfg  *configs.Config // without its Plant, which a large plant has twice as much of as of the tree
	tree *plant.Tree
	log  *slog.Logger
}

// runDaemon runs andon until ctx is done. When its records turn out to be
// damaged it is built again without them, since alarms must go on; when sources
// found more to collect it is built again with that.
func runDaemon(ctx context.Context, cfg *configs.Config, log *slog.Logger) error {
	p, err := prepare(cfg, log)
	if err != nil {
		return err
	}
	damaged := false
	var pace pace
	for atLeast := pace.wait(0); ; {
		began := time.Now()
		more, err := runOnce(ctx, p, damaged, atLeast)
		switch {
		case ctx.Err() != nil:
			return err
		case more != nil && err == nil:
			if p, err = prepare(more, log); err != nil {
				return err
			}
			damaged, atLeast = false, pace.wait(time.Since(began))
		case !store.Damaged(err) || damaged && time.Since(began) < again:
			return err
		default:
			log.Error("the records are damaged: andon sets them aside and starts again", "err", err)
			damaged = true
		}
	}
}

// prepare makes the plant of a configuration, which it lets go.
func prepare(cfg *configs.Config, log *slog.Logger) (prepared, error) {
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return prepared{}, err
	}
	rest := *cfg
	rest.Plant = plant.Config{}
	return prepared{&rest, tree, log}, nil
}

// runOnce runs andon until ctx is done or a part of it ends. When sources found
// more to collect it stops in order, after atLeast, and returns the
// configuration to go on with: what happens meanwhile waits at brokers and
// servers, as at any stop.
func runOnce(ctx context.Context, p prepared, damaged bool, atLeast time.Duration) (more *configs.Config, err error) {
	p.log.Info("andon starts", "version", version, "plant", p.cfg.Summary(p.tree), "data", p.cfg.DataDir)
	for _, note := range p.cfg.Notes {
		p.log.Warn("a part of what was discovered is left out", "what", note)
	}
	d, err := started(ctx, func() (*daemon, error) { return newDaemon(ctx, p, damaged) })
	if err != nil {
		return nil, err
	}
	debug.FreeOSMemory() // reading the configuration of a large plant takes more than running it
	running, stop := context.WithCancel(ctx)
	defer stop()
	got := make(chan *configs.Config, 1)
	go func() { // ends with running
		defer close(got)
		if more := awaitMore(running, d.changed, atLeast); more != nil {
			p.log.Info("andon builds itself anew, sources found more to collect")
			got <- more
			stop()
		}
	}()
	err = runStages(running, d.stages, p.log)
	stop()
	p.log.Info("andon stopped")
	return <-got, err
}

// awaitMore waits for a configuration to go on with, for so long at the least;
// nil when ctx ends.
func awaitMore(ctx context.Context, changed <-chan *configs.Config, atLeast time.Duration) *configs.Config {
	early := time.NewTimer(atLeast)
	defer early.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-early.C:
	}
	select {
	case <-ctx.Done():
		return nil
	case more := <-changed:
		return more
	}
}

// errStarting says that andon was told to stop before it ran.
var errStarting = errors.New("told to stop while it was starting")

// started waits for build as long as ctx lasts and a little longer. Reading
// the stream after a crash takes minutes, and can be cut off as by a crash.
func started(ctx context.Context, build func() (*daemon, error)) (*daemon, error) {
	type result struct {
		d   *daemon
		err error
	}
	done := make(chan result, 1) // so that a late one can leave
	go func() {                  // ends with the process at the latest
		d, err := build()
		done <- result{d, err}
	}()
	select {
	case r := <-done:
		return r.d, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return r.d, r.err
	case <-time.After(stopWithin / 2):
		return nil, errStarting
	}
}

func newLog(cfg configs.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo // the loader has checked it
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
