package opcua

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"

	"andon/collector"
	"andon/collector/opcua/channel"
	"andon/collector/opcua/login"
	"andon/collector/opcua/structure"
	"andon/collector/opcua/wire"
)

const (
	// sessionTimeout is how long a server keeps the session of an andon that
	// vanished; short, because servers admit few.
	sessionTimeout = time.Minute
	// channelLifetime is after how long the keys of a channel are renewed.
	channelLifetime = time.Hour
	// politeTime is what a server gets to close a session in order.
	politeTime = 400 * time.Millisecond
	// closeTime is when a session that does not close is cut.
	closeTime = 700 * time.Millisecond
)

// A session is one session with the server on a connection of its own.
type session struct {
	source  *Source
	address string  // the server's URL
	limits  *limits // of the server
	link    *channel.Link
	channel *channel.Channel // nil until it is open
	opened  atomic.Bool      // channel is
	token   *ua.NodeID       // authenticates requests, nil until the session is made
	// made is how the session was made, for a later channel to go on with it.
	made *ua.CreateSessionResponse
	// borrowed says that the session was made over another channel and that
	// nobody has taken over its subscriptions yet.
	borrowed bool
	// expiring are the certificates that the session depends on.
	expiring []expiring
	// started is when the server started, zero when it does not say.
	started time.Time
	// longest is how long the server says that arrays are at most, 0 when it
	// does not say.
	longest uint32
	// told says that a message came.
	told atomic.Bool
	// filled says that one came that was as large as messages may be.
	filled atomic.Bool
	// keep says that closing leaves the subscription to a later session.
	keep bool
	// remodelled is told when the server says that its nodes changed.
	remodelled chan struct{}

	mu         sync.Mutex // guards namespaces
	namespaces []string

	learning sync.Mutex      // guards types, and is held while some are looked up
	types    structure.Types // all that were learned
}

// connectTo makes a session with a server: at most one per call, whatever
// fails. first is what it begins with.
func (s *Source) connectTo(ctx context.Context, address string, first func(*session, context.Context) error) (*session, error) {
	wire.Register()
	x := &session{source: s, address: address, limits: s.servers.limitsOf(address), link: &channel.Link{}, remodelled: make(chan struct{}, 1)}
	stopped := ctx // is done when andon stops
	limit := 2 * s.config.RequestTimeout
	if d, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(d).Round(time.Millisecond))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	release := context.AfterFunc(ctx, x.abort)
	err := collector.Contain(func() error {
		if err := x.open(ctx); err != nil {
			return err
		}
		return first(x, ctx)
	})
	if !release() {
		err = fmt.Errorf("connect to %s within %v: %w", address, limit, errors.Join(ctx.Err(), err))
	}
	if err != nil {
		if errors.Is(stopped.Err(), context.Canceled) {
			x.borrowed = false // nobody comes for what it has
		}
		x.close()
		return nil, err
	}
	return x, nil
}

// abort ends the making of a session. gopcua's handshake heeds no context, so
// its socket is ended. What comes after it does, and may need the socket to close
// the session.
func (x *session) abort() {
	if x.opened.Load() {
		time.AfterFunc(closeTime, x.link.Shutdown)
	} else {
		x.link.Shutdown()
	}
}

func (x *session) open(ctx context.Context) error {
	s := x.source
	in, err := s.prepare(ctx, x.link, x.address)
	if err != nil {
		return err
	}
	x.expiring = expiringOf(in)
	if x.channel, err = channel.Open(ctx, x.link, s.channelOptions(in)); err != nil {
		return hint(in, fmt.Errorf("open secure channel to %s: %w", in.Address, err))
	}
	x.opened.Store(true)
	return x.channel.Explain(hint(in, x.logIn(ctx, in)))
}

// hint explains what servers tend to do without a word: they hang up on a
// client whose certificate they do not trust.
func hint(in login.Login, err error) error {
	if err == nil || in.Identity.Key == nil || !disconnected(err) && !errors.Is(err, ua.StatusBadSecurityChecksFailed) {
		return err
	}
	if now := time.Now(); now.After(in.Identity.Expires) {
		return fmt.Errorf("%w (andon's certificate expired on %s: make a new one)", err, in.Identity.Expires.UTC().Format(time.DateOnly))
	}
	return fmt.Errorf("%w (does the server trust andon's certificate, SHA-256 %x?)", err, sha256.Sum256(in.Identity.Certificate))
}

// close ends the subscription and the session in good order if the server
// answers soon, and the connection in any case, within closeTime.
func (x *session) close() {
	cut := time.AfterFunc(closeTime, x.link.Shutdown)
	defer cut.Stop()
	defer x.link.Shutdown()
	if x.channel == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), politeTime)
	defer cancel()
	// There is nobody left to tell of errors: what is not closed here the
	// server closes by its timeouts.
	if x.borrowed {
		x.source.ticket = &ticket{x.address, x.made} // for another try
	} else if x.token != nil {
		_, _ = send[*ua.CloseSessionResponse](ctx, x, &ua.CloseSessionRequest{DeleteSubscriptions: !x.keep})
	}
	cancel()
	x.channel.Close()
}

