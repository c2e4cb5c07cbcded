// Package generator drives the program that makes a load and hears what it
// has sent.
//
// The program prints one JSON object a line:
//
//	{"event":"ready"}                                    it could begin
//	{"event":"start","at":1772438400000}                 sample time stamps are at or after this
//	{"event":"measure","at":1772438402000,"sent":20000}  the warm-up is over
//	{"event":"sent","at":1772438403000,"sent":30000}     once a second
//	{"event":"done","at":1772438417000,"sent":170000,"planned":170000}
//
// Times are milliseconds since 1970; sent counts samples from the start on,
// the warm-up included. It begins when it reads the line "go", and after done
// it stays, so that a server among them can still be read from, until its
// input ends. A line "stop" lets it finish early: the next event is done.
package generator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"andon/bench/internal/proc"
)

// Kinds of events.
const (
	Ready   = "ready"
	Start   = "start"
	Measure = "measure"
	Sent    = "sent"
	Done    = "done"
)

// An Event is one line of the program.
type Event struct {
	Event string `json:"event"`
	// At is the program's clock, in milliseconds since 1970.
	At int64 `json:"at"`
	// Sent is the number of samples since the start.
	Sent int64 `json:"sent"`
	// Planned is the number that was to be sent, in Done only.
	Planned int64 `json:"planned,omitempty"`
}

// Time is At.
func (e Event) Time() time.Time { return time.UnixMilli(e.At) }

// A Generator is a running program.
type Generator struct {
	// Process is the program, for what it costs.
	Process *proc.Process

	events chan Event
	lines  *lines
}

// Run starts the program that the spec names and waits until it is ready. The
// spec's Stdout, Stdin and Ready belong to Run.
func Run(ctx context.Context, g *proc.Group, spec proc.Spec) (*Generator, error) {
	events := make(chan Event, 4096) // an hour of seconds: the reader never makes the program wait
	out := &lines{events: events}
	spec.Stdout, spec.Stdin = out, true
	spec.Ready = func(context.Context) error { return out.isReady() }
	p, err := g.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	return &Generator{Process: p, events: events, lines: out}, nil
}

// Go tells the program to begin.
func (g *Generator) Go() error { return g.say("go\n") }

// Stop tells the program to finish now.
func (g *Generator) Stop() error { return g.say("stop\n") }

func (g *Generator) say(line string) error {
	if _, err := io.WriteString(g.Process.Stdin, line); err != nil {
		return fmt.Errorf("tell %s: %w", g.Process.Name, err)
	}
	return nil
}

// Next returns the next event after ready. It waits for it until ctx is done
// or the program has ended.
func (g *Generator) Next(ctx context.Context) (Event, error) {
	select {
	case e := <-g.events:
		return e, nil
	default:
	}
	select {
	case e := <-g.events:
		return e, nil
	case <-ctx.Done():
		return Event{}, ctx.Err()
	case <-g.Process.Done():
		return Event{}, g.Process.Failure()
	}
}

// Await returns the next event of a kind and skips others.
func (g *Generator) Await(ctx context.Context, kind string) (Event, error) {
	for {
		e, err := g.Next(ctx)
		if err != nil || e.Event == kind {
			return e, err
		}
	}
}

// lines cuts what the program prints into events.
type lines struct {
	events chan<- Event

	mu    sync.Mutex
	rest  []byte
	ready bool
	err   error
}

var errNotReady = fmt.Errorf("it has not said that it is ready")

func (l *lines) isReady() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return proc.Final(l.err)
	}
	if !l.ready {
		return errNotReady
	}
	return nil
}

// Write takes output of the program. It fails, which ends the program's
// output, on a line that is no event.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte{'\n'})
		if !ok {
			return len(p), nil
		}
		l.rest = rest
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			l.err = fmt.Errorf("read event %q: %w", line, err)
			return 0, l.err
		}
		if e.Event == Ready {
			l.ready = true
			continue
		}
		select {
		case l.events <- e:
		default:
			l.err = fmt.Errorf("more events than anybody reads")
			return 0, l.err
		}
	}
}
