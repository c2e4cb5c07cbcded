package opcua_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"andon/bench/internal/generator"
	"andon/bench/internal/proc"
	"andon/bench/opcua"
)

func TestTheServerChangesEveryNodeOnceInEachInterval(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if err := opcua.Prepare(ctx, ".", func(line string) { t.Log(line) }); errors.Is(err, opcua.ErrAbsent) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	g := proc.NewGroup()
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	s, err := opcua.Start(ctx, g, here, t.TempDir(), opcua.Options{Nodes: 50, Interval: 250 * time.Millisecond, Warmup: 250 * time.Millisecond, Window: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Go(); err != nil {
		t.Fatal(err)
	}
	done, err := s.Await(ctx, generator.Done)
	if err != nil {
		t.Fatal(err)
	}
	if done.Sent != 150 || done.Planned != 150 {
		t.Errorf("50 nodes changed %d times of %d in three intervals, want 150 of 150", done.Sent, done.Planned)
	}
}

func TestWithoutNodeTheCasesAreSkipped(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := opcua.Prepare(t.Context(), ".", func(string) {}); !errors.Is(err, opcua.ErrAbsent) {
		t.Errorf("got %v, want %v", err, opcua.ErrAbsent)
	}
}
