package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"andon/plant"
)

// Options are what a Supervisor needs.
type Options struct {
	Config  Config
	Sources []Source
	Sink    Sink
	Log     *slog.Logger
	Metrics *Metrics
}

// A Supervisor keeps every source running, each in a goroutine of its own. A
// source that fails, by an error or a panic, starts again after a back-off and
// does not disturb the others.
type Supervisor struct {
	opts    Options
	members []*member
}

// A member is one source under supervision.
type member struct {
	source  Source
	name    string
	status  *Status
	sink    Sink
	log     *slog.Logger
	metrics *Metrics
	config  Config
	wait    time.Duration // before the next attempt, without jitter
	told    string        // the error last logged; "" after up
}

// errEnded says that a source returned although nobody asked it to.
var errEnded = errors.New("source ended without a reason")

// NewSupervisor makes a Supervisor. It is an error when two sources share a
// name.
func NewSupervisor(o Options) (*Supervisor, error) {
	if err := o.Config.Validate().Err(); err != nil {
		return nil, err
	}
	s := &Supervisor{opts: o}
	seen := map[string]bool{}
	for _, src := range o.Sources {
		name := src.Name()
		if seen[name] {
			return nil, fmt.Errorf("source %q: name is used twice", name)
		}
		seen[name] = true
		s.members = append(s.members, newMember(o, src))
	}
	slices.SortFunc(s.members, func(a, b *member) int { return strings.Compare(a.name, b.name) })
	return s, nil
}

func newMember(o Options, src Source) *member {
	name := src.Name()
	m := &member{
		source:  src,
		name:    name,
		sink:    countingSink{sink: o.Sink, source: name, metrics: o.Metrics},
		log:     o.Log.With("source", name),
		metrics: o.Metrics,
		config:  o.Config,
		wait:    o.Config.RetryInitial,
	}
	up := o.Metrics.up.WithLabelValues(name)
	m.status = &Status{onUp: func() {
		up.Set(1)
		m.log.Info("source is up")
	}}
	return m
}

// Run runs all sources until ctx is done and they have stopped. It returns an
// error that names the sources which did not stop within Config.StopTimeout;
// their goroutines are then given up.
func (s *Supervisor) Run(ctx context.Context) error {
	stopped := make(chan string, len(s.members)) // one slot each, so that a late one can leave
	for _, m := range s.members {
		go func() {
			m.run(ctx)
			stopped <- m.name
		}()
	}
	<-ctx.Done()
	running := map[string]bool{}
	for _, m := range s.members {
		running[m.name] = true
	}
	limit := time.NewTimer(s.opts.Config.StopTimeout)
	defer limit.Stop()
	for len(running) > 0 {
		select {
		case name := <-stopped:
			delete(running, name)
		case <-limit.C:
			return stuckError(running, s.opts.Config.StopTimeout)
		}
	}
	return nil
}

func stuckError(running map[string]bool, limit time.Duration) error {
	names := make([]string, 0, len(running))
	for name := range running {
		names = append(names, name)
	}
	slices.Sort(names)
	return fmt.Errorf("stop sources: %s still running after %v", strings.Join(names, ", "), limit)
}

// Health returns the health of every source, in the order of their names.
func (s *Supervisor) Health() []Health {
	list := make([]Health, len(s.members))
	for i, m := range s.members {
		list[i] = m.status.Health(m.name)
	}
	return list
}

// run runs one source again and again until ctx is done.
func (m *member) run(ctx context.Context) {
	up := m.metrics.up.WithLabelValues(m.name)
	up.Set(0)
	for ctx.Err() == nil {
		err := Contain(func() error { return m.source.Run(ctx, m.sink, m.status) })
		up.Set(0)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errEnded
		}
		wait := m.failed(time.Now(), err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// refusedRetryMax is the wait up to which attempts grow that a server refuses.
const refusedRetryMax = 30 * time.Second

// A Refused is the error of a source whose server does not let andon in, for its
// user or password. That is not over by itself, and servers lock users out that
// try too often, so the next attempts come more seldom than after other errors.
type Refused struct{ Err error }

func (r Refused) Error() string { return r.Err.Error() }

// Unwrap returns what the server said.
func (r Refused) Unwrap() error { return r.Err }

// failed notes a failure and returns how long to wait before the next
// attempt.
func (m *member) failed(now time.Time, err error) time.Duration {
	if h := m.status.Health(m.name); h.Up {
		m.told = ""
		if now.Sub(h.Since) >= m.config.RetryReset {
			m.wait = m.config.RetryInitial
		}
	}
	m.status.Down(now, err)
	m.metrics.failures.WithLabelValues(m.name).Inc()
	longest := m.config.RetryMax
	if errors.As(err, new(Refused)) {
		longest = max(longest, refusedRetryMax)
	}
	m.wait = min(m.wait, longest) // it may have been refused before
	wait := m.wait - rand.N(m.wait/2+1)
	m.wait = min(2*m.wait, longest)
	m.tell(err)
	return wait
}

// tell logs a failure unless it is the one that was logged last.
func (m *member) tell(err error) {
	var p *Panic
	if errors.As(err, &p) {
		m.metrics.panics.WithLabelValues(m.name).Inc()
	}
	if m.told == err.Error() {
		return
	}
	m.told = err.Error()
	if p != nil {
		m.log.Error("source failed with a bug, trying again", "err", err, "stack", string(p.Stack))
		return
	}
	m.log.Warn("source failed, trying again", "err", err)
}

// A countingSink counts what one source puts.
type countingSink struct {
	sink    Sink
	source  string
	metrics *Metrics
}

// Put hands batch on.
func (s countingSink) Put(ctx context.Context, batch plant.Batch) error {
	n, began := len(batch.Samples), time.Now()
	if err := s.sink.Put(ctx, batch); err != nil {
		s.metrics.refused.WithLabelValues(s.source).Inc()
		return err
	}
	s.metrics.put.WithLabelValues(s.source).Observe(time.Since(began).Seconds())
	s.metrics.samples.WithLabelValues(s.source).Add(float64(n))
	return nil
}
