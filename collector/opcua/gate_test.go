package opcua_test

import (
	"net"
	"sync"
	"testing"
)

// A gate is a network between andon and a server.
type gate struct {
	listener net.Listener
	server   string
	wg       sync.WaitGroup

	mu    sync.Mutex // guards all below
	state gateState
	moved *sync.Cond // state or conns changed
	conns map[net.Conn]bool
}

type gateState int

const (
	gateOpen    gateState = iota
	gateCut               // ends all connections, and those that are made
	gateHolding           // keeps what is sent until it is open again, as a peer does that gets no acknowledgement
	gateClosed            // for good
)

// newGate puts a gate before the server at an address, and returns it.
func newGate(t *testing.T, server string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: l, server: server, conns: map[net.Conn]bool{}}
	g.moved = sync.NewCond(&g.mu)
	g.wg.Go(g.accept)
	t.Cleanup(func() {
		l.Close()
		g.set(gateClosed)
		g.wg.Wait()
	})
	return g
}

// url is where andon connects to.
func (g *gate) url() string { return "opc.tcp://" + g.listener.Addr().String() }

// set changes what becomes of connections.
func (g *gate) set(state gateState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state = state
	if state == gateCut || state == gateClosed {
		for c := range g.conns {
			c.Close()
		}
	}
	g.moved.Broadcast()
}

func (g *gate) accept() {
	for {
		near, err := g.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", g.server)
		if err != nil {
			near.Close()
			continue
		}
		g.mu.Lock()
		g.conns[near], g.conns[far] = true, true
		if g.state == gateCut || g.state == gateClosed {
			near.Close()
			far.Close()
		}
		g.mu.Unlock()
		g.wg.Go(func() { g.pass(near, far) })
		g.wg.Go(func() { g.pass(far, near) })
	}
}

// pass hands on what one end sends, while the gate is open.
func (g *gate) pass(from, to net.Conn) {
	defer g.end(from, to)
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if !g.isPassable() {
			return
		}
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// isPassable waits while the gate holds, and reports whether it is open then.
func (g *gate) isPassable() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.state == gateHolding {
		g.moved.Wait()
	}
	return g.state == gateOpen
}

func (g *gate) end(conns ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(g.conns, c)
	}
}
