package opcua

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uapolicy"
	"github.com/gopcua/opcua/uasc"
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
		config.Certificate, config.LocalKey = in.identity.certificate, in.identity.key
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
		c.conn = conn
		return err
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
	return c.conn.Handshake(ctx, in.address)
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
