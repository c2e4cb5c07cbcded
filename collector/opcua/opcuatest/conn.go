package opcuatest

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uasc"
)

// A conn is one TCP connection with its secure channel.
type conn struct {
	server  *Server
	tcp     *net.TCPConn
	id      uint32
	channel *uasc.SecureChannel
	config  *uasc.Config // changed by the channel when the client opens it
	sending sync.Mutex   // held while a response is sent, and while keys are renewed
}

// handshakeLimit bounds how long a client may take to say hello.
const handshakeLimit = 10 * time.Second

// tokenBase keeps token ids apart from channel ids: gopcua's client mixes them
// up when an old token expires, and its server channel keeps one token for
// ever.
const tokenBase = 1 << 30

// run serves the connection until it ends.
func (c *conn) run() {
	defer c.leave()
	link, err := c.handshake()
	if err != nil {
		return
	}
	o := c.server.opts
	c.config = &uasc.Config{
		SecurityPolicyURI: ua.SecurityPolicyURINone,
		SecurityMode:      ua.MessageSecurityModeNone,
		Lifetime:          uint32(time.Hour / time.Millisecond),
		Certificate:       o.Certificate,
		LocalKey:          o.Key,
	}
	c.channel, err = uasc.NewServerSecureChannel("", link, c.config, make(chan error, 1), c.id, 1, tokenBase+c.id)
	if err != nil {
		return
	}
	for {
		msg := c.receive()
		switch req := msg.Request(); {
		case msg.Err != nil && msg.RequestID == 0:
			return
		case msg.Err != nil:
			c.send(msg.RequestID, &ua.ServiceFault{ResponseHeader: header(0, ua.StatusBadServiceUnsupported)})
		case req != nil:
			c.handle(msg.RequestID, req)
		case c.server.opts.RefuseClients && c.config.RemoteCertificate != nil:
			return
		}
	}
}

// receive returns the next message. gopcua renews the keys of a channel in place,
// by way of those of its certificate: what is sent meanwhile no client can read.
func (c *conn) receive() *uasc.MessageBody {
	if opens(c.tcp) {
		c.sending.Lock()
		defer c.sending.Unlock()
	}
	return c.channel.Receive(context.Background())
}

func (c *conn) leave() {
	c.tcp.Close()
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	delete(c.server.conns, c)
	for _, x := range c.server.sessions {
		x.publish = slices.DeleteFunc(x.publish, func(p pending) bool { return p.conn == c })
	}
}

// handshake answers the Hello of OPC 10000-6, 7.1.2.
func (c *conn) handshake() (*uacp.Conn, error) {
	link, err := uacp.NewConn(c.tcp, uacp.DefaultServerACK)
	if err != nil {
		return nil, err
	}
	c.tcp.SetDeadline(time.Now().Add(handshakeLimit))
	b, err := link.Receive()
	if err != nil {
		return nil, err
	}
	if string(b[:4]) != "HELF" {
		return nil, errors.New("client did not say hello")
	}
	if err := link.Send("ACKF", uacp.DefaultServerACK); err != nil {
		return nil, err
	}
	return link, c.tcp.SetDeadline(time.Time{})
}

// handle answers one request; publish requests are answered later.
func (c *conn) handle(id uint32, req ua.Request) {
	s := c.server
	s.mu.Lock()
	frozen, intercept := s.frozen, s.intercept
	s.mu.Unlock()
	if frozen {
		return
	}
	status := ua.StatusOK
	if intercept != nil {
		status = intercept(req)
	}
	var resp ua.Response
	if status == ua.StatusOK {
		resp, status = c.dispatch(id, req)
	}
	if status != ua.StatusOK {
		s.mu.Lock()
		s.counts.Faults++
		s.mu.Unlock()
		resp = &ua.ServiceFault{ResponseHeader: header(req.Header().RequestHandle, status)}
	}
	if resp != nil {
		c.send(id, resp)
	}
}

// send writes one response; an error shows when the connection is read.
func (c *conn) send(id uint32, resp ua.Response) {
	c.server.mu.Lock()
	frozen := c.server.frozen
	c.server.mu.Unlock()
	if !frozen {
		c.sending.Lock()
		defer c.sending.Unlock()
		c.channel.SendResponseWithContext(context.Background(), id, resp)
	}
}

// dispatch routes a request to its service. A nil response with StatusOK
// means that the answer comes later.
func (c *conn) dispatch(id uint32, req ua.Request) (ua.Response, ua.StatusCode) {
	s := c.server
	switch r := req.(type) {
	case *ua.GetEndpointsRequest:
		return s.getEndpoints(r), ua.StatusOK
	case *ua.FindServersRequest:
		return s.findServers(r), ua.StatusOK
	case *ua.CreateSessionRequest:
		return c.createSession(r)
	case *ua.ActivateSessionRequest:
		return c.activateSession(r)
	}
	x, status := s.session(req)
	if status != ua.StatusOK {
		return nil, status
	}
	return c.dispatchIn(x, id, req)
}

// dispatchIn answers what is asked in a session.
func (c *conn) dispatchIn(x *session, id uint32, req ua.Request) (ua.Response, ua.StatusCode) {
	s := c.server
	switch r := req.(type) {
	case *ua.CloseSessionRequest:
		return s.closeSession(x, r), ua.StatusOK
	case *ua.ReadRequest:
		return s.read(x, r)
	case *ua.RegisterNodesRequest:
		return s.registerNodes(x, r)
	case *ua.UnregisterNodesRequest:
		return s.unregisterNodes(x, r), ua.StatusOK
	case *ua.HistoryReadRequest:
		return s.historyRead(r)
	case *ua.BrowseRequest:
		return s.browse(r), ua.StatusOK
	case *ua.CreateSubscriptionRequest:
		return s.createSubscription(x, r), ua.StatusOK
	case *ua.DeleteSubscriptionsRequest:
		return s.deleteSubscriptions(x, r), ua.StatusOK
	case *ua.CreateMonitoredItemsRequest:
		return s.createItems(x, r)
	case *ua.DeleteMonitoredItemsRequest:
		return s.deleteItems(x, r)
	case *ua.PublishRequest:
		return nil, s.publish(x, pending{conn: c, id: id, request: r})
	case *ua.RepublishRequest:
		return c.bounded(s.republish(x, r))
	case *ua.TransferSubscriptionsRequest:
		return s.transfer(x, r), ua.StatusOK
	case *ua.ModifySubscriptionRequest:
		return s.modifySubscription(x, r)
	case *ua.CallRequest:
		return s.call(x, r), ua.StatusOK
	}
	return nil, ua.StatusBadServiceUnsupported
}

func header(handle uint32, status ua.StatusCode) *ua.ResponseHeader {
	return &ua.ResponseHeader{
		Timestamp:          time.Now(),
		RequestHandle:      handle,
		ServiceResult:      status,
		ServiceDiagnostics: &ua.DiagnosticInfo{},
		StringTable:        []string{},
		AdditionalHeader:   ua.NewExtensionObject(nil),
	}
}

func ok(req ua.Request) *ua.ResponseHeader { return header(req.Header().RequestHandle, ua.StatusOK) }
