package mqtt

import (
	"context"
	"fmt"
	"time"

	"andon/collector"
	"andon/plant"
)

const (
	// A batch ends with maxBatch samples, maxGather after its first message,
	// or when nothing came for maxIdle: a broker that sends no more before
	// it gets acknowledgements must not be waited for. maxIdle is as long as
	// two pauses of reading.
	maxBatch  = 1000
	maxGather = 20 * time.Millisecond
	maxIdle   = 2 * readPause
	// calmAfter is how long a topic must be without trouble to be called
	// well again, so that one that is bad now and then is not news each time.
	calmAfter = 10 * time.Second
	// changeAfter is how long after one line of the log on a topic another
	// trouble of it is told, so that one that goes from bad to bad with each
	// message is not a line each time.
	changeAfter = 10 * time.Second
)

// A worker puts what one session brings, batch after batch, and acknowledges
// each once it is taken.
type worker struct {
	in          *inbox
	sink        collector.Sink
	metrics     sourceMetrics
	acknowledge func(acks []byte) error

	window   window
	timer    *time.Timer
	acks     []byte    // sent, so free to be filled again
	answered time.Time // when they were sent
	hungry   bool      // the broker went on as soon as it had them
}

// run works until ctx is done, the sink refuses, or the inbox is closed and
// empty.
func (w *worker) run(ctx context.Context) error {
	w.timer = time.NewTimer(maxGather)
	w.timer.Stop()
	for {
		if !w.in.await() {
			if err := w.flush(ctx, w.gather(ctx)); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.in.wake:
			w.hungry = time.Since(w.answered) < readPause
		case <-w.in.closed:
			if held, _ := w.in.level(); held == 0 {
				return nil
			}
		}
	}
}

// gather waits for what comes close behind the first message. It reports
// whether nothing more came for maxIdle.
func (w *worker) gather(ctx context.Context) (silent bool) {
	began, seen := time.Now(), 0
	for {
		held, due := w.in.level()
		if due || held == seen {
			return !due
		}
		seen = held
		wait := min(maxIdle, maxGather-time.Since(began))
		if wait <= 0 {
			return false
		}
		w.timer.Reset(wait)
		select {
		case <-w.in.wake:
		case <-w.timer.C:
		case <-w.in.closed:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// flush puts what the inbox holds and then acknowledges it. When the sink
// refuses nothing is acknowledged, and the broker sends it again to the next
// session.
func (w *worker) flush(ctx context.Context, silent bool) error {
	l := w.in.take(w.acks)
	w.metrics.queued.Set(float64(l.messages))
	if n := len(l.samples); n > 0 {
		// When the window is full the broker sends nothing more before this.
		full := w.window.size > 0 && l.unacked() >= w.window.size
		if err := w.sink.Put(ctx, plant.Batch{Samples: l.samples, Prompt: full}); err != nil {
			return fmt.Errorf("put %d samples: %w", n, err)
		}
		w.metrics.samples.Add(float64(n))
	}
	held, _ := w.in.level()
	w.metrics.queued.Set(float64(held))
	stopped := silent && held == 0 && w.hungry
	w.in.limit(w.window.see(l.unacked(), stopped, time.Now()))
	w.acks = l.acks
	if len(l.acks) == 0 {
		return nil
	}
	if err := w.acknowledge(l.acks); err != nil {
		// What had come is still put; the broker will send it again.
		w.in.close(fmt.Errorf("acknowledge: %w", err))
	}
	w.answered = time.Now()
	return nil
}
