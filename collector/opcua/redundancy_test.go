package opcua_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"andon/collector"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A twin is a rig whose source has two servers with the same nodes; server is
// the first one.
type twin struct {
	*rig
	second *opcuatest.Server
	tag    *plant.Tag
}

func newTwin(t *testing.T) *twin {
	t.Helper()
	w := &twin{rig: newRig(t, opcuatest.Options{}), second: opcuatest.Start(t, opcuatest.Options{})}
	w.config.Endpoint, w.config.Endpoints = "", []string{w.server.URL(), w.second.URL()}
	w.config.Redundancy = opcua.Redundancy{CheckInterval: 100 * time.Millisecond, FailBackAfter: 300 * time.Millisecond, LevelMargin: 10}
	w.tag = w.add("Total", plant.KindInt, int64(0))
	w.second.Add("LineA.A1.Total", int64(0))
	return w
}

// both changes the variable at both servers, as it changes in the plant.
func (w *twin) both(v int64) {
	w.t.Helper()
	for _, s := range []*opcuatest.Server{w.server, w.second} {
		if err := s.Set("LineA.A1.Total", opcuatest.Value{V: v}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// supervised runs the source again and again, as the Supervisor does.
func (w *twin) supervised() *collector.Status {
	w.t.Helper()
	src, status := w.source(), &collector.Status{}
	ctx, cancel := context.WithCancel(w.t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for ctx.Err() == nil {
			err := src.Run(ctx, w.sink, status)
			w.t.Logf("Run returned %v", err)
			status.Down(time.Now(), err)
		}
	}()
	w.t.Cleanup(func() {
		cancel()
		<-stopped
	})
	w.status = status
	return status
}

func (w *twin) waitVia(status *collector.Status, s *opcuatest.Server) {
	w.t.Helper()
	w.wait("values come via "+s.URL(), func() bool { h := status.Health(""); return h.Up && h.Via == s.URL() })
}

func TestWhenOneServerDiesTheOtherGoesOnWithAllTags(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	status := w.supervised()
	w.waitVia(status, w.server)
	for v := range int64(50) {
		w.both(v + 1)
	}
	w.sink.WaitValue(t, w.tag, plant.Int(50))
	w.server.Close()
	w.waitVia(status, w.second)
	for v := range int64(50) {
		if err := w.second.Set("LineA.A1.Total", opcuatest.Value{V: v + 51}); err != nil {
			t.Fatal(err)
		}
	}
	w.sink.WaitValue(t, w.tag, plant.Int(100))
	seen := map[int64]bool{}
	for _, s := range w.samples(w.tag) {
		v, _ := s.Value.Int()
		seen[v] = true
	}
	for v := range int64(50) {
		if !seen[v+1] {
			t.Errorf("value %d: not there, the first server had sent it", v+1)
		}
	}
	w.wait("trouble that the first one is away", func() bool {
		return strings.Contains(status.Health("").Troubles["redundancy"], w.server.URL()+" does not answer")
	})
	if got := w.event("server_change"); got != 1 {
		t.Errorf("changes of the server: got %v, want 1", got)
	}
}

func TestAnotherServerIsTakenWithoutWaitingForTheSupervisor(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	x := w.start()
	w.waitVia(x.status, w.server)
	w.wait("the other server was asked", func() bool { return w.second.Counts().SessionsCreated > 0 })
	w.server.Close()
	w.waitVia(x.status, w.second)
	w.both(1)
	w.sink.WaitValue(t, w.tag, plant.Int(1))
	x.stop() // which wants that Run did not return before
}

func TestADegradedServerIsLeftForAHealthyOneAndTakenBackWhenItStaysHealthy(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	x := w.start()
	w.waitVia(x.status, w.server)
	w.both(1)
	w.sink.WaitValue(t, w.tag, plant.Int(1))

	w.server.SetServiceLevel(199)
	w.waitVia(x.status, w.second)
	w.both(2)
	w.sink.WaitValue(t, w.tag, plant.Int(2))
	if got := w.gauge("andon_opcua_server_in_use", w.second.URL()); got != 1 {
		t.Errorf("in use, second server: got %v, want 1", got)
	}
	w.wait("no subscription left at the first", func() bool { return w.server.Counts().Subscriptions == 0 })

	w.server.SetServiceLevel(255)
	w.waitVia(x.status, w.server)
	w.both(3)
	w.sink.WaitValue(t, w.tag, plant.Int(3))
	w.wait("no trouble", func() bool { return len(x.status.Health("").Troubles) == 0 })
	if got := w.event("server_change"); got != 2 {
		t.Errorf("changes of the server: got %v, want 2", got)
	}
	x.stop()
	for name, s := range map[string]*opcuatest.Server{"first": w.server, "second": w.second} {
		if got := s.Counts().SessionsActive; got != 0 {
			t.Errorf("sessions left at the %s server: got %d, want 0", name, got)
		}
	}
}

func TestAServerThatComesAndGoesDoesNotTakeAndonWithIt(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	w.config.Redundancy.FailBackAfter = 30 * time.Second // asked every three
	w.server.SetServiceLevel(100)
	x := w.start()
	w.waitVia(x.status, w.second)
	w.server.SetServiceLevel(255)
	w.wait("the first server was asked again", func() bool { return w.gauge("andon_opcua_service_level", w.server.URL()) == 255 })
	w.both(1)
	w.sink.WaitValue(t, w.tag, plant.Int(1))
	if got := x.status.Health("").Via; got != w.second.URL() {
		t.Errorf("via: got %s, want still the second server, %s", got, w.second.URL())
	}
}

func TestAndonStartsWithTheFittestServerThereIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second int // levels, -1 for away
		want          int
	}{
		"both are healthy":         {255, 255, 0},
		"the first is away":        {-1, 255, 1},
		"the first is degraded":    {50, 255, 1},
		"both are degraded":        {50, 150, 1},
		"the first is the better":  {150, 50, 0},
		"both in maintenance":      {0, 0, 0},
		"the second without data":  {0, 1, 1},
		"only a bad one is there":  {0, -1, 0},
		"the second is the weaker": {200, 255, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTwin(t)
			w.config.Redundancy.CheckInterval, w.config.Redundancy.FailBackAfter = time.Hour, time.Hour
			servers := []*opcuatest.Server{w.server, w.second}
			for i, level := range []int{c.first, c.second} {
				if level < 0 {
					servers[i].Close()
				} else {
					servers[i].SetServiceLevel(byte(level))
				}
			}
			x := w.start()
			w.waitVia(x.status, servers[c.want])
			w.sink.WaitValue(t, w.tag, plant.Int(0))
			x.stop()
		})
	}
}

