package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"andon/configs"
)

// What an operator gives a daemon, besides its first configuration.
type operator struct {
	log    func(configs.Log) *slog.Logger
	reload <-chan *configs.Config // those to go on with from now on, nil for none
}

// hangUps returns the SIGHUPs that come from now on; nil where they are ignored,
// as under nohup, which stays so.
func hangUps() <-chan os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	return hup
}

// places are where a daemon keeps what it must not lose.
type places struct{ data, records, stream, servers string }

func placesOf(c *configs.Config) places {
	return places{string(c.DataDir), string(c.Store.Path), string(c.Bus.Dir), c.Bus.URL}
}

// A reloader reads a configuration anew.
type reloader struct {
	file  string
	first places // of the configuration that andon was started with
	log   *slog.Logger
}

// run reads the configuration at each of hup and passes it on, until ctx ends.
// One with a problem is told in the log, and changes nothing; nor does one with
// other places, where what waits and what is open would be missing.
func (r reloader) run(ctx context.Context, hup <-chan os.Signal) <-chan *configs.Config {
	next := make(chan *configs.Config)
	go func() { // ends with ctx
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
			}
			cfg := r.read()
			if cfg == nil {
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

// read returns nil for a configuration that changes nothing.
func (r reloader) read() *configs.Config {
	cfg, err := configs.Load(r.file)
	if err != nil {
		r.log.Error("the configuration has problems: andon goes on with the one it has", "config", r.file, "err", err)
		return nil
	}
	if now := placesOf(cfg); now != r.first {
		r.log.Error("data_dir, store.path, bus.dir and bus.url change by a restart only: andon goes on with the configuration it has", "config", r.file)
		return nil
	}
	return cfg
}

// A way leads back to the configuration that andon ran with, until another one
// has proved itself: a large plant takes much memory. It is of one goroutine, but
// for what forgets it.
type way struct{ before atomic.Pointer[prepared] }

// leave returns what to go on with in place of p.
func (w *way) leave(p prepared, more *configs.Config, o operator) prepared {
	next, err := prepare(more, o)
	if err != nil {
		p.log.Error("andon goes on with the configuration it had", "err", err)
		return p
	}
	w.before.Store(&p)
	return next
}

func (w *way) open() bool { return w.before.Load() != nil }

// back returns what to go back to, once.
func (w *way) back() prepared { return *w.before.Swap(nil) }

// forgetSoon forgets the way after a while: to be called when a daemon runs.
func (w *way) forgetSoon() {
	if p := w.before.Load(); p != nil {
		time.AfterFunc(again, func() { w.before.CompareAndSwap(p, nil) })
	}
}

// A settling says what ends a run for another configuration.
type settling struct {
	atLeast time.Duration          // the run lasts, whatever sources find
	reload  <-chan *configs.Config // of the operator, for which it does not last any longer
	built   func()                 // called when the daemon is built
}

// await waits for a configuration to go on with; nil when ctx ends. What sources
// found comes by the channel that built has once the daemon is.
func (s settling) await(ctx context.Context, built <-chan (<-chan *configs.Config)) (more *configs.Config, why string) {
	var found, settled <-chan *configs.Config
	early := time.NewTimer(time.Hour)
	early.Stop()
	defer early.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ""
		case more := <-s.reload:
			return more, "its configuration was read anew"
		case found = <-built:
			early.Reset(s.atLeast)
		case <-early.C:
			settled = found
		case more := <-settled:
			return more, "sources found more to collect"
		}
	}
}
