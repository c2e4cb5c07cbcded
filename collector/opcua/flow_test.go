package opcua_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// counter sets 1, 2, … n and waits until all have come, in order.
func (r *rig) count(tag *plant.Tag, from, to int64) {
	r.t.Helper()
	for i := from; i <= to; i++ {
		r.set(tag, i, 0)
	}
	r.sink.WaitValue(r.t, tag, plant.Int(to))
	next := from
	for _, s := range r.samples(tag) {
		v, _ := s.Value.Int()
		if v < from || v == next-1 {
			continue
		}
		if v != next {
			r.t.Fatalf("count %d: got %d in its place", next, v)
		}
		next++
	}
}

// fault answers every n-th request of a kind with a fault.
func fault[T ua.Request](n int64, status ua.StatusCode) func(ua.Request) ua.StatusCode {
	var seen atomic.Int64
	return func(req ua.Request) ua.StatusCode {
		if _, ok := req.(T); ok && seen.Add(1)%n == 0 {
			return status
		}
		return ua.StatusOK
	}
}

func TestFaultsOfSingleRequestsDoNotStopTheFlow(t *testing.T) {
	for name, f := range map[string]func(ua.Request) ua.StatusCode{
		"publish":                   fault[*ua.PublishRequest](3, ua.StatusBadTooManyOperations),
		"publish, too many":         fault[*ua.PublishRequest](3, ua.StatusBadTooManyPublishRequests),
		"read":                      fault[*ua.ReadRequest](2, ua.StatusBadServiceUnsupported),
		"publish, out of resources": fault[*ua.PublishRequest](4, ua.StatusBadResourceUnavailable),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, opcuatest.Options{})
			tag := r.add("Total", plant.KindInt, int64(0))
			polled := r.add("Polled.Temp", plant.KindFloat, 0.5)
			r.config.Polled = pollEvery(polled, 100*time.Millisecond)
			x := r.start()
			r.server.Intercept(f)
			for i := range int64(10) {
				r.count(tag, 10*i+1, 10*i+10)
			}
			if got := r.server.Counts(); got.Faults == 0 || got.SessionsCreated != 1 {
				t.Errorf("got %d faults and %d sessions, want some and 1", got.Faults, got.SessionsCreated)
			}
			x.stop()
		})
	}
}

func TestAServerThatTakesFewPublishRequestsIsServed(t *testing.T) {
	r := newRig(t, opcuatest.Options{Limits: opcuatest.Limits{Publish: 1}})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.count(tag, 1, 100)
}

func TestALostNotificationIsAskedForAgain(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.config.KeepAlive = 400 * time.Millisecond
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	for i := range int64(3) {
		r.server.DropNext(1)
		r.set(tag, 100*i+1, 0)
		r.sink.WaitValue(t, tag, plant.Int(100*i+1)) // found by the keep-alive's number
		r.server.DropNext(2)
		r.count(tag, 100*i+2, 100*i+40)
	}
	if got := r.server.Counts().Republished; got < 3 {
		t.Errorf("republished: got %d, want at least 3", got)
	}
	if got := r.event("lost"); got != 0 {
		t.Errorf("lost: got %v, want 0", got)
	}
}

func TestANotificationTheServerNoLongerHasIsCountedAndTheFlowGoesOn(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.server.Intercept(fault[*ua.RepublishRequest](1, ua.StatusBadMessageNotAvailable))
	r.server.DropNext(1)
	r.set(tag, int64(1), 0)
	r.wait("the loss", func() bool { return r.event("lost") == 1 })
	r.count(tag, 2, 50)
}

func TestNothingIsAcknowledgedBeforeItIsOnDisk(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.sink.Block()
	r.set(tag, int64(1), 0)
	r.wait("a blocked Put", func() bool { return r.sink.Waiting() > 0 })
	r.wait("the acknowledgement of the first value", func() bool { return r.server.Counts().Acknowledged == 1 })
	before := r.server.Counts().PublishRequests
	for i := range int64(10) {
		sent := r.event("notification")
		r.set(tag, i+2, 0)
		r.wait("the next notification", func() bool { return r.event("notification") > sent })
	}
	r.wait("ten more publish requests", func() bool { return r.server.Counts().PublishRequests >= before+10 })
	if got := r.server.Counts().Acknowledged; got != 1 {
		t.Errorf("acknowledged while the sink blocks: got %d, want 1", got)
	}
	r.sink.Unblock()
	r.count(tag, 12, 30)
	r.wait("all acknowledged", func() bool { return r.server.Counts().Acknowledged >= 12 })
}

