package faults_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// stopTime is how long andon may take to stop, whatever hangs.
const stopTime = 10 * time.Second

// stops tells andon to stop and waits for its end.
func (r *rig) stops() {
	r.t.Helper()
	began := time.Now()
	if err := r.andon.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	r.andon.ended(stopTime)
	r.t.Logf("andon stopped in %s", time.Since(began).Round(time.Millisecond))
}

// watched has people look at live events until the test ends.
func (r *rig) watched(people int) {
	r.t.Helper()
	for range people {
		resp, err := http.Get(r.url + "/api/v1/events?topics=board,alarms,stops")
		if err != nil || resp.StatusCode != http.StatusOK {
			r.t.Fatalf("watch events: %v, %v", resp, err)
		}
		var reading sync.WaitGroup
		reading.Go(func() { _, _ = io.Copy(io.Discard, resp.Body) })
		r.t.Cleanup(func() { resp.Body.Close(); reading.Wait() })
	}
}

func TestStoppedUnderLoadNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	r.start()
	r.ready(30 * time.Second)
	r.tell(12 * time.Second)
	r.watched(5)
	r.live(3*time.Second, 0)
	for range 2 {
		r.stops()
		r.start()
		r.ready(30 * time.Second)
		r.live(time.Second, 0)
	}
	r.settled(catchUp(), nil)
}

func TestStoppedWhileInfluxDBAndTheBrokerHangNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	w := newWire(t, r.broker.URL())
	r.edit("load.yaml", r.broker.URL(), w.url())
	r.start()
	r.ready(30 * time.Second)
	r.tell(14 * time.Second)
	r.watched(5)
	r.live(3*time.Second, 0)
	r.proxy.become(hangs)
	w.held.Store(true)
	r.live(2*time.Second, 0)
	r.stops()
	w.held.Store(false)
	w.cut()
	r.proxy.become(nil)
	r.start()
	r.settled(catchUp(), nil)
}

// A wire forwards connections to the broker and can hold everything back, as
// a broker that hangs does.
type wire struct {
	listener net.Listener
	held     atomic.Bool

	mu    sync.Mutex
	conns []net.Conn // guarded by mu
	all   sync.WaitGroup
}

func newWire(t *testing.T, broker string) *wire {
	t.Helper()
	to, err := url.Parse(broker)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l}
	w.all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to.Host)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, near, far)
			w.mu.Unlock()
			w.all.Go(func() { w.forward(near, far) })
			w.all.Go(func() { w.forward(far, near) })
		}
	})
	t.Cleanup(func() { l.Close(); w.cut(); w.all.Wait() })
	return w
}

func (w *wire) url() string { return "tcp://" + w.listener.Addr().String() }

// forward copies until one side is gone; what comes while the wire is held is
// lost, and what follows on this connection too.
func (w *wire) forward(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	dead := false
	for {
		n, err := from.Read(buf)
		dead = dead || w.held.Load()
		if err == nil && !dead {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// cut closes all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}
