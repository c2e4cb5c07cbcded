package system_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/bus"
	"andon/engine"
	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
	"andon/plant/setting"
	"andon/production/productiontest"
	"andon/rules"
	"andon/store"
	"andon/system"
)

// A house is a plant's andon with everything real but the machines, on
// folders that outlive it.
type house struct {
	dir    string
	tree   *plant.Tree
	bus    bus.Config
	influx influx.Config
	system system.Config
	alerts alerts.Config
	log    *slog.Logger
	run    *running
}

// A running is one life of a house.
type running struct {
	bus     *bus.Bus
	store   *store.Store
	plant   *engine.Plant
	writers []*influx.Writer
	watcher *system.Watcher
	stop    func() error
}

// newHouse calls phone at once, and lead two seconds later.
func newHouse(dir, influxURL, phoneURL string) (*house, error) {
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		return nil, err
	}
	h := &house{dir: dir, tree: tree, bus: bus.DefaultConfig(), influx: influx.DefaultConfig(), system: system.DefaultConfig(), alerts: alerts.DefaultConfig(),
		log: slog.New(slog.DiscardHandler)}
	h.bus.Dir = setting.File(filepath.Join(dir, "bus"))
	h.bus.MaxBytes = 64 << 20
	h.influx.URL, h.influx.DeadLetter.Dir = influxURL, setting.File(filepath.Join(dir, "dead-letters"))
	h.influx.Backoff = influx.BackoffConfig{Initial: 50 * time.Millisecond, Max: 200 * time.Millisecond}
	h.system.OnDelay, h.system.OffDelay, h.system.Quiet = time.Second, 2*time.Second, time.Hour
	h.system.InfluxBehind.Age = 2 * time.Second
	h.alerts.Contacts = map[string]alerts.Contact{"phone": {Webhook: &alerts.Webhook{URL: phoneURL}}, "lead": {Webhook: &alerts.Webhook{URL: phoneURL}}}
	h.alerts.Policies = map[string][]alerts.Step{"it": {{Notify: []string{"phone"}}}, "long": {{Notify: []string{"phone"}}, {After: 2 * time.Second, Notify: []string{"lead"}}}}
	h.alerts.Routes = []alerts.Route{{Match: alerts.Match{Priority: []plant.Priority{plant.PriorityCritical}}, Policy: "long"},
		{Match: alerts.Match{Class: []plant.Class{plant.ClassSystem}}, Policy: "it", Ack: alerts.AckNone}, {Policy: "it"}}
	return h, nil
}

// start brings the house to life.
func (h *house) start(ctx context.Context) error {
	r := &running{}
	reg := prometheus.NewRegistry()
	var err error
	if r.store, err = store.Open(ctx, filepath.Join(h.dir, "andon.db")); err != nil {
		return err
	}
	if r.bus, err = bus.Open(ctx, bus.Options{Config: h.bus, Tree: h.tree, Log: h.log}); err != nil {
		return err
	}
	notifiers, err := outbox.Notifiers(h.alerts, h.log)
	if err != nil {
		return err
	}
	delivered := outbox.NewMetrics(reg)
	worker := func(q outbox.Queue) (*outbox.Worker, error) {
		return outbox.New(outbox.Options{Config: h.alerts.Delivery, Queue: q, Notifiers: notifiers, Log: h.log, Metrics: delivered})
	}
	messages, err := worker(engine.Queue{Store: r.store})
	if err != nil {
		return err
	}
	if r.plant, err = engine.New(engine.Options{Config: engine.Config{Production: productiontest.Config(productiontest.Start), Rules: rules.DefaultConfig(),
		Alerts: h.alerts}, Tree: h.tree, Bus: r.bus, Store: r.store, Log: h.log, Metrics: engine.NewMetrics(reg), Wake: messages.Wake}); err != nil {
		return err
	}
	o := system.Options{Config: h.system, Alerts: h.alerts, Tree: h.tree, Stream: r.bus, Engine: r.plant, Records: r.store,
		Queue: outbox.NewMemory(), Log: h.log, Metrics: system.NewMetrics(reg), Folders: []string{h.dir}}
	if o.Direct, err = worker(o.Queue); err != nil {
		return err
	}
	parts := []func(context.Context) error{r.plant.Run, messages.Run}
	for _, area := range h.tree.Areas {
		w, reader, err := h.writer(ctx, r, area)
		if err != nil {
			return err
		}
		parts = append(parts, w.Run)
		r.writers = append(r.writers, w)
		o.Writers = append(o.Writers, system.Writer{Area: area, Of: w, Skipped: reader.Skipped})
	}
	if r.watcher, err = system.New(o); err != nil {
		return err
	}
	h.run = r
	h.live(append(parts, r.watcher.Run))
	return nil
}

