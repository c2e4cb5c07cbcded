package collectortest

import (
	"context"
	"runtime"
	"testing"
	"time"

	"andon/collector"
	"andon/plant"
)

// A run is one call of Source.Run in progress.
type run struct {
	t      *testing.T
	cancel context.CancelFunc
	done   chan error
	status *collector.Status
}

func (r Rig) run(t *testing.T, sink collector.Sink) *run {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	x := &run{t: t, cancel: cancel, done: make(chan error, 1), status: &collector.Status{}}
	go func() { x.done <- r.Source.Run(ctx, sink, x.status) }()
	return x
}

// up waits until a first value has come through, so that the session is open.
func (r Rig) up(t *testing.T, x *run, sink *Sink) {
	t.Helper()
	r.waitUp(t, x)
	r.Set(plant.Int(-1), plant.Good)
	sink.WaitValue(t, r.Tag, plant.Int(-1))
}

// waitUp polls: a Status has no channel to wait on.
func (r Rig) waitUp(t *testing.T, x *run) {
	t.Helper()
	poll(t, "status up", func() bool {
		select {
		case err := <-x.done:
			t.Fatalf("Run returned before it was up: %v", err)
		default:
		}
		return x.status.Health("").Up
	})
}

// poll asks every few milliseconds until done returns true.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("%s: not seen within %v", what, waitLimit)
		}
	}
}

// stop ends ctx and wants nil within a second.
func (x *run) stop() {
	x.t.Helper()
	began := time.Now()
	x.cancel()
	select {
	case err := <-x.done:
		if err != nil {
			x.t.Errorf("Run after ctx ended: got error %v, want nil", err)
		}
		if d := time.Since(began); d > time.Second {
			x.t.Errorf("Run returned %v after ctx ended, want within 1s", d)
		}
	case <-time.After(waitLimit):
		x.t.Fatalf("Run did not return within %v after ctx ended", waitLimit)
	}
}

// fails wants an error of Run without ctx being ended.
func (x *run) fails() error {
	x.t.Helper()
	select {
	case err := <-x.done:
		if err == nil {
			x.t.Fatalf("Run: got nil, want an error")
		}
		return err
	case <-time.After(waitLimit):
		x.t.Fatalf("Run did not return an error within %v", waitLimit)
	}
	return nil
}

// settledGoroutines returns the number of goroutines once it stood still for
// a while: the server needs a moment to notice that a client has left.
func settledGoroutines(t *testing.T) int {
	last, same := runtime.NumGoroutine(), 0
	poll(t, "a steady number of goroutines", func() bool {
		now := runtime.NumGoroutine()
		if same++; now != last {
			last, same = now, 0
		}
		return same > 60
	})
	return last
}
