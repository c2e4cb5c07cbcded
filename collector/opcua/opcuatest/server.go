// Package opcuatest is a small OPC UA server for tests and simulated plants.
//
// It speaks OPC UA through gopcua's channel packages and brings its own
// services: sessions with users, an address space of variables in the
// namespace urn:northfield:plant (index 2), Browse, Read, and subscriptions
// with real queues, acknowledgements and Republish. Values carry the status
// and the time stamps they were set with. A test may cut connections, freeze
// the link, inject faults and count what clients do.
//
// A Server is safe for concurrent use. All requests of one connection are
// handled in their order.
package opcuatest

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
)

// Namespace is the URI of the namespace that Add uses, index 2.
const Namespace = "urn:northfield:plant"

// Options says what a Server offers. The zero Options make a server on a free
// local port that offers nothing but policy None and anonymous users.
type Options struct {
	// Listen is the TCP address, 127.0.0.1:0 when empty.
	Listen string
	// URI is the application URI, urn:northfield:opcuatest when empty.
	URI string
	// Insecure offers security policy None; implied without a certificate.
	Insecure bool
	// Certificate is DER; with Key it makes the server offer Policies in the
	// modes Sign and SignAndEncrypt.
	Certificate []byte
	Key         *rsa.PrivateKey
	// Policies are names of security policies, all of them when nil.
	Policies []string
	// TokenPolicy is the security policy of users' tokens, that of the channel
	// when empty. Without a certificate it is None.
	TokenPolicy string
	// RefuseClients hangs up on every client that brings a certificate, as
	// servers do that do not trust it.
	RefuseClients bool
	// Users maps names to passwords; nil admits none.
	Users map[string]string
	// UserCertificates are the certificates, DER, of users who may log in
	// with them.
	UserCertificates [][]byte
	// Anonymous admits anonymous users next to the others.
	Anonymous bool
	// Discovered changes what GetEndpoints tells, and Created what
	// CreateSession does, as somebody between client and server would, or a
	// server with a second certificate.
	Discovered func([]*ua.EndpointDescription) []*ua.EndpointDescription
	Created    func([]*ua.EndpointDescription, []byte) ([]*ua.EndpointDescription, []byte)
	// Signed changes the signature in the answer to CreateSession, nil leaves it:
	// it is what somebody says who has the server's certificate and not its key.
	Signed func([]byte) []byte
	// Limits are enforced; what a limit of 0 leaves open is unlimited.
	Limits Limits
	// Reported are the limits that clients read, for servers that say one
	// thing and enforce another; those of Limits when zero.
	Reported Limits
	// Namespaces are the URIs after index 1, Namespace alone when nil. What Add
	// makes is where Namespace stands among them.
	Namespaces []string
	// Clock is the server's time in publish responses, the right one when nil,
	// and Published what it says for the time at which it published.
	Clock, Published func() time.Time
	// HangsUp closes connections on which a message of too many Notifications
	// would go, instead of refusing the request that it answers.
	HangsUp bool
	// CountsKeepAlives gives keep-alives numbers of their own, against the
	// standard, by which they show the number of the next message.
	CountsKeepAlives bool
}

// Limits are the OperationLimits of OPC 10000-5, 6.3.11.
type Limits struct {
	Read           uint32 // MaxNodesPerRead
	MonitoredItems uint32 // MaxMonitoredItemsPerCall
	HistoryNodes   uint32 // MaxNodesPerHistoryReadData
	Register       uint32 // MaxNodesPerRegisterNodes
	ArrayLength    uint32 // MaxArrayLength, which is only reported
	Publish        uint32 // publish requests that may wait in a session; reported by no node
	Notifications  uint32 // in one message, however many a client admits; reported by no node
}

// A Server is one OPC UA server.
type Server struct {
	opts       Options
	started    time.Time
	listener   net.Listener
	space      *space
	namespaces []string

	wg sync.WaitGroup // the accept loop, connections and subscriptions

	mu        sync.Mutex // guards all below
	closed    bool
	frozen    bool
	mute      bool
	conns     map[*conn]struct{}
	nextConn  uint32
	sessions  map[string]*session // by authentication token
	subs      map[uint32]*subscription
	nextID    uint32 // of sessions, subscriptions and items
	intercept func(ua.Request) ua.StatusCode
	dropNext  int
	loseNext  int
	// The next messages to send again, and after how many others.
	repeatNext  int
	repeatAfter uint32
	level       byte // the service level
	counts      Counts
	events      events
}