func (h *house) writer(ctx context.Context, r *running, area *plant.Area) (*influx.Writer, *bus.Reader, error) {
	pos, err := r.bus.LoadPosition(ctx, influx.PositionName(area.Name))
	if err != nil {
		return nil, nil, err
	}
	reader, err := r.bus.Reader(ctx, area, pos)
	if err != nil {
		return nil, nil, err
	}
	w, err := influx.New(influx.Options{Config: h.influx, Area: area.Name, Tree: h.tree, Reader: reader, Positions: r.bus,
		Last: func(ctx context.Context) (uint64, error) { return r.bus.Last(ctx, area) }, Log: h.log})
	return w, reader, err
}

// live runs all parts until stop.
func (h *house) live(parts []func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, run := range parts {
		wg.Go(func() { errs[i] = run(ctx) })
	}
	r := h.run
	r.stop = func() error {
		cancel()
		wg.Wait()
		last, done := context.WithTimeout(context.Background(), 20*time.Second)
		defer done()
		return errors.Join(append(errs, r.bus.Close(last), r.store.Close())...)
	}
}

// says puts what equipment says now on the stream.
func (h *house) says(ctx context.Context, tag string, v plant.Value) error {
	return h.run.bus.Put(ctx, plant.Batch{Samples: []plant.Sample{{Tag: h.tree.Tag(tag), Value: v, Time: plant.At(time.Now())}}})
}

// alarm returns the alarms of a rule in the records, latest first.
func (h *house) alarms(ctx context.Context, rule string) ([]alerts.Alarm, error) {
	rows, err := h.run.store.Alarms(ctx, store.AlarmFilter{Class: "system"})
	var out []alerts.Alarm
	for _, row := range rows {
		var a alerts.Alarm
		if err = errors.Join(err, json.Unmarshal(row.Body, &a)); a.Rule == rule {
			out = append(out, a)
		}
	}
	return out, err
}

// shows waits until the watcher shows a rule as active, or not.
func (h *house) shows(rule string, want bool) error {
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	late := time.After(30 * time.Second)
	for {
		is := false
		for _, a := range h.run.watcher.Active() {
			is = is || a.Rule == rule
		}
		if is == want {
			return nil
		}
		select {
		case <-every.C:
		case <-late:
			return fmt.Errorf("%s active: still not %v; it is %+v", rule, want, h.run.watcher.Active())
		}
	}
}

// A scene is a house of one test.
type scene struct {
	*house
	t     *testing.T
	db    *influxtest.Server
	phone *phone
}

func newScene(t *testing.T) *scene {
	t.Helper()
	p, hangUp := newPhone()
	t.Cleanup(hangUp)
	s := &scene{t: t, db: influxtest.NewServer(t), phone: p}
	var err error
	if s.house, err = newHouse(t.TempDir(), s.db.URL, p.url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.run != nil {
			s.halt()
		}
	})
	return s
}

func (s *scene) begin() {
	s.t.Helper()
	s.must(s.start(s.t.Context()))
}

func (s *scene) halt() {
	s.t.Helper()
	err := s.run.stop()
	s.run = nil
	s.must(err)
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) ring(kind alerts.Kind, rule string) alerts.Message {
	s.t.Helper()
	m, err := s.phone.ring(kind, rule)
	s.must(err)
	return m
}

// once wants exactly one message of a kind about a rule.
func (s *scene) once(kind alerts.Kind, rule string) {
	s.t.Helper()
	if n := len(s.phone.calls(kind, rule)); n != 1 {
		s.t.Errorf("%s %s: got %d calls, want 1 of\n%s", rule, kind, n, s.phone.all())
	}
}
