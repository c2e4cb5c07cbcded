package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A diary notes what happens in which order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func (d *diary) stage(name string, drain time.Duration) stage {
	return stage{name: name, drain: 10 * time.Second, run: func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(drain) // virtual time: the stage still has work to hand over
		d.note(name)
		return nil
	}}
}

func TestEachStageDrainsIntoOneThatStillRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		stages := []stage{d.stage("sources", 3*time.Second), d.stage("engine", time.Second), d.stage("bus", 2*time.Second)}
		err := runStages(ctx, stages, slog.New(slog.DiscardHandler))
		if want := []string{"sources", "engine", "bus"}; err != nil || !slices.Equal(d.lines, want) {
			t.Errorf("stopped: got %v, %v; want %v", d.lines, err, want)
		}
	})
}

func TestAFailedStageStopsTheOthersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		broken := errors.New("disk gone")
		stages := []stage{d.stage("sources", time.Second),
			{name: "engine", drain: time.Second, run: func(ctx context.Context) error {
				time.Sleep(time.Hour)
				return broken
			}}, d.stage("bus", time.Second)}
		err := runStages(t.Context(), stages, slog.New(slog.DiscardHandler))
		if !errors.Is(err, broken) || strings.Count(err.Error(), "disk gone") != 1 {
			t.Errorf("error: got %v, want disk gone, once", err)
		}
		if want := []string{"sources", "bus"}; !slices.Equal(d.lines, want) {
			t.Errorf("stopped: got %v, want %v", d.lines, want)
		}
	})
}

func TestAStageThatHangsIsLeftBehindAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		release := make(chan struct{})
		hangs := stage{name: "influx", drain: 5 * time.Second, run: func(context.Context) error { <-release; return nil }}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := runStages(ctx, []stage{hangs, d.stage("bus", 0)}, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), "influx: not done after 5s") || len(d.lines) != 1 {
			t.Errorf("got %v and %v stopped; want an error about influx, and bus stopped", err, d.lines)
		}
		close(release)
	})
}

// However many parts hang, who told andon to stop does not wait for longer
// than ten seconds, and what does not hang is closed.
func TestAllTogetherStopWithinTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		release := make(chan struct{})
		var stages []stage
		for _, name := range []string{"sources", "engine", "influx", "outbox"} {
			stages = append(stages, stage{name: name, drain: 5 * time.Second, run: func(context.Context) error { <-release; return nil }})
		}
		stages = append(stages, d.stage("bus", 400*time.Millisecond), d.stage("records", 300*time.Millisecond))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		err := runStages(ctx, stages, slog.New(slog.DiscardHandler))
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("stopped after %s, want 10 s at most", took)
		}
		if want := []string{"bus", "records"}; !slices.Equal(d.lines, want) || err == nil {
			t.Errorf("closed: got %v, %v; want %v and an error that names what hangs", d.lines, err, want)
		}
		close(release)
	})
}

func TestAStartThatTakesLongIsCutOffWhenToldToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := started(ctx, func() (*daemon, error) { <-release; return nil, nil })
		if took := time.Since(began); !errors.Is(err, errStarting) || took > 10*time.Second {
			t.Errorf("got %v after %s, want the end of the start within 10 s", err, took)
		}
		close(release)
	})
}
