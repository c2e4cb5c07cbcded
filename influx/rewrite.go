package influx

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"andon/plant"
)

// RewriterOptions are what a Rewriter is made of. Config, Area, Tree,
// Positions, Log and Metrics are those of the Writer.
type RewriterOptions struct {
	Options
	Writer *Writer // the one that writes what is new
	// Open returns a reader that begins after a position; it is closed after
	// use.
	Open func(ctx context.Context, after uint64) (ReadCloser, error)
}

// A ReadCloser is a Reader to be closed after use.
type ReadCloser interface {
	Reader
	Close()
}

// A Rewriter writes messages of an area's stream to InfluxDB again, in order
// and up to where the Writer is, beside it. What is new goes first: a Rewriter
// writes at most half of the time, and waits while the Writer is behind. It
// holds the Writer up only for its own last messages, so that of two points
// with one identity the later one stays.
//
// How far it came is kept with the positions, so that it goes on after a
// restart.
type Rewriter struct {
	o        RewriterOptions
	log      *slog.Logger
	metrics  *Metrics
	requests chan rewriteRequest
	pass     atomic.Pointer[pass] // nil while there is none
}

type rewriteRequest struct {
	next uint64 // position to begin with, 0 to stop
	done chan error
}

// RewriteName returns the name under which a Rewriter of an area keeps the
// position that it writes next, 0 when there is nothing to do. Saving one
// while andon is stopped makes it begin there at the next start.
func RewriteName(area string) string { return "rewrite." + area }

// NewRewriter returns a Rewriter. Its Run does the work.
func NewRewriter(o RewriterOptions) *Rewriter {
	r := &Rewriter{o: o, log: o.Log, metrics: o.Metrics, requests: make(chan rewriteRequest)}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	r.log = r.log.With("area", o.Area)
	if r.metrics == nil {
		r.metrics = NewMetrics(nil)
	}
	return r
}

// Start has the messages from a position on written again. It returns when
// that is sure to be done, also after a restart. While older ones are written
// again already it changes nothing, else it begins anew. It is safe for
// concurrent use.
func (r *Rewriter) Start(ctx context.Context, next uint64) error {
	return r.ask(ctx, max(next, 1))
}

// Stop ends writing again; what was not is not. It is safe for concurrent use.
func (r *Rewriter) Stop(ctx context.Context) error { return r.ask(ctx, 0) }

func (r *Rewriter) ask(ctx context.Context, next uint64) error {
	q := rewriteRequest{next, make(chan error, 1)}
	select {
	case r.requests <- q:
	case <-ctx.Done():
		return fmt.Errorf("write again: %w", ctx.Err())
	}
	select {
	case err := <-q.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("write again: %w", ctx.Err())
	}
}

// Rewriting is how far a Rewriter is.
type Rewriting struct {
	From, Position uint64    // the first message of this run and the last that is done
	Begun          time.Time // wall clock, since andon started
	Waiting        bool      // for the Writer, which is behind
	Trouble        Trouble   // of InfluxDB, with a time when there is one
}

// Rewriting returns how far it is; it is false while there is nothing to do.
// It is safe for concurrent use.
func (r *Rewriter) Rewriting() (Rewriting, bool) {
	p := r.pass.Load()
	if p == nil {
		return Rewriting{}, false
	}
	x := Rewriting{From: p.next, Position: p.w.Lag().Position, Begun: p.begun, Waiting: p.waiting.Load()}
	if t, troubled := p.w.Trouble(); troubled {
		x.Trouble = t
	}
	return x, true
}

// Run goes on with what a former one left and serves Start and Stop, until
// ctx is done; then it returns nil. An error means that the positions cannot be
// read.
func (r *Rewriter) Run(ctx context.Context) error {
	name := RewriteName(r.o.Area)
	next, err := r.o.Positions.LoadPosition(ctx, name)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("load position: %w", err)
	}
	for ctx.Err() == nil {
		q, asked, err := r.work(ctx, next)
		switch {
		case err != nil:
			// It must not end what is new: NATS may be away, or a file with a token.
			r.log.Error("messages are not written again now, trying on; see to the cause or stop it", "from", next, "err", err)
			_ = pause(ctx, passAgain) // the loop ends with ctx
		case asked:
			if err = r.o.Positions.SavePosition(ctx, name, q.next); err == nil {
				next = q.next
			}
			q.done <- err
		case ctx.Err() == nil:
			next = 0
			if err := r.o.Positions.SavePosition(ctx, name, 0); err != nil {
				r.log.Warn("position not saved", "err", err) // written again once more after a restart
			}
		}
	}
	return nil
}

// passAgain is the pause after a run that could not be made.
const passAgain = 5 * time.Second

// work writes again from next on, nothing when that is 0, until it is done, a
// request comes that changes it or ctx is done.
func (r *Rewriter) work(ctx context.Context, next uint64) (q rewriteRequest, asked bool, err error) {
	if next == 0 {
		select {
		case q = <-r.requests:
			return q, true, nil
		case <-ctx.Done():
			return q, false, nil
		}
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := r.newPass(next)
	if err != nil {
		return q, false, err
	}
	r.pass.Store(p)
	defer r.pass.Store(nil)
	done := make(chan error, 1)
	go func() { done <- p.run(running) }() // received below in every case
	for {
		select {
		case err := <-done:
			return q, false, err
		case q = <-r.requests:
			if q.next > p.w.Lag().Position {
				q.done <- nil // it will come to it
				continue
			}
			cancel()
			err := <-done
			return q, true, err
		}
	}
}

// rewritePositions keeps the position to write next under another name than
// the Writer's.
type rewritePositions struct{ Positions }

// SavePosition saves the position after pos.
func (p rewritePositions) SavePosition(ctx context.Context, name string, pos uint64) error {
	return p.Positions.SavePosition(ctx, name, pos+1)
}

// newPass makes the writer of one run.
func (r *Rewriter) newPass(next uint64) (*pass, error) {
	o := r.o.Options
	o.Metrics, o.Positions, o.Log = r.metrics.ofRewriter(), renamed{rewritePositions{o.Positions}, RewriteName(o.Area)}, r.log.With("again", true)
	w, err := New(o)
	if err != nil {
		return nil, err
	}
	w.position, w.saved, w.savedAt = next-1, next-1, time.Now()
	w.state.moved(next - 1)
	return &pass{r: r, w: w, next: next, begun: time.Now()}, nil
}

// renamed keeps every position under one name.
type renamed struct {
	Positions
	name string
}

// SavePosition saves under the one name.
func (p renamed) SavePosition(ctx context.Context, _ string, pos uint64) error {
	return p.Positions.SavePosition(ctx, p.name, pos)
}

// awaits says how long the oldest message of the Writer may wait before a
// Rewriter lets it go first.
const awaits = 5 * time.Second

// behind reports whether the Writer has enough to do.
func behind(w *Writer, now time.Time) bool {
	_, troubled := w.Trouble()
	oldest := w.Lag().Oldest
	return troubled || oldest != 0 && oldest < plant.At(now).Add(-awaits)
}