func TestABlockedSinkLeavesTheRestWithTheServer(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.config.PublishingInterval = 10 * time.Millisecond
	r.config.KeepAlive = 300 * time.Millisecond
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.sink.Block()
	last := int64(0)
	r.wait("no publish request at the server", func() bool {
		last++
		r.set(tag, last, 0)
		return r.server.Counts().PublishWaiting == 0 && r.event("notification") > 256
	})
	held := time.NewTimer(1200 * time.Millisecond) // longer than the server may be silent
	select {
	case <-held.C:
	case err := <-x.done:
		t.Fatalf("Run while the sink blocks: got %v, want it to wait", err)
	}
	r.sink.Unblock()
	r.count(tag, last+1, last+50)
	next := int64(0)
	for _, s := range r.samples(tag) {
		if v, _ := s.Value.Int(); v != next {
			t.Fatalf("count %d: got %d in its place", next, v)
		}
		next++
	}
}

func TestASinkThatRefusesEndsTheSession(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.add("Total", plant.KindInt, int64(0))
	closed := errors.New("bus is closed")
	r.sink.Fail(closed)
	if err := r.run().fails(); !errors.Is(err, closed) {
		t.Errorf("Run: got error %v, want one that wraps the sink's", err)
	}
}

func TestALinkWhoseOtherEndIsGoneIsNoticedWithinThreeKeepAlives(t *testing.T) {
	for name, tag := range map[string]bool{"subscribed": true, "polled only": false} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, opcuatest.Options{})
			r.config.KeepAlive, r.config.RequestTimeout = 200*time.Millisecond, 300*time.Millisecond
			x := r.add("Total", plant.KindInt, int64(0))
			if !tag {
				r.config.Polled = pollEvery(x, 100*time.Millisecond)
			}
			run := r.start()
			r.sink.WaitValue(t, x, plant.Int(0))
			r.server.Freeze(true)
			began := time.Now()
			err := run.fails()
			if d := time.Since(began); d < 400*time.Millisecond || d > 5*time.Second {
				t.Errorf("noticed after %v, want a little more than 600ms", d)
			}
			if !strings.Contains(err.Error(), "no publish response") {
				t.Errorf("Run: got error %q, want one about the silence", err)
			}
		})
	}
}

func TestStoppingTakesLessThanASecondOnADeadLink(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.config.KeepAlive = time.Minute
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.server.Freeze(true)
	began := time.Now()
	x.stop()
	if d := time.Since(began); d > time.Second {
		t.Errorf("stopping on a dead link: got %v, want less than 1s", d)
	}

	y := r.run() // the server accepts the connection and says nothing
	r.wait("a connection", func() bool { return r.server.Counts().Connections > 2 })
	began = time.Now()
	y.stop()
	if d := time.Since(began); d > time.Second {
		t.Errorf("stopping while connecting: got %v, want less than 1s", d)
	}
}

func TestAStoppedSourceLeavesNothingAtTheServer(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	x.stop()
	if got := r.server.Counts(); got.SessionsActive != 0 || got.Subscriptions != 0 || got.MonitoredItems != 0 {
		t.Errorf("left at the server: %d sessions, %d subscriptions, %d items; want none", got.SessionsActive, got.Subscriptions, got.MonitoredItems)
	}
}

func TestAServerThatForgetsTheSubscriptionEndsTheSession(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.server.DropSessions()
	if err := x.fails(); !strings.Contains(err.Error(), "session lost") {
		t.Errorf("Run: got error %q, want session lost", err)
	}
}

// supervise runs the source under a Supervisor until the test ends.
func (r *rig) supervise() *collector.Supervisor {
	r.t.Helper()
	cfg := collector.DefaultConfig()
	cfg.RetryInitial, cfg.RetryMax = 20*time.Millisecond, 100*time.Millisecond
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
	r.server.Intercept(fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported))
	tag := r.add("Total", plant.KindInt, int64(0))
	r.supervise()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.server.Cut()
	r.wait("a second subscription", func() bool { return r.server.Counts().Subscriptions == 2 })
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

func TestContactsSayThatUnchangedValuesAreStillKnown(t *testing.T) {
	if testing.Short() {
		t.Skip("takes six seconds")
	}
	r := newRig(t, opcuatest.Options{})
	r.add("Total", plant.KindInt, int64(0))
	began := time.Now()
	r.start()
	r.sink.Wait(t, "two contacts", func(s *collectortest.Sink) bool { return len(s.Contacts()) >= 2 })
	contacts := r.sink.Contacts()
	if contacts[0].Source != "packing" || contacts[0].Time.Time().Before(began) {
		t.Errorf("first contact: got %+v, want one of packing after %v", contacts[0], began)
	}
	if d := contacts[1].Time.Sub(contacts[0].Time); d < 4900*time.Millisecond || d > 7*time.Second {
		t.Errorf("time between contacts: got %v, want about 5s", d)
	}
}
