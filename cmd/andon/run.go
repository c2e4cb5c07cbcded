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
// damaged it is built again without them, since alarms must go on.
func runDaemon(ctx context.Context, cfg *configs.Config, log *slog.Logger) error {
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return err
	}
	rest := *cfg
	rest.Plant = plant.Config{}
	for damaged := false; ; damaged = true {
		began := time.Now()
		err := runOnce(ctx, prepared{&rest, tree, log}, damaged)
		if ctx.Err() != nil || !store.Damaged(err) || damaged && time.Since(began) < again {
			return err
		}
		log.Error("the records are damaged: andon sets them aside and starts again", "err", err)
	}
}

func runOnce(ctx context.Context, p prepared, damaged bool) error {
	p.log.Info("andon starts", "version", version, "plant", p.cfg.Summary(p.tree), "data", p.cfg.DataDir)
	d, err := started(ctx, func() (*daemon, error) { return newDaemon(ctx, p, damaged) })
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // reading the configuration of a large plant takes more than running it
	err = runStages(ctx, d.stages, p.log)
	p.log.Info("andon stopped")
	return err
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