// learn reads what a session must know of its server: its namespaces, its
// limits and since when its ids count.
func (x *session) learn(ctx context.Context) error {
	nodes := []*ua.NodeID{
		ua.NewNumericNodeID(0, id.Server_NamespaceArray),
		ua.NewNumericNodeID(0, id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead),
		ua.NewNumericNodeID(0, id.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall),
		ua.NewNumericNodeID(0, id.Server_ServerStatus_StartTime),
		ua.NewNumericNodeID(0, id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRegisterNodes),
		ua.NewNumericNodeID(0, id.Server_ServerCapabilities_MaxArrayLength),
	}
	values, err := x.read(ctx, nodes)
	if err != nil {
		return fmt.Errorf("read server limits: %w", err)
	}
	number := func(v *ua.DataValue) uint32 {
		n, err := wire.Scalar(v.Value)
		i, ok := n.Int()
		if err != nil || !ok || i < 0 || i > 1<<31 {
			return 0
		}
		return uint32(i)
	}
	x.setNamespaces(values[0])
	if v := values[3].Value; v != nil {
		x.started, _ = v.Value().(time.Time)
	}
	x.longest = number(values[5])
	x.limits.note(number(values[1]), number(values[2]), number(values[4]))
	return nil
}

// setNamespaces takes over a namespace array; a server without one can only
// be addressed by index.
func (x *session) setNamespaces(v *ua.DataValue) {
	if v.Value == nil {
		return
	}
	list, _ := v.Value.Value().([]string)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.namespaces = list
}

// learnNamespaces reads the namespace array again: a server that still starts
// may know more namespaces than before.
func (x *session) learnNamespaces(ctx context.Context) {
	values, err := x.read(ctx, []*ua.NodeID{ua.NewNumericNodeID(0, id.Server_NamespaceArray)})
	if err == nil {
		x.setNamespaces(values[0])
	}
}

// node returns the node id of a point in this session.
func (x *session) node(p *point) (*ua.NodeID, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return p.address.Resolve(x.namespaces)
}

// call sends one request and waits for its response within the request
// timeout. A fault concerns this request only.
func call[T ua.Response](ctx context.Context, x *session, req ua.Request) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, x.source.config.RequestTimeout)
	defer cancel()
	resp, err := send[T](ctx, x, req)
	if err != nil {
		x.source.metrics.fault(serviceName(req))
	}
	return resp, err
}

// serviceName labels the metric of faults.
func serviceName(req ua.Request) string {
	switch req.(type) {
	case *ua.ReadRequest:
		return "Read"
	case *ua.HistoryReadRequest:
		return "HistoryRead"
	case *ua.PublishRequest:
		return "Publish"
	case *ua.RepublishRequest:
		return "Republish"
	case *ua.CreateSubscriptionRequest:
		return "CreateSubscription"
	case *ua.CreateMonitoredItemsRequest:
		return "CreateMonitoredItems"
	case *ua.DeleteMonitoredItemsRequest:
		return "DeleteMonitoredItems"
	case *ua.BrowseRequest, *ua.BrowseNextRequest:
		return "Browse"
	case *ua.RegisterNodesRequest, *ua.UnregisterNodesRequest:
		return "RegisterNodes"
	case *ua.CallRequest:
		return "Call"
	}
	return "other"
}

// fatal reports whether an error of one request means that the session or its
// channel is gone. The end of the subscription comes by its publishers, behind
// what the server sent before.
func fatal(err error) bool {
	for _, s := range []ua.StatusCode{
		ua.StatusBadSessionIDInvalid, ua.StatusBadSessionClosed, ua.StatusBadSessionNotActivated,
		ua.StatusBadSecureChannelIDInvalid, ua.StatusBadSecureChannelClosed, ua.StatusBadSecureChannelTokenUnknown,
		ua.StatusBadConnectionClosed, ua.StatusBadServerNotConnected, ua.StatusBadServerHalted, ua.StatusBadShutdown,
	} {
		if errors.Is(err, s) {
			return true
		}
	}
	return disconnected(err)
}

// disconnected reports whether the connection is gone.
func disconnected(err error) bool {
	var op *net.OpError
	var tcp *uacp.Error
	return errors.Is(err, io.EOF) || errors.As(err, &op) || errors.As(err, &tcp)
}

// cutOff reports whether the connection was lost during a call that ended with
// err. Another call may have heard of it first and ended ctx, and this one with
// it.
func cutOff(ctx context.Context, err error) bool {
	return disconnected(err) || err != nil && ctx.Err() != nil && disconnected(context.Cause(ctx))
}
