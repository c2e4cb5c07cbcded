package opcua

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/login"
	"andon/collector/opcua/pki"
)

// A ticket is what it takes to go on with a session over another channel (OPC
// 10000-4, 5.7.3). Its subscriptions stay with it, so that nothing is lost at
// servers that transfer none.
type ticket struct {
	address string
	made    *ua.CreateSessionResponse // with the nonce of the last activation
}

// errStale ends a subscription of which nobody knows what it told last.
var errStale = errors.New("what the connection lost is not to be had again")

// activated notes what the next activation needs.
func (x *session) activated(made *ua.CreateSessionResponse, resp *ua.ActivateSessionResponse) {
	next := *made
	next.ServerNonce = resp.ServerNonce
	x.made = &next
}

// ticketFor returns what a later connection needs to go on with x, which err
// ended; nil when the session itself is gone.
func (x *session) ticketFor(err error) *ticket {
	for _, gone := range []ua.StatusCode{ua.StatusBadSessionIDInvalid, ua.StatusBadSessionClosed, ua.StatusBadSessionNotActivated} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	if x.made == nil {
		return nil
	}
	return &ticket{x.address, x.made}
}

// reactivate goes on with the session whose connection was lost, if there is
// one at this server and it transfers no subscriptions: one that does also sends
// the present values. It reports whether that is the session now. There is one
// try, for servers may hang up on it.
func (x *session) reactivate(ctx context.Context, in login.Login) (bool, error) {
	s := x.source
	t := s.ticket
	if t == nil || !s.rigid || t.address != x.address || in.IsSecure() && !pki.SameLeaf(t.made.ServerCertificate, in.Endpoint.ServerCertificate) {
		return false, nil
	}
	s.ticket = nil
	if in.IsSecure() {
		if err := in.VerifyOffer(t.made.ServerEndpoints); err != nil {
			return false, fmt.Errorf("activate session again: %w", err)
		}
	}
	req, err := in.Activation(t.made)
	if err != nil {
		return false, fmt.Errorf("activate session again: %w", err)
	}
	x.token = t.made.AuthenticationToken
	resp, err := call[*ua.ActivateSessionResponse](ctx, x, req)
	switch {
	case isFault(err) && !disconnected(err):
		x.token = nil
		return false, nil // it is gone, or may not go on; a new one may do
	case err != nil:
		if !errors.Is(ctx.Err(), context.Canceled) {
			x.token = nil // else it is closed
		}
		return false, fmt.Errorf("activate session again: %w", err)
	}
	x.activated(t.made, resp)
	x.borrowed = true
	s.metrics.reactivated.Inc()
	return true, nil
}

// goOn goes on with the subscriptions of a session that was activated again.
// What the server sent on the lost connection is missing, and asked for again.
func (s *Source) goOn(p *publishing) {
	for _, r := range s.subscribers {
		old := r.leaves()
		if old == nil || old.session == nil || old.session.token == nil || old.session.token != p.session.token {
			continue
		}
		p.acks.add(old.requests.acks.take()...)
		sub := r.resume(p, old, nil)
		sub.continued = true
		if old.taken == 0 {
			sub.sequence = newSequence()
		}
		r.leave(sub)
	}
}

// learnTransfer asks a server, once, whether it transfers subscriptions, by
// one that there is not.
func (s *Source) learnTransfer(ctx context.Context, x *session) {
	if s.config.KeepFor == 0 || s.rigid || s.probed == x.address {
		return
	}
	_, err := call[*ua.TransferSubscriptionsResponse](ctx, x, &ua.TransferSubscriptionsRequest{SubscriptionIDs: []uint32{0}})
	for _, never := range []ua.StatusCode{ua.StatusBadServiceUnsupported, ua.StatusBadNotImplemented, ua.StatusBadNotSupported} {
		s.rigid = s.rigid || errors.Is(err, never)
	}
	if err == nil || s.rigid {
		s.probed = x.address
	}
}

// forget has the server delete a subscription that it still has.
func (sub *subscription) forget(ctx context.Context) {
	// An error is of no use to anybody: nothing answers for it any more.
	_, _ = call[*ua.DeleteSubscriptionsResponse](ctx, sub.session, &ua.DeleteSubscriptionsRequest{SubscriptionIDs: []uint32{sub.id}})
}
