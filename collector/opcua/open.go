package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/opcua/address"
	"andon/collector/opcua/channel"
)

// A Client is a session with an OPC UA server for whoever asks about the
// server itself, such as the tools of the command line. It collects nothing
// and is safe for concurrent use.
type Client struct{ session *session }

// Open makes a session with the security and the user of o.Config, as a Source
// does, so that a server which a Source refuses is refused here too. Of o the
// tags and the handover are not used; Metrics may be nil. Close must be called.
func Open(ctx context.Context, o Options) (*Client, error) {
	return open(ctx, o, func(*Source) {})
}

func open(ctx context.Context, o Options, change func(*Source)) (*Client, error) {
	o.Tags, o.Handover = nil, ""
	if o.Metrics == nil {
		o.Metrics = NewMetrics(prometheus.NewRegistry())
	}
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	change(s)
	x, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &Client{x}, nil
}

// Close ends the session. It returns within a second whatever the server does.
func (c *Client) Close() { c.session.close() }

// Call sends one request and waits for its response within the request
// timeout. A fault is an error that wraps its ua.StatusCode and ends nothing
// but the call.
func (c *Client) Call(ctx context.Context, req ua.Request) (ua.Response, error) {
	return call[ua.Response](ctx, c.session, req)
}

// Read reads attributes of nodes, one result each, in as many calls as the
// server asks for.
func (c *Client) Read(ctx context.Context, nodes []*ua.ReadValueID) ([]*ua.DataValue, error) {
	list, err := c.session.readAll(ctx, nodes)
	if err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	values := make([]*ua.DataValue, len(list))
	for i := range list {
		values[i] = list[i].Decoded()
	}
	return values, nil
}

// Namespaces returns the server's namespace URIs by their index, as read when
// the session was made.
func (c *Client) Namespaces() []string {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	return c.session.namespaces
}

// Node returns the node id of a tag's address in this session.
func (c *Client) Node(text string) (*ua.NodeID, error) {
	a, err := address.Parse(text)
	if err != nil {
		return nil, err
	}
	return a.Resolve(c.Namespaces())
}

// Endpoints asks the server at c.Endpoint what it offers, without a session.
// Nothing of the answer is verified.
func Endpoints(ctx context.Context, c Config) ([]*ua.EndpointDescription, error) {
	l := &channel.Link{}
	defer l.Shutdown()
	ctx, cancel := context.WithTimeout(ctx, 2*c.RequestTimeout)
	defer cancel()
	// gopcua's handshake heeds no context, so the end of ctx ends its socket.
	release := context.AfterFunc(ctx, l.Shutdown)
	defer release()
	var list []*ua.EndpointDescription
	err := collector.Contain(func() (err error) {
		list, err = channel.Endpoints(ctx, l, c.Endpoint, c.RequestTimeout)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask %s for its endpoints: %w", c.Endpoint, errors.Join(ctx.Err(), err))
	}
	return list, nil
}

// CheckCertificate reports why a Source with configuration c would refuse the
// certificate of an endpoint at now; nil when it would not.
func CheckCertificate(c Config, e *ua.EndpointDescription, now time.Time) error {
	if c.Security.Trusted == "" {
		return errors.New("no trusted certificates are given to compare it with")
	}
	t, err := c.Security.trustList()
	if err != nil {
		return err
	}
	claim, err := claimOf(e, c.Endpoint)
	if err != nil {
		return err
	}
	return t.LookOnly().Verify(claim, now)
}
