package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/bus"
	"andon/collector"
	"andon/configs"
	"andon/engine"
	"andon/plant"
	"andon/queue"
	"andon/store"
	"andon/system"
	"andon/web"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// A daemon is everything that runs; stages is the one place that says in
// which order it starts and stops.
type daemon struct {
	stages []stage
	// changed has the configuration to go on with when sources found more.
	changed <-chan *configs.Config
}

// A builder builds the daemon's parts one after the other.
type builder struct {
	cfg   *configs.Config // its Plant may be gone: see tree
	log   *slog.Logger
	reg   *prometheus.Registry
	tree  *plant.Tree
	bus   *bus.Bus
	hold  *store.Hold
	store *store.Store

	discovery *discovery

	damaged bool // the records of before

	notifiers map[string]alerts.Notifier // of all contacts
	delivered *outbox.Metrics
}

// newDaemon builds everything; what fails, fails here. With damaged the records
// are known to be that, and are set aside.
func newDaemon(ctx context.Context, p prepared, damaged bool) (*daemon, error) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(liveHeap())), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	b := &builder{cfg: p.cfg, log: p.log, reg: reg, tree: p.tree, damaged: damaged}
	d, err := b.build(ctx)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	return d, nil
}

func (b *builder) build(ctx context.Context) (*daemon, error) {
	b.discovery = newDiscovery(b.cfg, b.tree, b.reg, b.log)
	sources, err := buildSources(b.cfg, b.discovery, b.reg, b.log)
	if err != nil {
		return nil, err
	}
	if err := b.openData(ctx); err != nil {
		return nil, err
	}
	messages, err := b.outbox(engine.Queue{Store: b.store}, sentBefore(string(b.cfg.Store.Path)))
	if err != nil {
		return nil, err
	}
	plantEngine, err := b.engine(messages.Wake)
	if err != nil {
		return nil, err
	}
	supervisor, err := collector.NewSupervisor(collector.Options{Config: b.cfg.Collector, Sources: sources, Sink: b.bus,
		Log: b.log, Metrics: collector.NewMetrics(b.reg)})
	if err != nil {
		return nil, err
	}
	parts, watched, err := b.writers(ctx)
	if err != nil {
		return nil, err
	}
	watcher, err := b.watcher(plantEngine, supervisor, watched)
	if err != nil {
		return nil, err
	}
	server, err := b.web(plantEngine, supervisor, parts, watcher)
	if err != nil {
		return nil, err
	}
	return &daemon{changed: b.discovery.changed, stages: []stage{
		{"web, sources and watcher", together([]func(context.Context) error{server.Run, supervisor.Run, watcher.Run}), 4 * time.Second},
		{"engine", plantEngine.Run, 4 * time.Second},
		{"influx and outbox", together(append(runs(parts), messages.Run)), 3 * time.Second},
		{"bus", closing(b.bus.Close, 5*time.Second), 5 * time.Second},
		{"backups and garbage", together([]func(context.Context) error{b.keepRecords, keepGarbageLow}), time.Second},
		{"records", closing(func(context.Context) error { return errors.Join(b.store.Close(), b.hold.Release()) }, 5*time.Second), 5 * time.Second},
	}}, nil
}

// engine makes the engines, which call wake after they queued messages.
func (b *builder) engine(wake func()) (*engine.Plant, error) {
	return engine.New(engine.Options{
		Config: engine.Config{Production: b.cfg.Production, Rules: b.cfg.Rules, Alerts: b.cfg.Alerts},
		Tree:   b.tree, Bus: b.bus, Store: b.store, Log: b.log, Metrics: engine.NewMetrics(b.reg), Wake: wake,
	})
}

// openData opens what is on disk: the records and the stream.
func (b *builder) openData(ctx context.Context) error {
	var err error
	if b.hold, err = store.HoldRecords(ctx, string(b.cfg.Store.Path)); errors.Is(err, store.ErrHeld) {
		return fmt.Errorf("%w: another andon runs, or andon kpi recompute is at work; wait for it or stop it", err)
	} else if err != nil {
		return err
	}
	if err := store.Mend(ctx, string(b.cfg.Store.Path), b.damaged, b.log); err != nil {
		return err
	}
	if b.store, err = store.Open(ctx, string(b.cfg.Store.Path)); err != nil {
		return err
	}
	b.bus, err = bus.Open(ctx, bus.Options{Config: b.cfg.Bus, Tree: b.tree, Log: b.log, Metrics: bus.NewMetrics(b.reg)})
	return err
}

// keepRecords makes backups of the records until ctx is done. It ends before
// when the records are damaged.
func (b *builder) keepRecords(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var backups sync.WaitGroup
	defer backups.Wait()
	defer cancel()
	backups.Go(func() { b.store.KeepBackups(ctx, string(b.cfg.Store.Path), b.cfg.Store.Backup, b.log) })
	select {
	case <-ctx.Done():
		return nil
	case <-b.store.Broken():
		return store.ErrDamaged
	}
}

// outbox makes what delivers the messages of a queue, by the same notifiers
// for all queues.
func (b *builder) outbox(q outbox.Queue, since time.Time) (*outbox.Worker, error) {
	if b.notifiers == nil {
		var err error
		if b.notifiers, err = outbox.Notifiers(b.cfg.Alerts, b.log); err != nil {
			return nil, err
		}
		b.delivered = outbox.NewMetrics(b.reg)
	}
	return outbox.New(outbox.Options{Config: b.cfg.Alerts.Delivery, Queue: q, Since: since,
		Notifiers: b.notifiers, Log: b.log, Metrics: b.delivered})
}

func (b *builder) web(e *engine.Plant, s *collector.Supervisor, parts []queue.Part, w *system.Watcher) (*web.Server, error) {
	checks := []web.Check{
		{Name: "bus", Check: b.bus.Healthy},
		{Name: "records", Check: func(ctx context.Context) error { return errors.Join(b.store.Healthy(ctx), e.Unwritten()) }},
		{Name: "engine", Check: e.Healthy},
		{Name: "influx", Check: func(context.Context) error {
			var errs []error
			for _, p := range parts {
				errs = append(errs, p.Writer.Healthy())
			}
			return errors.Join(errs...)
		}},
	}
	return web.New(web.Options{Config: b.cfg.Web, Tree: b.tree, Engine: e, Desk: e.Desk(), KPIs: e.KPIs(), Outlook: e.Outlook(), Store: b.store, Sources: s.Health, Checks: checks, System: w.Active, Orders: b.cfg.Production.Orders,
		Queue: b.queue(parts), Gatherer: b.reg, Registerer: b.reg, Log: b.log, Version: version, Notes: func() []string { return append(setAside(b.cfg), b.discovery.told()...) }})
}

// close gives back what build opened before it failed.
func (b *builder) close() error {
	var errs []error
	if b.bus != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		errs = append(errs, b.bus.Close(ctx))
	}
	if b.store != nil {
		errs = append(errs, b.store.Close())
	}
	if b.hold != nil {
		errs = append(errs, b.hold.Release())
	}
	return errors.Join(errs...)
}
