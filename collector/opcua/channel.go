package opcua

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uapolicy"
	"github.com/gopcua/opcua/uasc"
)

// The buffers that a server may have, in bytes: from what the newest standard
// asks of small ones (OPC 10000-6, 7.1.2.3) to more than andon offers.
const (
	smallestBuffer = 1 << 10
	largestBuffer  = 1 << 20
)

// A channel is gopcua's secure channel and the connection below it. It is
// opened without gopcua's client, which knows only its own kind of sessions.
type channel struct {
	conn   *uacp.Conn
	guard  *guard // nil without security
	secure *uasc.SecureChannel
}

// openChannel opens a channel exactly as in says.
func (s *Source) openChannel(ctx context.Context, l *link, in login) (*channel, error) {
	config := &uasc.Config{
		SecurityPolicyURI: in.endpoint.SecurityPolicyURI,
		SecurityMode:      in.endpoint.SecurityMode,
		Lifetime:          uint32(s.channelLifetime / time.Millisecond),
		RequestTimeout:    channelTimeout,
	}
	if in.isSecure() {
		config.Certificate, config.LocalKey = in.identity.Certificate, in.identity.Key
		config.RemoteCertificate = in.endpoint.ServerCertificate
		config.Thumbprint = uapolicy.Thumbprint(in.endpoint.ServerCertificate)
	}
	c := &channel{}
	err := c.dial(ctx, l.dialer(s.config.RequestTimeout), in)
	if err == nil {
		c.secure, err = uasc.NewSecureChannel(in.address, c.conn, config, make(chan error, 1))
	}
	if err == nil {
		err = c.secure.Open(ctx)
	}
	if err != nil {
		err = c.explain(err)
		c.close()
		return nil, err
	}
	return c, nil
}

// askEndpoints asks the server at address for its endpoints, in the clear.
// gopcua's own call goes on with whatever sizes of buffers the server says.
func askEndpoints(ctx context.Context, l *link, address string, timeout time.Duration) ([]*ua.EndpointDescription, error) {
	c := &channel{}
	defer c.close()
	in := login{address: address, endpoint: &ua.EndpointDescription{SecurityPolicyURI: ua.SecurityPolicyURINone, SecurityMode: ua.MessageSecurityModeNone}}
	if err := c.dial(ctx, l.dialer(timeout), in); err != nil {
		return nil, err
	}
	config := &uasc.Config{
		SecurityPolicyURI: in.endpoint.SecurityPolicyURI,
		SecurityMode:      in.endpoint.SecurityMode,
		Lifetime:          uint32(channelLifetime / time.Millisecond),
		RequestTimeout:    timeout,
	}
	var err error
	if c.secure, err = uasc.NewSecureChannel(address, c.conn, config, make(chan error, 1)); err != nil {
		return nil, err
	}
	if err := c.secure.Open(ctx); err != nil {
		return nil, err
	}
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

// checkBuffers refuses a server with buffers that gopcua must not make: it
// takes over what the server says, and a small one ends the whole process.
func checkBuffers(c *uacp.Conn) error {
	for _, size := range []uint32{c.ReceiveBufSize(), c.SendBufSize()} {
		if size < smallestBuffer || size > largestBuffer {
			return fmt.Errorf("the server has buffers of %d bytes, want %d to %d", size, smallestBuffer, largestBuffer)
		}
	}
	return nil
}

// explain adds to the error that ended the channel why the guard cut it, if
// it did.
func (c *channel) explain(err error) error {
	if err == nil || c.guard == nil || c.guard.refusal() == nil {
		return err
	}
	return fmt.Errorf("%w: %w", c.guard.refusal(), err)
}

// dial connects, with a guard between when the channel is to be secure.
func (c *channel) dial(ctx context.Context, d *uacp.Dialer, in login) error {
	if !in.isSecure() {
		conn, err := d.Dial(ctx, in.address)
		if c.conn = conn; err != nil {
			return err
		}
		return checkBuffers(conn)
	}
	_, u, err := uacp.ResolveEndpoint(ctx, in.address)
	if err != nil {
		return err
	}
	tcp, err := d.Dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return err
	}
	if c.guard, err = newGuard(ctx, tcp.(*net.TCPConn), in); err != nil {
		tcp.Close()
		return fmt.Errorf("guard the connection: %w", err)
	}
	if c.conn, err = uacp.NewConn(c.guard.near, d.ClientACK); err != nil {
		return err
	}
	if err := c.conn.Handshake(ctx, in.address); err != nil {
		return err
	}
	return checkBuffers(c.conn)
}

// close ends the channel, in good order if it is open. There is nobody left
// to tell of errors.
func (c *channel) close() {
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
