package channel

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uasc"

	"andon/collector/opcua/pki"
)

// A guard stands between gopcua and the server on a secure connection. gopcua
// takes over the security policy and the certificate of whatever answers its
// OpenSecureChannel requests: who stands between could talk it into sending in
// the clear, at the first one and at each renewal of the keys. The guard lets
// an answer pass only if it names the policy and the certificate that were
// checked; whether it is signed with them gopcua then sees. Nor does it
// let a message pass that is too short to be signed.
//
// gopcua needs a TCP connection, so the guard gives it one to itself, which
// never leaves the machine. What passes there is as encrypted as before.
type guard struct {
	policy      string // URI
	certificate []byte // of the server, DER
	mode        ua.MessageSecurityMode
	near, far   *net.TCPConn
	server      *net.TCPConn

	wg      sync.WaitGroup // the two directions
	mu      sync.Mutex     // guards refused
	refused error
}

// politeTime is what the last that was sent gets to reach the server.
const politeTime = 400 * time.Millisecond

// largestOpen bounds an OpenSecureChannel message: it is one chunk.
const largestOpen = uacp.DefaultReceiveBufSize

var errDowngraded = errors.New("the answer names another security policy or certificate than was agreed: somebody may stand between, or the server changed them")

// newGuard starts to pass on what comes over server, which offers the endpoint e.
// close must be called.
func newGuard(ctx context.Context, server *net.TCPConn, e *ua.EndpointDescription) (*guard, error) {
	g := &guard{policy: e.SecurityPolicyURI, certificate: e.ServerCertificate, mode: e.SecurityMode, server: server}
	var err error
	if g.near, g.far, err = pipe(ctx); err != nil {
		return nil, err
	}
	g.wg.Go(func() {
		_, _ = io.Copy(g.server, g.far) // whatever ended it ends the connection
		g.cut()
	})
	g.wg.Go(func() {
		err := g.watch()
		g.mu.Lock()
		g.refused = err
		g.mu.Unlock()
		g.cut()
	})
	return g, nil
}

// pipe makes a TCP connection of this process with itself.
func pipe(ctx context.Context) (near, far *net.TCPConn, err error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	near = c.(*net.TCPConn)
	for {
		if far, err = l.AcceptTCP(); err != nil {
			near.Close()
			return nil, nil, err
		}
		// Another process may have been quicker to connect.
		if far.RemoteAddr().String() == near.LocalAddr().String() {
			return near, far, nil
		}
		far.Close()
	}
}

// watch passes on what the server sends, message by message. It returns an
// error for a message that it refuses, and nil when the connection ends.
func (g *guard) watch() error {
	r := bufio.NewReaderSize(g.server, largestOpen)
	for {
		head, err := r.Peek(8)
		if err != nil {
			return nil
		}
		size := int(binary.LittleEndian.Uint32(head[4:]))
		if size < g.least(string(head[:3])) {
			return fmt.Errorf("message of %d bytes: too short", size)
		}
		if string(head[:3]) == "OPN" {
			if err := g.verify(r, size); err != nil {
				return err
			}
		}
		for size > 0 {
			b, err := r.Peek(min(size, max(1, r.Buffered())))
			if err != nil {
				return nil
			}
			if _, err := g.far.Write(b); err != nil {
				return nil
			}
			size -= len(b)
			_, _ = r.Discard(len(b)) // they are there
		}
	}
}

// least returns how many bytes a message of that type has at least: headers of
// 16, and secured by all policies here a sequence header of 8 and a signature
// of 32, in whole blocks when encrypted. gopcua does not look whether there is
// a signature before it takes it off, which ends the whole process.
func (g *guard) least(kind string) int {
	switch {
	case kind != "MSG" && kind != "CLO":
		return 8
	case g.mode == ua.MessageSecurityModeSignAndEncrypt:
		return 16 + 48
	}
	return 16 + 8 + 32
}

// verify looks at the header of an OpenSecureChannel message, without taking
// it out of r. It is OPC 10000-6, 6.7.2.3: after 12 bytes that all messages
// have come the policy and the sender's certificate.
func (g *guard) verify(r *bufio.Reader, size int) error {
	if size > largestOpen {
		return fmt.Errorf("answer of %d bytes: too large", size)
	}
	b, err := r.Peek(size)
	if err != nil {
		return nil // the connection ends, which the next read shows
	}
	var header uasc.AsymmetricSecurityHeader
	if len(b) < 12 || b[3] != 'F' {
		return errDowngraded
	}
	if _, err := header.Decode(b[12:]); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if header.SecurityPolicyURI != g.policy || !pki.SameLeaf(header.SenderCertificate, g.certificate) {
		return errDowngraded
	}
	return nil
}

// cut ends both connections; what waits on them returns.
func (g *guard) cut() {
	g.server.Close()
	g.far.Close()
}

// close ends the guard and waits for it. What was sent before still goes to
// the server, if that takes it within politeTime.
func (g *guard) close() {
	_ = g.server.SetDeadline(time.Now().Add(politeTime)) // an error means that it is closed already
	g.near.Close()
	g.wg.Wait()
}

// refusal returns why the guard cut the connection, nil if it did not.
func (g *guard) refusal() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused
}