// Counts says what clients did since the server started.
type Counts struct {
	Connections     int // TCP connections accepted
	SessionsCreated int
	SessionsActive  int // not yet closed
	Subscriptions   int // not yet deleted
	MonitoredItems  int // not yet deleted
	Acknowledged    int // notifications acknowledged
	PublishRequests int // received
	PublishWaiting  int // received and not yet answered
	Republished     int
	Repeated        int // messages sent a second time
	Transferred     int // subscriptions taken over by another session
	Faults          int // requests answered with a ServiceFault
	LargestCreate   int // most items in one CreateMonitoredItems
	LargestRead     int // most nodes in one Read

	HistoryReads       int // calls answered
	LargestHistoryRead int // most nodes in one of them
	Continuations      int // continuation points not yet used or released
	Registered         int // nodes that got another id
	ReadRegistered     int // nodes that were read by that
}

// New starts a server. Close must be called.
func New(o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.URI == "" {
		o.URI = "urn:northfield:opcuatest"
	}
	if o.Certificate == nil {
		o.Insecure = true
	}
	if o.Policies == nil {
		o.Policies = Policies()
	}
	if o.Reported == (Limits{}) {
		o.Reported = o.Limits
	}
	if o.Namespaces == nil {
		o.Namespaces = []string{Namespace}
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{
		opts:       o,
		started:    time.Now().UTC(),
		listener:   l,
		space:      newSpace(uint16(2 + max(0, slices.Index(o.Namespaces, Namespace)))),
		namespaces: append([]string{"http://opcfoundation.org/UA/", o.URI}, o.Namespaces...),
		conns:      map[*conn]struct{}{},
		sessions:   map[string]*session{},
		subs:       map[uint32]*subscription{},
		level:      255,
	}
	s.wg.Go(s.accept)
	return s, nil
}

// Start starts a server that is closed when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatalf("start an OPC UA server: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// URL returns the endpoint, opc.tcp://host:port.
func (s *Server) URL() string { return "opc.tcp://" + s.listener.Addr().String() }

// Addr returns the TCP address, for a successor on the same port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends all connections, sessions and subscriptions and waits for their
// goroutines.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for _, sub := range s.subs {
		sub.stopLocked()
	}
	s.mu.Unlock()
	s.listener.Close()
	s.Cut()
	s.wg.Wait()
}

// Cut closes all TCP connections. Sessions and subscriptions stay, and new
// connections are accepted.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.tcp.Close()
	}
}

// DropSessions forgets all sessions and subscriptions, as a restarted server
// has, while connections stay.
func (s *Server) DropSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		s.closeSessionLocked(x)
	}
}

// Freeze makes the server swallow all requests and hold back all responses,
// like a link whose other end has gone without a word. What was swallowed is
// never answered.
func (s *Server) Freeze(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = on
}

// Intercept calls f before every request is handled; a status other than OK
// answers it with a ServiceFault. f must be quick and safe for concurrent use;
// nil ends it.
func (s *Server) Intercept(f func(ua.Request) ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// Counts returns what clients did so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.SessionsActive, c.Subscriptions = len(s.sessions), len(s.subs)
	for _, x := range s.sessions {
		c.PublishWaiting += len(x.publish)
	}
	for _, sub := range s.subs {
		c.MonitoredItems += len(sub.items)
	}
	return c
}

// accept takes connections until the listener is closed.
func (s *Server) accept() {
	for {
		tcp, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		s.serve(tcp.(*net.TCPConn))
	}
}

func (s *Server) serve(tcp *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		tcp.Close()
		return
	}
	s.counts.Connections++
	s.nextConn++
	c := &conn{server: s, tcp: tcp, id: s.nextConn}
	s.conns[c] = struct{}{}
	s.wg.Go(c.run)
}
