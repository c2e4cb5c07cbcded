package proc

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"sync"
)

// A Group is a set of programs that end together, the last one first. Every
// program is told to stop when this process dies, however that happens.
type Group struct {
	spawns chan spawn
	ended  chan struct{} // closed when the starting thread has ended

	mu      sync.Mutex
	running []*Process
}

type spawn struct {
	cmd *exec.Cmd
	err chan error
}

// NewGroup returns a Group without programs. Close must be called.
func NewGroup() *Group {
	g := &Group{spawns: make(chan spawn), ended: make(chan struct{})}
	go g.startOnOneThread()
	return g
}

// startOnOneThread starts all programs from a thread that lives as long as
// the group: the system ends a program with the thread that started it.
func (g *Group) startOnOneThread() {
	defer close(g.ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for s := range g.spawns {
		s.err <- s.cmd.Start()
	}
}

func (g *Group) spawn(cmd *exec.Cmd) error {
	s := spawn{cmd: cmd, err: make(chan error, 1)}
	g.spawns <- s
	return <-s.err
}

// Start runs a program and waits until it is ready, fails, or ctx is done.
// What it returns an error for does not run any more.
func (g *Group) Start(ctx context.Context, s Spec) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := g.start(ctx, s)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running = append(g.running, p)
	return p, nil
}

// Close stops all programs, the last started first, and waits for each. It
// must be called once, and nothing may be started after it.
func (g *Group) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var errs []error
	for i := len(g.running) - 1; i >= 0; i-- {
		errs = append(errs, g.running[i].Stop())
	}
	g.running = nil
	close(g.spawns)
	<-g.ended
	return errors.Join(errs...)
}
