// Package channel opens secure channels to OPC UA servers (OPC 10000-4, 5.6) with
// gopcua, and holds it to what was agreed: a guard on the connection refuses
// answers that name another certificate or a weaker policy, and messages that
// gopcua would not survive; a link ends the connection whatever waits on it.
package channel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uapolicy"
	"github.com/gopcua/opcua/uasc"

	"andon/collector/opcua/pki"
)

// requestTimeout is gopcua's one timeout for every request on a channel, publish
// requests included, which wait for keep-alives of unknown length. Shorter bounds
// come from contexts.
const requestTimeout = 10 * time.Minute

// writeTime is what a request gets to be written when it is given up.
const writeTime = 20 * time.Millisecond

// Options say where a channel leads and how it is secured.
type Options struct {
	Address  string                  // the server's URL
	Endpoint *ua.EndpointDescription // its policy, mode and certificate are the only ones that will do
	Identity pki.Identity            // andon's own; zero with policy None
	Lifetime time.Duration           // of the keys, which are then renewed; at least a millisecond
	Timeout  time.Duration           // for the TCP connection
	Largest  int                     // bytes of a message that the server may send, LargestMessage when 0
}

func (o Options) largest() uint32 { return uint32(cmp.Or(o.Largest, LargestMessage)) }

func (o Options) isSecure() bool { return o.Endpoint.SecurityPolicyURI != ua.SecurityPolicyURINone }

// A Channel is gopcua's secure channel and the connection below it. It is
// opened without gopcua's client, which knows only its own kind of sessions.
// It is safe for concurrent use.
type Channel struct {
	conn   *uacp.Conn
	room   int    // most bytes of a request, in one chunk
	guard  *guard // nil without security
	secure *uasc.SecureChannel
}

// Open opens a channel exactly as o says, over sockets that belong to l: gopcua
// heeds no context everywhere, but the end of its sockets. Close must be called
// unless there is an error.
func Open(ctx context.Context, l *Link, o Options) (*Channel, error) {
	return open(ctx, l, o, requestTimeout)
}

func open(ctx context.Context, l *Link, o Options, timeout time.Duration) (*Channel, error) {
	config := &uasc.Config{
		SecurityPolicyURI: o.Endpoint.SecurityPolicyURI,
		SecurityMode:      o.Endpoint.SecurityMode,
		Lifetime:          uint32(o.Lifetime / time.Millisecond),
		RequestTimeout:    timeout,
	}
	if o.isSecure() {
		config.Certificate, config.LocalKey = o.Identity.Certificate, o.Identity.Key
		config.RemoteCertificate = o.Endpoint.ServerCertificate
		config.Thumbprint = uapolicy.Thumbprint(o.Endpoint.ServerCertificate)
	}
	c := &Channel{}
	err := c.dial(ctx, l.dialer(o.Timeout, o.largest()), o)
	if err == nil {
		c.secure, err = uasc.NewSecureChannel(o.Address, c.conn, config, make(chan error, 1))
	}
	if err == nil {
		err = c.secure.Open(ctx)
	}
	if err != nil {
		err = c.Explain(err)
		c.Close()
		return nil, err
	}
	return c, nil
}

// Endpoints asks the server at address for its endpoints, in the clear, within
// timeout for the connection and for the answer. gopcua's own call goes on with
// whatever sizes of buffers the server says.
func Endpoints(ctx context.Context, l *Link, address string, timeout time.Duration) ([]*ua.EndpointDescription, error) {
	c, err := open(ctx, l, Options{
		Address:  address,
		Endpoint: &ua.EndpointDescription{SecurityPolicyURI: ua.SecurityPolicyURINone, SecurityMode: ua.MessageSecurityModeNone},
		Lifetime: time.Hour,
		Timeout:  timeout,
	}, timeout)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var list []*ua.EndpointDescription
	err = c.secure.SendRequest(ctx, &ua.GetEndpointsRequest{EndpointURL: address}, nil, func(r ua.Response) error {
		resp, ok := r.(*ua.GetEndpointsResponse)
		if !ok {
			return fmt.Errorf("response: got %T, want %T", r, resp)
		}
		list = resp.Endpoints
		return nil
	})
	return list, err
}

// Send sends one request in the session with that token, nil for none, and has
// take look at its response. It waits for that until ctx is done.
//
// gopcua numbers a message and looks at the context then. One that is given up
// in between leaves a gap in the numbers, or half a message, and strict servers
// hang up for that. So gopcua hears of the end a little later.
func (c *Channel) Send(ctx context.Context, req ua.Request, token *ua.NodeID, take func(ua.Response) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(writeTime, cancel) })
	defer stop()
	err := c.secure.SendRequestWithTimeout(late, req, token, requestTimeout, take)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = ctx.Err()
	}
	return err
}

// Explain adds to the error that ended the channel why the guard cut it, if
// it did.
func (c *Channel) Explain(err error) error {
	if err == nil || c.guard == nil || c.guard.refusal() == nil {
		return err
	}
	return fmt.Errorf("%w: %w", c.guard.refusal(), err)
}

// dial connects, with a guard between when the channel is to be secure.
func (c *Channel) dial(ctx context.Context, d *uacp.Dialer, o Options) error {
	if !o.isSecure() {
		conn, err := d.Dial(ctx, o.Address)
		if c.conn = conn; err != nil {
			return err
		}
		return c.takeOver(conn, o.largest())
	}
	_, u, err := uacp.ResolveEndpoint(ctx, o.Address)
	if err != nil {
		return err
	}
	tcp, err := d.Dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return err
	}
	if c.guard, err = newGuard(ctx, tcp.(*net.TCPConn), o.Endpoint); err != nil {
		tcp.Close()
		return fmt.Errorf("guard the connection: %w", err)
	}
	if c.conn, err = uacp.NewConn(c.guard.near, d.ClientACK); err != nil {
		return err
	}
	if err := c.conn.Handshake(ctx, o.Address); err != nil {
		return err
	}
	return c.takeOver(c.conn, o.largest())
}

// Close ends the channel, in good order if it is open. There is nobody left
// to tell of errors. It must be called once only.
func (c *Channel) Close() {
	if c.secure != nil {
		_ = c.secure.Close()
	}
	if c.conn != nil {
		_ = c.conn.Close()
	}
	if c.guard != nil {
		c.guard.close()
	}
}
