// Package opcua is the plant's OPC UA server: gopcua's, with an address space
// of its own, subscriptions that queue every change, and a network in front
// of it that can be cut.
package opcua

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"andon/cmd/plantsim/internal/northfield"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"
)

// applicationURI names the server when it has no certificate that does.
const applicationURI = "urn:northfield:plantsim"

// flushTime bounds how long Flush waits for clients to fetch what was queued.
const flushTime = 5 * time.Second

// Options say where and how to serve.
type Options struct {
	Listen string // host:port; port 0 takes a free one
	Cert   string // PEM files; both or none
	Key    string
	Plant  []*northfield.Equipment
	// Now is the time of what is published: the plant's clock, which may run
	// faster than real time. Nil stands for real time.
	Now func() time.Time
}

// A Server serves the plant's nodes. Its methods may be called from one
// goroutine at a time.
type Server struct {
	srv    *server.Server
	engine *engine
	relay  *relay
	addr   net.Addr
	cancel context.CancelFunc
}

// Start listens and serves until Close. Before the first Write every signal
// has the status that the initial values say.
func Start(ctx context.Context, o Options, initial []Value) (*Server, error) {
	opts, err := security(o.Cert, o.Key)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	public, err := lc.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, errors.Join(err, public.Close())
	}
	opts = append(opts, server.EndPoint("127.0.0.1", port))
	for _, host := range hosts(public.Addr()) {
		opts = append(opts, server.EndPoint(host, public.Addr().(*net.TCPAddr).Port))
	}
	s := &Server{srv: server.New(opts...), addr: public.Addr()}
	space := newSpace(o.Plant)
	s.srv.AddNamespace(server.NewNameSpace(applicationURI)) // index 1 is the server's own
	s.srv.AddNamespace(space)
	for _, n := range space.roots {
		s.srv.Namespaces()[0].Objects().AddRef(space.Node(n.id), id.Organizes, true)
	}
	s.engine = newEngine(s.srv, space, o.Now)
	s.engine.write(initial)
	s.engine.register()
	s.srv.RegisterHandler(id.GetEndpointsRequest_Encoding_DefaultBinary, s.getEndpoints)
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	if err := s.srv.Start(run); err != nil {
		cancel()
		return nil, errors.Join(err, public.Close())
	}
	s.relay = newRelay(public, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	return s, nil
}

// security reads the certificate and returns the options for what the server
// accepts: None always, Basic256Sha256 with a certificate.
func security(cert, key string) ([]server.Option, error) {
	opts := []server.Option{
		server.ServerName("Northfield plant simulator"),
		server.ManufacturerName("andon"),
		server.ProductName("plantsim"),
		server.EnableSecurity("None", ua.MessageSecurityModeNone),
		server.EnableAuthMode(ua.UserTokenTypeAnonymous),
	}
	if cert == "" && key == "" {
		return opts, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate and key: %w", err)
	}
	private, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("key %s: want an RSA key", key)
	}
	return append(opts,
		server.Certificate(pair.Certificate[0]),
		server.PrivateKey(private),
		server.EnableSecurity("Basic256Sha256", ua.MessageSecurityModeSign),
		server.EnableSecurity("Basic256Sha256", ua.MessageSecurityModeSignAndEncrypt),
	), nil
}

// freePort finds a port for the server behind the relay.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// hosts returns the names under which addr can be reached.
func hosts(addr net.Addr) []string {
	tcp := addr.(*net.TCPAddr)
	if !tcp.IP.IsUnspecified() {
		return []string{tcp.IP.String()}
	}
	names := []string{"localhost", "127.0.0.1"}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	return names
}

// getEndpoints tells each client the server's endpoints under the address
// that the client itself used, which works through any network.
func (s *Server) getEndpoints(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.GetEndpointsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	resp := &ua.GetEndpointsResponse{ResponseHeader: header(req), Endpoints: []*ua.EndpointDescription{}}
	all := s.srv.Endpoints()
	for _, ep := range all {
		if ep.EndpointURL != all[0].EndpointURL {
			continue // the same again under another name
		}
		c, app := *ep, *ep.Server
		c.EndpointURL = s.URL()
		if req.EndpointURL != "" {
			c.EndpointURL = req.EndpointURL
		}
		app.DiscoveryURLs = []string{c.EndpointURL}
		if app.ApplicationURI == "" {
			app.ApplicationURI = applicationURI
		}
		c.Server = &app
		resp.Endpoints = append(resp.Endpoints, &c)
	}
	return resp, nil
}

// URL returns the endpoint's address.
func (s *Server) URL() string { return "opc.tcp://" + s.addr.String() }

// Write changes the values of nodes, all at one instant.
func (s *Server) Write(values []Value) { s.engine.write(values) }

// Subscribed returns a channel that is closed once a client monitors a node
// of the plant.
func (s *Server) Subscribed() <-chan struct{} { return s.engine.subscribed }

// Cut closes all connections and accepts none until Restore, as if the
// network or the server had failed. It flushes first.
func (s *Server) Cut(ctx context.Context) {
	s.Flush(ctx)
	s.relay.cut()
}

// Flush waits, for a while, until every value written has been sent and had
// time to pass the relay.
func (s *Server) Flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for calm := 0; calm < 2; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		calm++
		if !s.engine.idle() {
			calm = 0
		}
	}
}

// Restore accepts connections again.
func (s *Server) Restore(ctx context.Context) error { return s.relay.restore(ctx) }

// Close ends all connections and stops serving.
func (s *Server) Close() error {
	s.relay.cut()
	s.engine.close()
	err := s.srv.Close()
	s.cancel()
	if err != nil {
		return fmt.Errorf("close OPC UA server: %w", err)
	}
	return nil
}
