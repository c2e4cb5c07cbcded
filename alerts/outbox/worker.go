package outbox

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"andon/alerts"
)

const (
	// poll finds what nobody woke the worker for: messages whose wait is over
	// and those that another process queued.
	poll = time.Second
	// attempt bounds one hand-over, should a notifier have no time-out.
	attempt = 2 * time.Minute
	// stopWithin is what hand-overs get to finish when the worker stops.
	stopWithin = 2 * time.Second
	// markWithin bounds the marking of one that finished at the last moment.
	markWithin = time.Second
)

// Options are what New needs. Rand is a source of numbers in [0, 1) for the
// jitter of waits; nil is the default one.
type Options struct {
	Config    alerts.Delivery
	Queue     Queue
	Notifiers map[string]alerts.Notifier // by name of the contact
	Log       *slog.Logger
	Metrics   *Metrics
	Rand      func() float64
	// Since is when the messages begin that are sent: the records of what was
	// sent before are lost. Zero sends all.
	Since time.Time
}

// A Worker delivers the messages of one queue. Only one may run on a queue.
type Worker struct {
	cfg       alerts.Delivery
	queue     Queue
	notifiers map[string]alerts.Notifier
	log       *slog.Logger
	metrics   *Metrics
	rand      func() float64
	since     time.Time
	wake      chan struct{} // of size 1: one look finds all that is due

	mu      sync.Mutex
	trouble map[string]string // by contact, "" for the queue: what was logged last; guarded by mu
}

// New returns a Worker that does nothing until Run.
func New(o Options) (*Worker, error) {
	switch {
	case o.Queue == nil, o.Log == nil, o.Metrics == nil:
		return nil, errors.New("outbox: want a queue, a log and metrics")
	case o.Config.Parallel < 1 || o.Config.RetryMin <= 0 || o.Config.RetryMax < o.Config.RetryMin || o.Config.ExpireAfter <= 0:
		return nil, errors.New("outbox: want a configuration that passed Validate")
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	return &Worker{cfg: o.Config, queue: o.Queue, notifiers: o.Notifiers, log: o.Log, metrics: o.Metrics, rand: o.Rand, since: o.Since,
		wake: make(chan struct{}, 1), trouble: map[string]string{}}, nil
}

// Wake says that the queue has new messages. It never blocks and is safe for
// concurrent use.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Run delivers messages until ctx is done. Then it takes no more, gives those
// that are being handed over two seconds to finish, and returns nil.
func (w *Worker) Run(ctx context.Context) error {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	r := round{worker: w, busy: map[string]bool{}, done: make(chan string, w.cfg.Parallel)} // room for each, so that none waits
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		r.begin(ctx, sending)
		select {
		case <-ctx.Done():
			stop := time.AfterFunc(stopWithin, cut)
			r.wg.Wait()
			stop.Stop()
			return nil
		case <-w.wake:
		case <-ticker.C:
		case contact := <-r.done:
			delete(r.busy, contact)
		}
	}
}

// A round is the state of one Run.
type round struct {
	worker *Worker
	busy   map[string]bool // contacts that a message is handed to now
	done   chan string
	wg     sync.WaitGroup
}

// begin hands over what is due, as far as contacts and places are free.
func (r *round) begin(ctx, sending context.Context) {
	w := r.worker
	if ctx.Err() != nil || len(r.busy) >= w.cfg.Parallel {
		return
	}
	// The heads of busy contacts are returned too.
	due, err := w.queue.Due(ctx, time.Now(), w.cfg.Parallel+len(r.busy))
	if ctx.Err() != nil {
		return
	}
	w.queueTrouble(err)
	for _, d := range due {
		contact := d.Message.To
		if r.busy[contact] || len(r.busy) >= w.cfg.Parallel {
			continue
		}
		r.busy[contact] = true
		r.wg.Go(func() {
			w.metrics.sending.Inc()
			w.deliver(sending, d)
			w.metrics.sending.Dec()
			r.done <- contact
		})
	}
}
