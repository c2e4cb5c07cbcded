package opcua_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// waitLimit is how long tests wait for what must come.
const waitLimit = 20 * time.Second

// A rig is a server, its tags and a sink.
type rig struct {
	t      *testing.T
	server *opcuatest.Server
	config opcua.Config
	tags   []*plant.Tag
	sink   *collectortest.Sink
	status *collector.Status // of the last run
	reg    *prometheus.Registry
	meters *opcua.Metrics
	state  string        // folder of andon's own certificate
	note   string        // the file of the handover
	times  string        // the file of the times of the last values
	swift  bool          // what queues lose is told at once
	keys   time.Duration // lifetime of the channel's keys, the default when 0
	bytes  int           // of the largest message, the default when 0
	found  func(opcua.Found)

	retries collector.Config // waits between sessions, short ones when zero
}

// newRig starts a server that offers what o says, and a configuration that
// fits a server without security. Times are short, so that tests are.
func newRig(t *testing.T, o opcuatest.Options) *rig {
	t.Helper()
	r := &rig{t: t, server: opcuatest.Start(t, o), sink: &collectortest.Sink{}, reg: prometheus.NewRegistry(), state: t.TempDir(), note: filepath.Join(t.TempDir(), "packing.json"), times: filepath.Join(t.TempDir(), "history.json")}
	r.meters = opcua.NewMetrics(r.reg)
	r.config = opcua.DefaultConfig()
	r.config.Endpoint = r.server.URL()
	r.config.Security = opcua.Security{Policy: opcua.PolicyNone, Insecure: true}
	r.config.PublishingInterval = 20 * time.Millisecond
	r.config.KeepAlive = time.Second // on a busy machine a shorter one gets lost
	r.config.QueueSize = 1000
	r.config.ItemRetry = 100 * time.Millisecond
	r.config.RequestTimeout = 5 * time.Second
	return r
}

// add makes a variable at the server and a tag that reads it.
func (r *rig) add(name string, kind plant.Kind, v any) *plant.Tag {
	r.t.Helper()
	r.server.Add("LineA.A1."+name, v)
	return r.addTag(name, kind, "ns=2;s=LineA.A1."+name)
}

func (r *rig) addTag(name string, kind plant.Kind, address string) *plant.Tag {
	r.t.Helper()
	tag, err := plant.Detached("northfield/packing/lineA/A1/" + name)
	if err != nil {
		r.t.Fatal(err)
	}
	tag.Type, tag.Address = kind, address
	r.tags = append(r.tags, tag)
	return tag
}

// set changes a variable that add made.
func (r *rig) set(tag *plant.Tag, v any, status ua.StatusCode) {
	r.t.Helper()
	r.setValue(tag, opcuatest.Value{V: v, Status: status})
}

func (r *rig) setValue(tag *plant.Tag, v opcuatest.Value) {
	r.t.Helper()
	if err := r.server.Set("LineA.A1."+tag.Name, v); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) source() *opcua.Source {
	r.t.Helper()
	s, err := opcua.New(opcua.Options{
		Config: r.config, Name: "packing", Tags: r.tags, StateDir: r.state, Handover: r.note, History: r.times, Found: r.found,
		Log: slog.New(slog.NewTextHandler(r.t.Output(), nil)), Metrics: r.meters,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if r.swift {
		s.SetOverflowEvery(0)
	}
	if r.keys > 0 {
		s.SetChannelLifetime(r.keys)
	}
	s.SetLargestMessage(r.bytes)
	return s
}

// A running is a Source in its Run.
type running struct {
	t      *testing.T
	cancel context.CancelFunc
	done   chan error
	status *collector.Status
}

// start runs the source and waits until it is up.
func (r *rig) start() *running {
	r.t.Helper()
	x := r.run()
	r.wait("status up", func() bool {
		select {
		case err := <-x.done:
			r.t.Fatalf("Run returned before it was up: %v", err)
		default:
		}
		return x.status.Health("").Up
	})
	return x
}

func (r *rig) run() *running {
	r.t.Helper()
	src := r.source()
	ctx, cancel := context.WithCancel(r.t.Context())
	x := &running{t: r.t, cancel: cancel, done: make(chan error, 1), status: &collector.Status{}}
	r.status = x.status
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		err := src.Run(ctx, r.sink, x.status)
		r.t.Logf("Run returned %v", err)
		x.done <- err
	}()
	r.t.Cleanup(func() {
		cancel()
		<-stopped
	})
	return x
}

func (x *running) stop() {
	x.t.Helper()
	x.cancel()
	select {
	case err := <-x.done:
		if err != nil {
			x.t.Errorf("Run: got error %v, want nil", err)
		}
	case <-time.After(waitLimit):
		x.t.Fatal("Run did not return after ctx ended")
	}
}

// fails waits for Run to return an error.
func (x *running) fails() error {
	x.t.Helper()
	select {
	case err := <-x.done:
		if err == nil {
			x.t.Fatal("Run: got nil, want an error")
		}
		return err
	case <-time.After(waitLimit):
		x.t.Fatal("Run did not return an error")
	}
	return nil
}

// wait polls what has no channel to wait on.
func (r *rig) wait(what string, done func() bool) {
	r.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(waitLimit)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			r.t.Fatalf("%s: not seen within %v; server counts %+v", what, waitLimit, r.server.Counts())
		}
	}
}

// samples returns the samples of one tag.
func (r *rig) samples(tag *plant.Tag) []plant.Sample {
	var list []plant.Sample
	for _, s := range r.sink.Samples() {
		if s.Tag == tag {
			list = append(list, s)
		}
	}
	return list
}

// event returns a counter of andon_opcua_events_total.
func (r *rig) event(name string) float64 {
	r.t.Helper()
	n, ok := r.counter("andon_opcua_events_total", name)
	if !ok {
		r.t.Fatalf("event %q: no such counter", name)
	}
	return n
}

// counter returns the counter of a family whose first label has that value.
func (r *rig) counter(family, value string) (float64, bool) {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != family {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == value {
				return m.GetCounter().GetValue(), true
			}
		}
	}
	return 0, false
}
