package opcua_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

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
	t.Parallel()
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
			r.wait("a fault", func() bool { return r.server.Counts().Faults > 0 })
			if got := r.server.Counts().SessionsCreated; got != 1 {
				t.Errorf("sessions: got %d, want 1", got)
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
		return r.server.Counts().PublishWaiting == 0 && r.event("notification") > 64
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

// A brokenSink has a bug.
type brokenSink struct{}

func (brokenSink) Put(context.Context, plant.Batch) error { panic("index out of range") }

func TestABugInASessionsGoroutineEndsTheSessionOnly(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.add("Total", plant.KindInt, int64(0))
	err := r.source().Run(t.Context(), brokenSink{}, &collector.Status{})
	var p *collector.Panic
	if !errors.As(err, &p) || p.Value != "index out of range" {
		t.Errorf("Run: got error %v, want the panic", err)
	}
	if got := r.server.Counts().SessionsActive; got != 0 {
		t.Errorf("sessions left at the server: got %d, want 0", got)
	}
}

func TestALinkWhoseOtherEndIsGoneIsNoticedWithinThreeKeepAlives(t *testing.T) {
	t.Parallel()
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

func TestWithoutKeepForAStopLeavesNothingAtTheServer(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.config.KeepFor = 0
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
	// A request that the server had says the one, one that came later the other.
	if err := x.fails(); !strings.Contains(err.Error(), "subscription lost") && !strings.Contains(err.Error(), "session lost") {
		t.Errorf("Run: got error %q, want the subscription or the session lost", err)
	}
}

func TestContactsSayThatUnchangedValuesAreStillKnown(t *testing.T) {
	t.Parallel()
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
