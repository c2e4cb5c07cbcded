package outbox_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/alerts"
	"andon/alerts/alertstest"
	"andon/alerts/outbox"
	"andon/plant"
)

// A table is a queue in memory that survives its workers, as the one on disk
// does.
type table struct {
	mu      sync.Mutex
	rows    []outbox.Delivery // guarded by mu, as all below
	history map[string][]outbox.State
	broken  bool                  // Due and Mark fail
	marked  func(outbox.Delivery) // called before each Mark, without mu; may be nil
	looks   int
}

var _ outbox.Queue = (*table)(nil)

func (q *table) Due(ctx context.Context, now time.Time, n int) (out []outbox.Delivery, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.looks++
	if q.broken || ctx.Err() != nil {
		return nil, errors.New("disk is full")
	}
	seen := map[string]bool{}
	for _, r := range q.rows {
		to := r.Message.To
		if r.State != outbox.Queued && r.State != outbox.Sending || seen[to] {
			continue
		}
		seen[to] = true
		if r.NextAt <= plant.At(now) && len(out) < n {
			out = append(out, r)
		}
	}
	return out, nil
}

func (q *table) Mark(ctx context.Context, d outbox.Delivery) error {
	if q.marked != nil {
		q.marked(d)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.broken || ctx.Err() != nil {
		return errors.New("disk is full")
	}
	for i := range q.rows {
		if q.rows[i].Message.ID == d.Message.ID {
			q.rows[i] = d
			q.history[d.Message.ID] = append(q.history[d.Message.ID], d.State)
			return nil
		}
	}
	return errors.New("no such message")
}

func (q *table) add(m ...alerts.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, x := range m {
		q.rows = append(q.rows, outbox.Delivery{Message: x, State: outbox.Queued})
	}
}

// copy returns what is on the disk now: a worker killed at this moment leaves
// it to the next.
func (q *table) copy() *table {
	q.mu.Lock()
	defer q.mu.Unlock()
	next := newTable()
	next.rows = slices.Clone(q.rows)
	return next
}

func (q *table) setBroken(b bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.broken = b
}

func (q *table) row(id string) outbox.Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.rows {
		if r.Message.ID == id {
			return r
		}
	}
	return outbox.Delivery{}
}

// A pager is a notifier whose answers a test chooses.
type pager struct {
	mu     sync.Mutex
	calls  []call // guarded by mu
	answer func(ctx context.Context, m alerts.Message, n int) error
}

type call struct {
	id string
	at time.Time
}

var _ alerts.Notifier = (*pager)(nil)

func (p *pager) Notify(ctx context.Context, _ string, m alerts.Message) error {
	p.mu.Lock()
	p.calls = append(p.calls, call{m.ID, time.Now()})
	n := len(p.calls)
	p.mu.Unlock()
	if p.answer == nil {
		return nil
	}
	return p.answer(ctx, m, n)
}

func (p *pager) ids() (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		out = append(out, c.id)
	}
	return out
}

// waits returns the times between calls.
func (p *pager) waits() (out []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := 1; i < len(p.calls); i++ {
		out = append(out, p.calls[i].at.Sub(p.calls[i-1].at))
	}
	return out
}

// message returns message n to a contact, made now.
func message(n int, to string) alerts.Message {
	m := alertstest.Message(n)
	m.To, m.Time = to, plant.At(time.Now())
	return m
}

// An office is a queue with its worker.
type office struct {
	*table
	worker *outbox.Worker
	cancel context.CancelFunc
	done   chan error
	reg    *prometheus.Registry
}

// counted returns how many deliveries came out so: sent, retry, …
func (o *office) counted(t *testing.T, result string) (n float64) {
	t.Helper()
	all, err := o.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "andon_outbox_messages_total" && l.GetName() == "result" && l.GetValue() == result {
					n += m.GetCounter().GetValue()
				}
			}
		}
	}
	return n
}

func newTable() *table { return &table{history: map[string][]outbox.State{}} }

// open starts a worker on q. Half of each wait is by chance; here it is none.
func open(t *testing.T, q *table, people map[string]alerts.Notifier) *office {
	t.Helper()
	return openSince(t, q, people, time.Time{})
}

// openSince is open after the records of what was sent before were lost.
func openSince(t *testing.T, q *table, people map[string]alerts.Notifier, since time.Time) *office {
	t.Helper()
	cfg := alerts.DefaultConfig().Delivery
	cfg.Parallel = 3
	reg := prometheus.NewRegistry()
	w, err := outbox.New(outbox.Options{Config: cfg, Queue: q, Notifiers: people, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Metrics: outbox.NewMetrics(reg), Rand: func() float64 { return 0 }, Since: since})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := &office{table: q, worker: w, cancel: cancel, done: make(chan error, 1), reg: reg}
	go func() { o.done <- w.Run(ctx) }() // close waits for it
	return o
}

func (o *office) close(t *testing.T) {
	t.Helper()
	o.cancel()
	if err := <-o.done; err != nil {
		t.Errorf("run: got %v, want no error", err)
	}
}
