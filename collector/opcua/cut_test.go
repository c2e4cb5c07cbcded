package opcua_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// supervise runs the source under a Supervisor until the test ends.
func (r *rig) supervise() *collector.Supervisor {
	r.t.Helper()
	cfg := r.retries
	if cfg == (collector.Config{}) {
		cfg = collector.DefaultConfig()
		cfg.RetryInitial, cfg.RetryMax = 20*time.Millisecond, 100*time.Millisecond
	}
	s, err := collector.NewSupervisor(collector.Options{
		Config: cfg, Sources: []collector.Source{r.source()}, Sink: r.sink,
		Log: slog.New(slog.DiscardHandler), Metrics: collector.NewMetrics(prometheus.NewRegistry()),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("Supervisor: got error %v, want nil", err)
		}
	})
	return s
}

func TestValuesFlowAgainAfterEveryCut(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	counter := r.add("Total", plant.KindInt, int64(0))
	constant := r.add("Speed", plant.KindFloat, 12.5)
	s := r.supervise()
	r.sink.WaitValue(t, counter, plant.Int(0))
	for i := range int64(3) {
		r.sink.Reset()
		r.server.Cut()
		r.set(counter, 100*i+1, 0) // while the link is down
		r.sink.WaitValue(t, counter, plant.Int(100*i+1))
		r.sink.WaitValue(t, constant, plant.Float(12.5))
		r.wait("up again", func() bool { return s.Health()[0].Up })
		r.count(counter, 100*i+2, 100*i+60)
	}
	if got := r.server.Counts().SessionsCreated; got > 5 {
		t.Errorf("sessions created: got %d, want about 4", got)
	}
}

func TestNothingIsLostOverShortCuts(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.supervise()
	r.sink.WaitValue(t, tag, plant.Int(0))
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	const last = 1000
	for i := range int64(last) {
		<-tick.C
		r.set(tag, i+1, 0)
		if i%200 == 150 {
			r.server.Cut()
		}
		if i%200 == 151 {
			r.sink.Block() // what came but was not taken must come again
		}
		if i%200 == 190 {
			r.sink.Unblock()
		}
	}
	r.sink.WaitValue(t, tag, plant.Int(last))
	seen := map[int64]bool{}
	for _, s := range r.samples(tag) {
		v, _ := s.Value.Int()
		seen[v] = true
	}
	for i := range int64(last) {
		if !seen[i] {
			t.Fatalf("value %d of %d is missing", i, last)
		}
	}
	if got := r.server.Counts().Transferred; got == 0 || r.event("lost") != 0 {
		t.Errorf("got %d transfers and %v lost notifications, want some and none", got, r.event("lost"))
	}
}

func TestAServerThatCannotTransferStartsANewSubscription(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	transfer, activate := fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported), fault[*ua.ActivateSessionRequest](2, ua.StatusBadSessionIDInvalid)
	r.server.Intercept(func(req ua.Request) ua.StatusCode { return max(transfer(req), activate(req)) }) // nor go on with a session
	tag := r.add("Total", plant.KindInt, int64(0))
	r.supervise()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.server.Cut()
	r.wait("a second subscription", func() bool {
		c := r.server.Counts()
		return c.Subscriptions == 2 && c.MonitoredItems == 2
	})
	r.count(tag, 1, 50)
}

func TestAServerRestartIsSurvived(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.supervise()
	r.sink.WaitValue(t, tag, plant.Int(0))
	addr := r.server.Addr()
	r.server.Close()
	r.server = opcuatest.Start(t, opcuatest.Options{Listen: addr}) // not ready: it has no nodes yet
	r.wait("a session with the new server", func() bool { return r.server.Counts().SessionsCreated > 0 })
	r.server.Add("LineA.A1.Total", int64(7))
	r.sink.WaitValue(t, tag, plant.Int(7))
	r.count(tag, 8, 40)
}
