package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// stopWait bounds the stop of one program; after it the program is killed.
const stopWait = 75 * time.Second

// A program is a started stage.
type program struct {
	stage
	cmd  *exec.Cmd
	done chan struct{} // closed after the program ended and err is set
	err  error
}

// supervise starts the stages in order, each when the one before is ready,
// calls ready, waits for ctx or for a program to end by itself, and stops
// what runs in the reverse order. It returns nil only for an orderly stop.
func supervise(ctx context.Context, stages []stage, out io.Writer, ready func()) (err error) {
	// Programs end with the thread that started them; see attributes.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var running []*program
	defer func() {
		for i := len(running) - 1; i >= 0; i-- {
			err = errors.Join(err, running[i].stop(out))
		}
	}()
	for _, s := range stages {
		fmt.Fprintf(out, "starting %s … ", s.name)
		p, err := start(s)
		if err != nil {
			return err
		}
		running = append(running, p)
		if err := p.waitReady(ctx); err != nil {
			fmt.Fprintln(out)
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		fmt.Fprintln(out, "ready")
	}
	ready()
	ended := make(chan *program, len(running)) // room for each, so that none waits
	for _, p := range running {
		go func() { // ends with the program, which the deferred stop ends
			<-p.done
			ended <- p
		}()
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\nstopping")
		return nil
	case p := <-ended:
		return p.failure()
	}
}

func start(s stage) (*program, error) {
	log, err := openLog(s.log)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(s.args[0], s.args[1:]...)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Stdout, cmd.Stderr = log, log
	if s.held != nil {
		cmd.ExtraFiles = []*os.File{s.held}
	}
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		log.Close()
		return nil, fmt.Errorf("start %s: %w (run `make build` first)", s.name, err)
	}
	p := &program{stage: s, cmd: cmd, done: make(chan struct{})}
	go func() { // ends with the program; stop waits for it
		p.err = cmd.Wait()
		log.Close()
		close(p.done)
	}()
	return p, nil
}

func (p *program) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := p.ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return p.failure()
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready after %s: %w; see %s", p.name, p.wait, err, p.log)
		case <-tick.C:
		}
	}
}

// failure tells that the program ended by itself, with its last words.
func (p *program) failure() error {
	return fmt.Errorf("%s ended by itself (%v); the end of %s:\n%s", p.name, p.err, p.log, tail(p.log, 15))
}

func (p *program) stop(out io.Writer) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	fmt.Fprintf(out, "stopping %s … ", p.name)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	select {
	case <-p.done:
	case <-time.After(stopWait):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("stop %s: killed after %s", p.name, stopWait)
	}
	fmt.Fprintln(out, "stopped")
	if p.err != nil {
		return fmt.Errorf("stop %s: %w; see %s", p.name, p.err, p.log)
	}
	return nil
}

// tail returns the last n lines of a file.
func tail(file string, n int) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
