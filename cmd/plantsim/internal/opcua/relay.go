package opcua

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// helloTimeout is how long a connection may take to say hello.
const helloTimeout = 10 * time.Second

// maxHello bounds a hello message: its header and an endpoint URL of at most
// 4,096 bytes (OPC 10000-6, 7.1.2.3).
const maxHello = 8 << 10

// A relay is the plant's network in front of the OPC UA server: it can be cut.
// It also waits for a whole hello before the server sees a connection, because
// the server accepts one at a time and would wait for a silent one for ever.
type relay struct {
	listen  string // host:port, the port fixed once it is known
	backend string

	mu       sync.Mutex // guards the fields below
	listener net.Listener
	conns    map[net.Conn]struct{}

	wg sync.WaitGroup // accept loops and connections
}

func newRelay(l net.Listener, backend string) *relay {
	r := &relay{listen: l.Addr().String(), backend: backend, conns: map[net.Conn]struct{}{}}
	r.start(l)
	return r
}

func (r *relay) start(l net.Listener) {
	r.mu.Lock()
	r.listener = l
	r.mu.Unlock()
	r.wg.Go(func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			r.wg.Go(func() { r.handle(c) })
		}
	})
}

// cut closes the listener and every connection, and waits for their ends.
func (r *relay) cut() {
	r.mu.Lock()
	if r.listener != nil {
		r.listener.Close()
		r.listener = nil
	}
	for c := range r.conns {
		c.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

// restore listens again at the same address.
func (r *relay) restore(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", r.listen)
	if err != nil {
		return fmt.Errorf("listen again: %w", err)
	}
	r.start(l)
	return nil
}

// hold registers c to be closed by cut; false when the relay is cut already.
func (r *relay) hold(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener == nil {
		return false
	}
	r.conns[c] = struct{}{}
	return true
}

func (r *relay) drop(c net.Conn) {
	r.mu.Lock()
	delete(r.conns, c)
	r.mu.Unlock()
	c.Close()
}

func (r *relay) handle(client net.Conn) {
	defer r.drop(client)
	if !r.hold(client) {
		return
	}
	hello, err := readHello(client)
	if err != nil {
		return
	}
	server, err := net.DialTimeout("tcp", r.backend, helloTimeout)
	if err != nil {
		return
	}
	defer r.drop(server)
	if !r.hold(server) {
		return
	}
	if _, err := server.Write(hello); err != nil {
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(server, client) // either end: the connection is over
		server.Close()
	})
	_, _ = io.Copy(client, server)
	client.Close()
	wg.Wait()
}

func readHello(c net.Conn) ([]byte, error) {
	if err := c.SetReadDeadline(time.Now().Add(helloTimeout)); err != nil {
		return nil, err
	}
	msg := make([]byte, 8, maxHello)
	if _, err := io.ReadFull(c, msg); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(msg[4:])
	if string(msg[:4]) != "HELF" || size < 8 || size > maxHello {
		return nil, errors.New("want a hello message")
	}
	msg = msg[:size]
	if _, err := io.ReadFull(c, msg[8:]); err != nil {
		return nil, err
	}
	return msg, c.SetReadDeadline(time.Time{})
}
