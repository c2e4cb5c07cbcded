package opcua_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A wire is a connection to a server that counts the chunks of requests.
type wire struct {
	listener net.Listener
	server   string
	parts    atomic.Int64 // chunks that are not the last of their request
	largest  atomic.Int64 // bytes of one chunk
	wg       sync.WaitGroup
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, server: server}
	w.wg.Go(w.accept)
	t.Cleanup(func() {
		l.Close()
		w.wg.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			client.Close()
			continue
		}
		w.wg.Go(func() { w.count(server, client) })
		w.wg.Go(func() {
			io.Copy(client, server)
			client.Close()
		})
	}
}

// count hands chunks from client to server (OPC 10000-6, 7.1.2.2).
func (w *wire) count(server, client net.Conn) {
	defer server.Close()
	head := make([]byte, 8)
	for {
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		if head[3] == 'C' {
			w.parts.Add(1)
		}
		w.largest.Store(max(w.largest.Load(), size))
		if _, err := server.Write(head); err != nil {
			return
		}
		if _, err := io.CopyN(server, client, size-int64(len(head))); err != nil {
			return
		}
	}
}

// Some servers take no request of several chunks, and encryption by several
// stacks got them wrong.
func TestRequestsForItemsFitIntoOneChunk(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"in the clear": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, opcuatest.Options{})
			if secure {
				r = secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
			}
			w := newWire(t, r.server.Addr())
			r.config.Endpoint = "opc.tcp://" + w.listener.Addr().String()
			for i := range 1000 {
				r.add(fmt.Sprintf("Zone%d.%s", i, strings.Repeat("Temperature", i%20)), plant.KindFloat, float64(i))
			}
			x := r.start()
			r.waitAll(r.tags)
			if parts, largest := w.parts.Load(), w.largest.Load(); parts != 0 || largest < 60_000 {
				t.Errorf("got %d chunks that have others after them and a largest of %d bytes, want none and nearly 65535", parts, largest)
			}
			if got := r.server.Counts(); got.MonitoredItems != 1000 {
				t.Errorf("monitored items: got %d, want 1000", got.MonitoredItems)
			}
			x.stop()
		})
	}
}

// addLongNodes adds 150 nodes to be subscribed and as many to be polled, with long
// ids, and a unit that is compared. It returns those with a history.
func (r *rig) addLongNodes() (kept []string) {
	r.t.Helper()
	for _, name := range []string{"Zone", "Polled"} {
		for i := range 150 {
			node := fmt.Sprintf("LineA.A1.%s%d%s", name, i, strings.Repeat("Temperature", 80))
			r.server.Add(node, float64(0))
			tag := r.addTag(fmt.Sprintf("%s%d", name, i), plant.KindFloat, "ns=2;s="+node)
			if tag.Unit = "degC"; name == "Zone" { // the server is asked for its own
				kept = append(kept, node)
				r.server.Historize(node)
			}
		}
	}
	return kept
}

// Node ids may be long: whatever is asked of many nodes at once is as many
// requests as it takes.
func TestWhateverIsAskedOfManyNodesFitsIntoOneChunk(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"in the clear": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := historian(t, opcuatest.Options{})
			if secure {
				r = secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
				r.config.KeepFor = 0
			}
			w := newWire(t, r.server.Addr())
			r.config.Endpoint = "opc.tcp://" + w.listener.Addr().String()
			r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Polled*", Interval: 100 * time.Millisecond}}
			looks := r.discovering()
			kept := r.addLongNodes()
			x := r.start()
			r.waitAll(r.tags)
			r.wait("all to be registered", func() bool { return r.server.Counts().Registered == 150 })
			r.waitContact()
			if f := r.look(looks); len(f.Nodes) != 300 {
				t.Errorf("looked through: got %d variables, want 300", len(f.Nodes))
			}
			x.stop()
			for v := range 3 {
				for _, node := range kept {
					if err := r.server.Set(node, opcuatest.Value{V: float64(v + 1)}); err != nil {
						t.Fatal(err)
					}
				}
			}
			x = r.start()
			r.wait("what is missing", func() bool { return r.event("backfilled") == 300 })
			x.stop()
			if parts := w.parts.Load(); parts != 0 {
				t.Errorf("got %d chunks that have others after them, want none", parts)
			}
		})
	}
}
