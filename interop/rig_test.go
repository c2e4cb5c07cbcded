package interop_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/plant"
	"andon/plant/setting"
)

// waitLimit is how long tests wait for what must come.
const waitLimit = 60 * time.Second

// A rig is andon's way from a server to the stream: a supervised source, its
// tags, and a sink in the place of the stream.
type rig struct {
	t      *testing.T
	server *server
	config opcua.Config
	tags   []*plant.Tag
	sink   *collectortest.Sink
	reg    *prometheus.Registry
	meters *opcua.Metrics
	state  string // folder of andon's own certificate and of the handover
	super  *collector.Supervisor
}

// newRig makes a rig with an encrypted session and an anonymous user, as the
// defaults are. Times are short, so that tests are.
func newRig(t *testing.T, s *server) *rig {
	t.Helper()
	r := &rig{t: t, server: s, sink: &collectortest.Sink{}, reg: prometheus.NewRegistry(), state: t.TempDir()}
	r.meters = opcua.NewMetrics(r.reg)
	r.config = opcua.DefaultConfig()
	r.config.Endpoint = s.url()
	r.config.Security.Trusted = setting.File(filepath.Join(s.dir, "server.pem"))
	r.config.Security.AllowOtherHost = true // it is of the machine's name and addresses, not of 127.0.0.1
	r.config.PublishingInterval = 50 * time.Millisecond
	r.config.KeepAlive = time.Second
	r.config.QueueSize = 10_000
	r.config.ItemRetry = 200 * time.Millisecond
	return r
}

// tag makes a tag that reads a node of the server's own namespace.
func (r *rig) tag(node string, kind plant.Kind) *plant.Tag {
	r.t.Helper()
	return r.tagAt(node, kind, "nsu=urn:northfield:interop;s="+node)
}

func (r *rig) tagAt(name string, kind plant.Kind, address string) *plant.Tag {
	r.t.Helper()
	tag, err := plant.Detached("northfield/packing/lineA/A1/" + name)
	if err != nil {
		r.t.Fatal(err)
	}
	tag.Type, tag.Address = kind, address
	r.tags = append(r.tags, tag)
	return tag
}

// start runs the source as the daemon does. The function that it returns stops
// it and waits; the end of the test does so, too.
func (r *rig) start() (stop func()) {
	r.t.Helper()
	log := slog.New(slog.NewTextHandler(r.t.Output(), nil))
	source, err := opcua.New(opcua.Options{
		Config: r.config, Name: "packing", Tags: r.tags, StateDir: r.state, Handover: filepath.Join(r.state, "packing.json"),
		History: filepath.Join(r.state, "history.json"), Log: log, Metrics: r.meters,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	cfg := collector.DefaultConfig()
	cfg.RetryInitial, cfg.RetryMax = 50*time.Millisecond, time.Second
	r.super, err = collector.NewSupervisor(collector.Options{
		Config: cfg, Sources: []collector.Source{source}, Sink: r.sink, Log: log, Metrics: collector.NewMetrics(prometheus.NewRegistry()),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.super.Run(ctx); err != nil {
			r.t.Errorf("Supervisor: got error %v, want nil", err)
		}
	}()
	stop = func() { cancel(); <-done }
	r.t.Cleanup(stop)
	return stop
}

// wait polls what has no channel to wait on.
func (r *rig) wait(what string, done func() bool) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(waitLimit)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			r.t.Fatalf("%s: not seen within %v; health %+v", what, waitLimit, r.super.Health())
		}
	}
}

func (r *rig) up() bool { return r.super.Health()[0].Up }

// samples returns what came of a tag.
func (r *rig) samples(tag *plant.Tag) []plant.Sample {
	var list []plant.Sample
	for _, s := range r.sink.Samples() {
		if s.Tag == tag {
			list = append(list, s)
		}
	}
	return list
}

// last returns the newest sample of a tag, waiting for the first.
func (r *rig) last(tag *plant.Tag) plant.Sample {
	r.t.Helper()
	r.wait("a sample of "+tag.Name, func() bool { return len(r.samples(tag)) > 0 })
	list := r.samples(tag)
	return list[len(list)-1]
}

// whole is the value of a change of a node that holds whole numbers.
func (c change) whole(t *testing.T) plant.Value {
	t.Helper()
	n, err := strconv.ParseInt(string(c.Value), 10, 64)
	if err != nil {
		t.Fatalf("the server told %s, want a whole number", c.Value)
	}
	return plant.Int(n)
}

// compare waits for the newest of what the server told of a tag of whole
// numbers, and wants every change under its time and nothing else. A change may
// come twice: what was not acknowledged is sent again.
func (r *rig) compare(tag *plant.Tag, told []change) {
	r.t.Helper()
	want := map[plant.Instant]plant.Value{}
	for _, c := range told {
		want[plant.At(time.UnixMilli(c.At))] = c.whole(r.t)
	}
	got := map[plant.Instant]plant.Value{}
	r.wait("everything that was told of "+tag.Name, func() bool {
		for _, s := range r.samples(tag) {
			got[s.Time] = s.Value
		}
		missing := 0
		for at := range want {
			if _, ok := got[at]; !ok {
				missing++
			}
		}
		return missing == 0
	})
	for _, s := range r.samples(tag) {
		if v, ok := want[s.Time]; !ok || v != s.Value || s.Status != plant.Good {
			r.t.Fatalf("got %s (%s) at %s, want %s (told: %v)", s.Value, s.Status, s.Time, v, ok)
		}
	}
	r.t.Logf("%s: %d changes told, all came, in %d samples", tag.Name, len(want), len(r.samples(tag)))
}

// event returns a counter of andon_opcua_events_total.
func (r *rig) event(name string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "andon_opcua_events_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == name {
				return m.GetCounter().GetValue()
			}
		}
	}
	r.t.Fatalf("event %q: no such counter", name)
	return 0
}

// sum adds up the counters of a family.
func (r *rig) sum(family string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	n := 0.0
	for _, f := range families {
		if f.GetName() != family {
			continue
		}
		for _, m := range f.GetMetric() {
			n += m.GetCounter().GetValue()
		}
	}
	return n
}
