package proc_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/bench/internal/proc"
)

func TestWhatAProgramCosts(t *testing.T) {
	g := proc.NewGroup()
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	p, err := g.Start(t.Context(), proc.Spec{Name: "busy", Args: []string{"sh", "-c", "while :; do :; done"}, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err = proc.Poll(ctx, 10*time.Millisecond, func() error {
		u, err := p.Usage()
		if err == nil && u.CPU > 50*time.Millisecond && u.Peak > 100<<10 {
			return nil
		}
		return errTooLittle
	})
	if err != nil {
		t.Error(err)
	}
}

type text string

func (t text) Error() string { return string(t) }

const errTooLittle = text("a program that turns round has not cost anything")

func TestAProgramThatEndsBeforeItIsReadyTellsWhy(t *testing.T) {
	g := proc.NewGroup()
	defer g.Close()
	home := t.TempDir()
	dir := filepath.Join(home, "a-case", "broken")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	_, err := g.Start(t.Context(), proc.Spec{
		Name: "broken", Args: []string{"sh", "-c", "echo no such port in $PWD >&2; exit 3"}, Dir: dir,
		Ready: func(context.Context) error { return text("not yet") },
	})
	if err == nil || !strings.Contains(err.Error(), "no such port") || !strings.Contains(err.Error(), "status 3") {
		t.Errorf("start = %v, want its status and last words", err)
	}
	if text := fmt.Sprint(err); strings.Contains(text, home) || !strings.Contains(text, filepath.Join("a-case", "broken")) {
		t.Errorf("start = %v, want files named from the case on: others read it", err)
	}
}

func TestProgramsEndLastOneFirst(t *testing.T) {
	g, dir := proc.NewGroup(), t.TempDir()
	script := `trap 'kill $!; echo $NAME ends >>order; exit' TERM; echo here; sleep 1000 & wait`
	for _, name := range []string{"database", "daemon"} {
		heard := make(chan struct{})
		_, err := g.Start(t.Context(), proc.Spec{Name: name, Args: []string{"sh", "-c", script}, Dir: dir, Env: []string{"NAME=" + name}, Stdout: once(heard)})
		if err != nil {
			t.Fatal(err)
		}
		<-heard
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, dir+"/order"), "daemon ends\ndatabase ends\n"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}
