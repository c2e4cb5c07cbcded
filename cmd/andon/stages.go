package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

const (
	// stopWithin bounds how long all stages together take to stop. Whoever
	// told andon to stop waits ten seconds before it kills.
	stopWithin = 9 * time.Second
	// reserve is what each stage that hangs leaves to each one after it.
	reserve = 500 * time.Millisecond
)

// A stage is one running part of the daemon.
type stage struct {
	name string
	// run works until ctx is done, then drains and returns nil. An error, or
	// a return before ctx is done, stops the daemon.
	run func(ctx context.Context) error
	// drain is how long it may take to return after ctx is done, unless
	// others have used up stopWithin.
	drain time.Duration
}

// A running is a stage that was started.
type running struct {
	stage
	cancel context.CancelFunc
	done   chan struct{} // closed after err is set
	err    error
}

// runStages is the whole life of the daemon: it starts the stages from the
// last to the first, waits until ctx is done or a stage ends, and stops them
// from the first to the last, so that each drains into one that still runs.
// The error joins those of all stages.
func runStages(ctx context.Context, stages []stage, log *slog.Logger) error {
	ended := make(chan *running, len(stages)) // room for each, so that none waits
	started := make([]*running, len(stages))
	for i := len(stages) - 1; i >= 0; i-- {
		// Not a child of ctx: stages stop in order, not all at once.
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r := &running{stage: stages[i], cancel: cancel, done: make(chan struct{})}
		started[i] = r
		go func() { // stopStages waits for it
			r.err = r.run(own)
			close(r.done)
			ended <- r
		}()
	}
	var early error
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case r := <-ended:
		early = r.err
		if early == nil {
			early = fmt.Errorf("%s ended by itself", r.name)
		}
		log.Error("stopping, a part of andon ended", "stage", r.name, "err", early)
	}
	return errors.Join(early, stopStages(started, log, early))
}

// stopStages stops what runs, first to last, within stopWithin: what hangs is
// left behind, the end of the process ends it. told is the error already
// reported.
func stopStages(started []*running, log *slog.Logger, told error) error {
	var errs []error
	deadline := time.Now().Add(stopWithin)
	for i, r := range started {
		r.cancel()
		drain := min(r.drain, time.Until(deadline)-time.Duration(len(started)-1-i)*reserve)
		timeout := time.NewTimer(drain)
		select {
		case <-r.done:
			if r.err != nil && !errors.Is(told, r.err) {
				errs = append(errs, fmt.Errorf("stop %s: %w", r.name, r.err))
			}
			log.Debug("stopped", "stage", r.name)
		case <-timeout.C:
			errs = append(errs, fmt.Errorf("stop %s: not done after %s", r.name, drain.Round(time.Millisecond)))
		}
		timeout.Stop()
	}
	return errors.Join(errs...)
}

// closing makes a stage of something that only has to be closed.
func closing(closeIt func(context.Context) error, within time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		closeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
		defer cancel()
		return closeIt(closeCtx)
	}
}

// together makes one stage of several parts that start and stop at once.
func together(parts []func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		errs := make(chan error, len(parts))
		for _, part := range parts {
			go func() { // received below
				defer cancel() // one that ends stops the others
				errs <- part(ctx)
			}()
		}
		var all []error
		for range parts {
			all = append(all, <-errs)
		}
		return errors.Join(all...)
	}
}
