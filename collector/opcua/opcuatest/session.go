package opcuatest

import (
	"crypto/rand"
	"slices"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"
)

// A session is what CreateSession made; it outlives its connection. Server.mu
// guards it.
type session struct {
	id         uint32
	token      *ua.NodeID
	nonce      []byte
	clientCert []byte
	active     bool
	publish    []pending // publish requests that wait for something to say
	registered map[uint32]*ua.NodeID
}

// getEndpoints lists the endpoints under the URL that the client used, as a
// server behind address translation must.
func (s *Server) getEndpoints(r *ua.GetEndpointsRequest) ua.Response {
	list := s.endpoints(r.EndpointURL)
	if s.opts.Discovered != nil {
		list = s.opts.Discovered(list)
	}
	return &ua.GetEndpointsResponse{ResponseHeader: ok(r), Endpoints: list}
}

func (s *Server) findServers(r *ua.FindServersRequest) ua.Response {
	return &ua.FindServersResponse{ResponseHeader: ok(r), Servers: []*ua.ApplicationDescription{s.application(r.EndpointURL)}}
}

func (s *Server) application(url string) *ua.ApplicationDescription {
	return &ua.ApplicationDescription{
		ApplicationURI:  s.opts.URI,
		ProductURI:      "urn:andon:opcuatest",
		ApplicationName: localized("andon plant simulation"),
		ApplicationType: ua.ApplicationTypeServer,
		DiscoveryURLs:   []string{url},
	}
}

func (s *Server) endpoints(url string) []*ua.EndpointDescription {
	var list []*ua.EndpointDescription
	add := func(policy string, mode ua.MessageSecurityMode) {
		list = append(list, &ua.EndpointDescription{
			EndpointURL:         url,
			Server:              s.application(url),
			ServerCertificate:   s.opts.Certificate,
			SecurityMode:        mode,
			SecurityPolicyURI:   policy,
			UserIdentityTokens:  s.tokenPolicies(),
			TransportProfileURI: "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary",
			SecurityLevel:       uapolicy.SecurityLevel(policy, mode),
		})
	}
	if s.opts.Insecure {
		add(ua.SecurityPolicyURINone, ua.MessageSecurityModeNone)
	}
	if s.opts.Certificate != nil {
		for _, p := range s.opts.Policies {
			add(ua.FormatSecurityPolicyURI(p), ua.MessageSecurityModeSign)
			add(ua.FormatSecurityPolicyURI(p), ua.MessageSecurityModeSignAndEncrypt)
		}
	}
	return list
}

func (c *conn) createSession(r *ua.CreateSessionRequest) (ua.Response, ua.StatusCode) {
	s := c.server
	offered := s.endpoints(r.EndpointURL)
	if !slices.ContainsFunc(offered, func(e *ua.EndpointDescription) bool {
		return e.SecurityPolicyURI == c.config.SecurityPolicyURI && e.SecurityMode == c.config.SecurityMode
	}) {
		return nil, ua.StatusBadSecurityModeRejected
	}
	certificate := s.opts.Certificate
	if s.opts.Created != nil {
		offered, certificate = s.opts.Created(offered, certificate)
	}
	signature, algorithm, err := c.channel.NewSessionSignature(r.ClientCertificate, r.ClientNonce)
	if err != nil {
		return nil, ua.StatusBadSecurityChecksFailed
	}
	if s.opts.Signed != nil {
		signature = s.opts.Signed(signature)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	x := &session{id: s.nextID, token: ua.NewByteStringNodeID(0, nonce()), nonce: nonce(), clientCert: r.ClientCertificate, registered: map[uint32]*ua.NodeID{}}
	s.sessions[x.token.String()] = x
	s.counts.SessionsCreated++
	return &ua.CreateSessionResponse{
		ResponseHeader:        ok(r),
		SessionID:             ua.NewNumericNodeID(1, x.id),
		AuthenticationToken:   x.token,
		RevisedSessionTimeout: r.RequestedSessionTimeout,
		ServerNonce:           x.nonce,
		ServerCertificate:     certificate,
		ServerEndpoints:       offered,
		ServerSignature:       &ua.SignatureData{Algorithm: algorithm, Signature: signature},
	}, ua.StatusOK
}

func nonce() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}

func (c *conn) activateSession(r *ua.ActivateSessionRequest) (ua.Response, ua.StatusCode) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.sessions[r.RequestHeader.AuthenticationToken.String()]
	if x == nil {
		return nil, ua.StatusBadSessionIDInvalid
	}
	if err := c.channel.VerifySessionSignature(x.clientCert, x.nonce, r.ClientSignature.Signature); err != nil {
		return nil, ua.StatusBadSecurityChecksFailed
	}
	if status := c.logIn(x, r); status != ua.StatusOK {
		return nil, status
	}
	x.active, x.nonce = true, nonce()
	return &ua.ActivateSessionResponse{ResponseHeader: ok(r), ServerNonce: x.nonce}, ua.StatusOK
}

// session finds the active session that a request belongs to.
func (s *Server) session(req ua.Request) (*session, ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.sessions[req.Header().AuthenticationToken.String()]
	switch {
	case x == nil:
		return nil, ua.StatusBadSessionIDInvalid
	case x.active:
		return x, ua.StatusOK
	}
	if _, closes := req.(*ua.CloseSessionRequest); closes {
		return x, ua.StatusOK
	}
	return nil, ua.StatusBadSessionNotActivated
}

func (s *Server) closeSession(x *session, r *ua.CloseSessionRequest) ua.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.DeleteSubscriptions {
		delete(s.sessions, x.token.String())
		x.publish = nil
		return &ua.CloseSessionResponse{ResponseHeader: ok(r)}
	}
	s.closeSessionLocked(x)
	return &ua.CloseSessionResponse{ResponseHeader: ok(r)}
}

// closeSessionLocked forgets x and its subscriptions.
func (s *Server) closeSessionLocked(x *session) {
	delete(s.sessions, x.token.String())
	for id, sub := range s.subs {
		if sub.session == x {
			s.deleteSubscriptionLocked(id)
		}
	}
}

func localized(text string) *ua.LocalizedText {
	return &ua.LocalizedText{EncodingMask: ua.LocalizedTextText, Text: text}
}