func TestTheNextProcessBeginsWithTheServerThatHoldsTheSubscription(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	w.config.Redundancy.FailBackAfter = time.Hour
	w.server.SetServiceLevel(100)
	x := w.start()
	w.waitVia(x.status, w.second)
	w.both(1)
	w.sink.WaitValue(t, w.tag, plant.Int(1))
	x.stop()
	w.both(2)
	w.both(3)
	w.server.SetServiceLevel(255)
	x = w.start()
	w.sink.WaitValue(t, w.tag, plant.Int(3))
	if got := w.second.Counts().Transferred; got != 1 || x.status.Health("").Via != w.second.URL() {
		t.Errorf("got %d subscriptions taken over at the second server, via %s; want 1", got, x.status.Health("").Via)
	}
	var values []int64
	for _, s := range w.samples(w.tag) {
		v, _ := s.Value.Int()
		values = append(values, v)
	}
	if !containsInOrder(values, 1, 2, 3) {
		t.Errorf("values: got %v, want 1, 2 and 3 among them, in that order", values)
	}
}

func containsInOrder(list []int64, want ...int64) bool {
	for _, v := range list {
		if len(want) > 0 && v == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}

func TestABetterServerThatIsNotTrustedIsNotTaken(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
	der, key, _ := certificate(t, opcuatest.CertOptions{})
	other := opcuatest.Start(t, opcuatest.Options{Certificate: der, Key: key})
	r.config.Endpoint, r.config.Endpoints = "", []string{r.server.URL(), other.URL()}
	r.config.Redundancy.CheckInterval = 100 * time.Millisecond
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
	r.wait("trouble that the other server could not help", func() bool {
		text := x.status.Health("").Troubles["redundancy"]
		return strings.Contains(text, other.URL()+" cannot be used") && strings.Contains(text, "is not trusted")
	})
	before := other.Counts().Connections
	r.server.SetServiceLevel(100)
	r.wait("the other server was asked", func() bool { return other.Counts().Connections > before })
	r.set(tag, 2.5, 0)
	r.sink.WaitValue(t, tag, plant.Float(2.5))
	if got := other.Counts().SessionsCreated; got != 0 || x.status.Health("").Via != r.server.URL() {
		t.Errorf("got %d sessions at the other server, via %s; want none", got, x.status.Health("").Via)
	}
}
