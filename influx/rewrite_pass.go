package influx

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A pass is one run over the messages that are written again.
type pass struct {
	r       *Rewriter
	w       *Writer
	next    uint64 // position it began with
	begun   time.Time
	waiting atomic.Bool // for the Writer
}

const (
	// lookAgain is how often a pass looks whether the Writer has less to do.
	lookAgain = 500 * time.Millisecond
	// nearEnd is how many messages before the Writer's position a pass holds
	// it up: a second or two of a busy area.
	nearEnd = 500
)

// run writes again until it is where the Writer is, or ctx is done; then it
// returns nil.
func (p *pass) run(ctx context.Context) error {
	w := p.w
	defer w.client.close()
	select {
	case <-p.r.o.Writer.begun:
	case <-ctx.Done():
		return nil
	}
	reader, err := p.r.o.Open(ctx, w.position)
	if err != nil {
		return w.unlessDone(ctx, fmt.Errorf("read stream: %w", err))
	}
	defer reader.Close()
	w.options.Reader = reader
	work, cancel := outlive(ctx, stopGrace)
	defer cancel()
	defer w.saveLast(work)
	w.log.Info("writing messages to influxdb again", "from", p.next, "to", p.end())
	defer p.measure(0)
	if err := w.restoreStatuses(ctx, work); err != nil {
		return w.unlessDone(ctx, err)
	}
	if err := p.copy(ctx, work); err != nil {
		return w.unlessDone(ctx, err)
	}
	w.log.Info("messages are in influxdb again", "from", p.next, "to", w.position, "took", time.Since(p.begun).Round(time.Millisecond).String())
	return nil
}

// end is the position up to which there is something to write again.
func (p *pass) end() uint64 { return p.r.o.Writer.Lag().Position }

// copy writes batch after batch, at most half of the time, and the last ones
// while the Writer stands still.
func (p *pass) copy(ctx, work context.Context) error {
	for p.w.position+nearEnd < p.end() {
		if err := p.awaitWriter(ctx); err != nil {
			return err
		}
		took, err := p.batch(ctx, work)
		if err != nil {
			return err
		}
		if err := pause(ctx, took); err != nil {
			return err
		}
	}
	if err := p.awaitWriter(ctx); err != nil {
		return err
	}
	turn := &p.r.o.Writer.turn
	turn.Lock()
	defer turn.Unlock()
	for p.w.position < p.end() {
		if _, err := p.batch(ctx, work); err != nil {
			return err
		}
	}
	return nil
}

// batch writes one batch and returns how long InfluxDB took for it.
func (p *pass) batch(ctx, work context.Context) (time.Duration, error) {
	before := p.w.position
	if err := p.w.collect(ctx); err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := p.w.write(ctx, work); err != nil {
		return 0, err
	}
	took := time.Since(begun)
	if after := p.w.position; after > before {
		p.r.metrics.rewritten.WithLabelValues(p.r.o.Area).Add(float64(after - before))
	}
	p.measure(p.left())
	return took, nil
}

// left is how many messages are still to be written again.
func (p *pass) left() uint64 { return max(p.end(), p.w.position) - p.w.position }

func (p *pass) measure(left uint64) {
	p.r.metrics.rewriteLeft.WithLabelValues(p.r.o.Area).Set(float64(left))
}

// awaitWriter waits until the Writer is not behind: what is new goes first.
func (p *pass) awaitWriter(ctx context.Context) error {
	defer p.waiting.Store(false)
	for behind(p.r.o.Writer, time.Now()) {
		p.waiting.Store(true)
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
	return ctx.Err()
}
