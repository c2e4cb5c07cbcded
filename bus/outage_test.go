package bus_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/bus"
)

// eventually polls what another process decides.
func eventually(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatalf("after 30 s still not: %s", what)
		}
	}
}

func TestNothingIsLostOrDoubledWhenNATSIsKilledAmidPuts(t *testing.T) {
	const puts, size = 150, 20
	s := external(t)
	b := s.open(t)
	r := reader(t, b, s.area("packing"), 0)
	paths := []string{"packing/lineA/A1/total", "packing/lineA/A2/total", "packing/lineA/A3/total"}
	var sources sync.WaitGroup
	var acknowledged atomic.Int64
	for _, path := range paths {
		sources.Go(func() {
			for i := range puts {
				if err := b.Put(patience(t), s.counts(path, i*size, size)); err != nil {
					t.Error(err)
				}
				acknowledged.Add(1)
			}
		})
	}
	for kill := int64(1); kill <= 3; kill++ {
		eventually(t, "a quarter more acknowledged", func() bool { return acknowledged.Load() >= kill*puts*3/4 })
		s.nats.Kill()
		s.nats.Restart()
	}
	all := readSamples(t, r, len(paths)*puts*size)
	sources.Wait()
	for _, path := range paths {
		own := ofTag(all, path)
		checkCounts(t, own, 0, puts*size)
	}
	if last, err := b.Last(t.Context(), s.area("packing")); err != nil || r.Skipped() != 0 {
		t.Errorf("got %d skipped and %v at %d, want none", r.Skipped(), err, last)
	}
}

func TestPutWaitsWhileNATSIsAway(t *testing.T) {
	s := external(t)
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 1))
	s.nats.Kill()

	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := b.Put(short, s.counts("packing/lineA/A1/total", 1, 1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v while NATS is away, want the deadline", err)
	}
	eventually(t, "the bus says that NATS is away", func() bool { return b.Healthy(t.Context()) != nil })
	waiting := make(chan error, 1)
	ctx := patience(t)
	go func() { waiting <- b.Put(ctx, s.counts("packing/lineA/A1/total", 2, 1)) }()
	s.nats.Restart()
	if err := <-waiting; err != nil {
		t.Errorf("got %v after NATS was back, want nil", err)
	}
	if err := b.Healthy(t.Context()); err != nil {
		t.Errorf("got %v after NATS was back, want healthy", err)
	}
}

func TestCloseWhileNATSIsAwayTellsWhoWaits(t *testing.T) {
	s, reg := external(t), prometheus.NewRegistry()
	b, err := bus.Open(patience(t), bus.Options{Config: s.config, Tree: s.tree, Metrics: bus.NewMetrics(reg)})
	if err != nil {
		t.Fatal(err)
	}
	s.nats.Kill()
	eventually(t, "the bus says that NATS is away", func() bool { return b.Healthy(t.Context()) != nil })
	waiting := make(chan error, 1)
	ctx := patience(t)
	go func() { waiting <- b.Put(ctx, s.counts("packing/lineA/A1/total", 0, 1)) }()
	eventually(t, "a Put waits", func() bool { return figures(t, reg)["andon_bus_puts_waiting area=packing"] == 1 })
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := b.Close(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: got %v, want the deadline, since something could not be written", err)
	}
	if err := <-waiting; !errors.Is(err, bus.ErrClosed) {
		t.Errorf("put: got %v, want ErrClosed", err)
	}
}

func TestOpenWaitsForNATS(t *testing.T) {
	s := external(t)
	s.nats.Kill()
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := bus.Open(short, bus.Options{Config: s.config, Tree: s.tree}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v while NATS is away, want the deadline", err)
	}
	opened := make(chan error, 1)
	ctx := patience(t)
	go func() {
		b, err := bus.Open(ctx, bus.Options{Config: s.config, Tree: s.tree})
		if err == nil {
			err = b.Close(ctx)
		}
		opened <- err
	}()
	s.nats.Restart()
	if err := <-opened; err != nil {
		t.Errorf("got %v after NATS came, want an open bus", err)
	}
}

// A wire forwards connections to NATS and can hold back what NATS answers.
type wire struct {
	listener net.Listener
	target   string
	mute     atomic.Bool
	done     sync.WaitGroup
}

func newWire(t *testing.T, target string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, target: target}
	w.done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.done.Go(func() { w.forward(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		w.done.Wait()
	})
	return w
}

func (w *wire) forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	w.done.Go(func() {
		io.Copy(server, client)
		server.Close()
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		if w.mute.Load() {
			continue // stored, but nobody hears of it
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

func TestMessageWhoseAcknowledgementWasLostIsStoredOnce(t *testing.T) {
	s := external(t)
	w := newWire(t, s.nats.Addr())
	s.config.URL = "nats://" + w.listener.Addr().String()
	s.config.DedupeWindow = time.Second // long over when NATS is back
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 5))

	// A second connection sees what is stored while the first hears nothing.
	direct := *s
	direct.config.URL = "nats://" + s.nats.Addr()
	witness := direct.open(t)
	w.mute.Store(true)
	waiting := make(chan error, 1)
	ctx := patience(t)
	go func() { waiting <- b.Put(ctx, s.counts("packing/lineA/A1/total", 5, 5)) }()
	eventually(t, "the message is stored", func() bool {
		last, err := witness.Last(t.Context(), s.area("packing"))
		return err == nil && last == 2
	})
	s.nats.Kill()
	killed := time.Now()
	eventually(t, "the ids are forgotten", func() bool { return time.Since(killed) > s.config.DedupeWindow*6/5 })
	w.mute.Store(false)
	s.nats.Restart()
	if err := <-waiting; err != nil {
		t.Fatalf("put: %v", err)
	}
	put(t, b, s.counts("packing/lineA/A1/total", 10, 5))
	checkCounts(t, readSamples(t, reader(t, b, s.area("packing"), 0), 15), 0, 15)
	if last, err := b.Last(t.Context(), s.area("packing")); last != 3 || err != nil {
		t.Errorf("got %d messages, %v, want 3", last, err)
	}
}
