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
InfluxDB or receivers are away, says so on /readyz and tries again.

SIGHUP has it read its configuration anew and go on with it, while brokers and OPC UA servers keep
what happens meanwhile. One with a problem is told in the log and changes nothing.`,
		Example: `  andon run -c /etc/andon/andon.yaml
  systemctl reload andon   # after a change of the configuration`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limitMemory(0)   // reading the configuration of a large plant makes much garbage
			hup := hangUps() // one that comes early must not end andon
			cfg, err := configs.Load(file)
			if err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), err)
				return errQuiet
			}
			log := func(c configs.Log) *slog.Logger { return newLog(c, cmd.ErrOrStderr()) }
			again := reloader{file: file, first: placesOf(cfg), log: log(cfg.Log)}
			return runDaemon(cmd.Context(), cfg, operator{log, again.run(cmd.Context(), hup)})
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
// found more to collect, or the operator has another configuration, it is built
// again with that. What does not run then is given up for the one before.
func runDaemon(ctx context.Context, cfg *configs.Config, o operator) error {
	p, err := prepare(cfg, o)
	if err != nil {
		return err
	}
	damaged := false
	var before way
	var pace pace
	for atLeast := pace.wait(0); ; {
		began := time.Now()
		more, err := runOnce(ctx, p, damaged, settling{atLeast, o.reload, before.forgetSoon})
		switch {
		case ctx.Err() != nil:
			return err
		case more != nil:
			if err != nil {
				p.log.Error("andon did not stop in order", "err", err)
			}
			damaged, atLeast = store.Damaged(err), pace.wait(time.Since(began))
			p = before.leave(p, more, o)
		case !store.Damaged(err) && before.open():
			p, damaged = before.back(), false // what was damaged has been set aside
			p.log.Error("andon does not run with its new configuration: it goes back to the one before", "err", err)
		case !store.Damaged(err) || damaged && time.Since(began) < again:
			return err
		default:
			p.log.Error("the records are damaged: andon sets them aside and starts again", "err", err)
			damaged = true
		}
	}
}

// prepare makes the plant of a configuration, which it lets go.
func prepare(cfg *configs.Config, o operator) (prepared, error) {
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return prepared{}, err
	}
	rest := *cfg
	rest.Plant = plant.Config{}
	return prepared{&rest, tree, o.log(cfg.Log)}, nil
}

// runOnce runs andon until ctx is done or a part of it ends. When there is
// another configuration it stops in order and returns that: what happens
// meanwhile waits at brokers and servers, as at any stop.
func runOnce(ctx context.Context, p prepared, damaged bool, until settling) (more *configs.Config, err error) {
	p.log.Info("andon starts", "version", version, "plant", p.cfg.Summary(p.tree), "data", p.cfg.DataDir)
	for _, note := range p.cfg.Notes {
		p.log.Warn("a part of what was discovered is left out", "what", note)
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	got, built := make(chan *configs.Config, 1), make(chan (<-chan *configs.Config), 1)
	go func() { // ends with running
		defer close(got)
		if more, why := until.await(running, built); more != nil {
			p.log.Info("andon builds itself anew", "why", why)
			got <- more
			stop()
		}
	}()
	d, err := started(ctx, func() (*daemon, error) { return newDaemon(running, p, damaged) })
	if err != nil {
		stop()
		if more = <-got; more != nil {
			err = nil // it was cut off for that
		}
		return more, err
	}
	built <- d.changed
	until.built()
	debug.FreeOSMemory() // reading the configuration of a large plant takes more than running it
	err = runStages(running, d.stages, p.log)
	stop()
	p.log.Info("andon stopped")
	return <-got, err
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
