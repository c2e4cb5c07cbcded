package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"andon/configs"
)

// What an operator gives a daemon, besides its first configuration.
type operator struct {
	log    func(configs.Log) *slog.Logger
	reload <-chan *configs.Config // those to go on with from now on, nil for none
}

// reloads reads the configuration anew at each SIGHUP and passes on what it
// became, until ctx ends. One with a problem is told in the log, and changes
// nothing. Where SIGHUP is ignored, as under nohup, it stays so.
func reloads(ctx context.Context, file string, log *slog.Logger) <-chan *configs.Config {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	next := make(chan *configs.Config)
	go func() { // ends with ctx
		defer signal.Stop(hup)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
			}
			cfg, err := configs.Load(file)
			if err != nil {
				log.Error("the configuration has problems: andon goes on with the one it has", "config", file, "err", err)
				continue
			}
			select {
			case <-ctx.Done():
				return
			case next <- cfg:
			}
		}
	}()
	return next
}

// A settling says what ends a run for another configuration.
type settling struct {
	atLeast time.Duration          // the run lasts, whatever sources find
	reload  <-chan *configs.Config // of the operator, for which it does not last any longer
}

// await waits for a configuration to go on with; nil when ctx ends.
func (s settling) await(ctx context.Context, found <-chan *configs.Config) (more *configs.Config, why string) {
	early := time.NewTimer(s.atLeast)
	defer early.Stop()
	var settled <-chan *configs.Config // found, once the run lasted
	for {
		select {
		case <-ctx.Done():
			return nil, ""
		case more := <-s.reload:
			return more, "its configuration was read anew"
		case <-early.C:
			settled = found
		case more := <-settled:
			return more, "sources found more to collect"
		}
	}
}
