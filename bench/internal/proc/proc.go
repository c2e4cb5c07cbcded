// Package proc runs the programs of a measurement as processes of their own
// and reads what they cost.
package proc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Spec says how to start a program.
type Spec struct {
	// Name is for people and for the log file.
	Name string
	// Args is the program and its arguments.
	Args []string
	// Dir is the folder it works in and logs to, as Name.log; made if missing.
	Dir string
	// Env is added to the environment.
	Env []string
	// Stdout takes what it prints, other than errors; nil sends it to the log.
	// It is written from one goroutine at a time, which ends with the program.
	Stdout io.Writer
	// Stdin gives the program an input that Process.Stdin writes to.
	Stdin bool
	// Ready reports nil once the program serves; nil means at once.
	Ready func(context.Context) error
	// ReadyWithin bounds the start; one minute when 0.
	ReadyWithin time.Duration
}

// A Process is a running program. Its methods are safe for concurrent use.
type Process struct {
	// Name is that of the Spec.
	Name string
	// Stdin is the program's input when the Spec asked for one, else nil.
	Stdin io.WriteCloser

	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed after err is set
	err  error
}

// start runs the program and waits until it is ready. A program that does not
// become ready is ended before start returns.
func (g *Group) start(ctx context.Context, s Spec) (*Process, error) {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", s.Name, err)
	}
	p := &Process{Name: s.Name, log: filepath.Join(s.Dir, s.Name+".log"), done: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", s.Name, err)
	}
	p.cmd = exec.Command(s.Args[0], s.Args[1:]...)
	p.cmd.Dir = s.Dir
	p.cmd.Env = append(os.Environ(), s.Env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if s.Stdout != nil {
		p.cmd.Stdout = s.Stdout
	}
	p.cmd.SysProcAttr = attributes()
	if s.Stdin {
		if p.Stdin, err = p.cmd.StdinPipe(); err != nil {
			log.Close()
			return nil, fmt.Errorf("open the input of %s: %w", s.Name, err)
		}
	}
	if err := g.spawn(p.cmd); err != nil {
		log.Close()
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	go func() { // ends with the program, which Stop waits for
		p.err = p.cmd.Wait()
		log.Close()
		close(p.done)
	}()
	if err := p.waitReady(ctx, s); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *Process) waitReady(ctx context.Context, s Spec) error {
	if s.Ready == nil {
		return nil
	}
	within := s.ReadyWithin
	if within == 0 {
		within = time.Minute
	}
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := Poll(bounded, 20*time.Millisecond, func() error {
		select {
		case <-p.done:
			return Final(p.Failure())
		default:
			return s.Ready(bounded)
		}
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return fmt.Errorf("%s is not ready after %s: %w; %s", p.Name, within, err, p.lastWords(10))
	}
	return err
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Failure tells of a program that ended by itself, with its last words. Call
// it after Done is closed.
func (p *Process) Failure() error {
	return fmt.Errorf("%s ended by itself (%v); %s", p.Name, p.err, p.lastWords(15))
}

// stopWithin bounds an orderly stop; a program that needs longer is killed.
const stopWithin = 40 * time.Second

// Stop asks the program to end with SIGTERM and waits until it has. A program
// that has ended already is no error, one that must be killed is.
func (p *Process) Stop() error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if p.Stdin != nil {
		_ = p.Stdin.Close() // some programs end with their input; the signal follows for the others
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopWithin):
		_ = p.cmd.Process.Kill() // it may just have ended
		<-p.done
		return fmt.Errorf("stop %s: killed after %s; see %s", p.Name, stopWithin, p.log)
	}
}

// Kill ends the program at once, as a power failure of its own would.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

// lastWords quotes the end of the log. Results are shown to others, so files are
// named from the folder of the run on, wherever that is.
func (p *Process) lastWords(n int) string {
	of := filepath.Dir(filepath.Dir(filepath.Dir(p.log))) + string(filepath.Separator)
	return strings.ReplaceAll(fmt.Sprintf("the end of %s:\n%s", p.log, tail(p.log, n)), of, "")
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
