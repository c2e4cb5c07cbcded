package opcuatest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"strings"

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
}

// policyUsername and policyAnonymous name the user token policies.
const (
	policyUsername  = "username"
	policyAnonymous = "anonymous"
)

// getEndpoints lists the endpoints under the URL that the client used, as a
// server behind address translation must.
func (s *Server) getEndpoints(r *ua.GetEndpointsRequest) ua.Response {
	return &ua.GetEndpointsResponse{ResponseHeader: ok(r), Endpoints: s.endpoints(r.EndpointURL)}
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
		add(ua.SecurityPolicyURIBasic256Sha256, ua.MessageSecurityModeSign)
		add(ua.SecurityPolicyURIBasic256Sha256, ua.MessageSecurityModeSignAndEncrypt)
	}
	return list
}

func (s *Server) tokenPolicies() []*ua.UserTokenPolicy {
	var list []*ua.UserTokenPolicy
	if s.opts.Users == nil || s.opts.Anonymous {
		list = append(list, &ua.UserTokenPolicy{PolicyID: policyAnonymous, TokenType: ua.UserTokenTypeAnonymous})
	}
	if s.opts.Users != nil {
		p := &ua.UserTokenPolicy{PolicyID: policyUsername, TokenType: ua.UserTokenTypeUserName, SecurityPolicyURI: ua.SecurityPolicyURINone}
		if s.opts.Certificate != nil {
			p.SecurityPolicyURI = ua.SecurityPolicyURIBasic256Sha256
		}
		list = append(list, p)
	}
	return list
}

func (c *conn) createSession(r *ua.CreateSessionRequest) (ua.Response, ua.StatusCode) {
	s := c.server
	if c.config.SecurityMode == ua.MessageSecurityModeNone && !s.opts.Insecure {
		return nil, ua.StatusBadSecurityModeRejected
	}
	signature, algorithm, err := c.channel.NewSessionSignature(r.ClientCertificate, r.ClientNonce)
	if err != nil {
		return nil, ua.StatusBadSecurityChecksFailed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	x := &session{id: s.nextID, token: ua.NewByteStringNodeID(0, nonce()), nonce: nonce(), clientCert: r.ClientCertificate}
	s.sessions[x.token.String()] = x
	s.counts.SessionsCreated++
	return &ua.CreateSessionResponse{
		ResponseHeader:        ok(r),
		SessionID:             ua.NewNumericNodeID(1, x.id),
		AuthenticationToken:   x.token,
		RevisedSessionTimeout: r.RequestedSessionTimeout,
		ServerNonce:           x.nonce,
		ServerCertificate:     s.opts.Certificate,
		ServerEndpoints:       s.endpoints(r.EndpointURL),
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
	if status := s.logIn(x, r.UserIdentityToken); status != ua.StatusOK {
		return nil, status
	}
	x.active, x.nonce = true, nonce()
	return &ua.ActivateSessionResponse{ResponseHeader: ok(r), ServerNonce: x.nonce}, ua.StatusOK
}

// logIn checks a user identity token (OPC 10000-4, 7.40).
func (s *Server) logIn(x *session, token *ua.ExtensionObject) ua.StatusCode {
	switch t := token.Value.(type) {
	case *ua.AnonymousIdentityToken, nil:
		if s.opts.Users == nil || s.opts.Anonymous {
			return ua.StatusOK
		}
		return ua.StatusBadIdentityTokenRejected
	case *ua.UserNameIdentityToken:
		password, ok := s.password(x, t)
		want, known := s.opts.Users[t.UserName]
		if ok && known && want == password {
			return ua.StatusOK
		}
		return ua.StatusBadUserAccessDenied
	}
	return ua.StatusBadIdentityTokenInvalid
}

// password decrypts the legacy token secret of OPC 10000-4, 7.40.2.2: a
// length, the password and the server's nonce, in RSA-OAEP blocks.
func (s *Server) password(x *session, t *ua.UserNameIdentityToken) (string, bool) {
	if t.EncryptionAlgorithm == "" {
		return string(t.Password), s.opts.Certificate == nil
	}
	if s.opts.Key == nil || !strings.HasSuffix(t.EncryptionAlgorithm, "#rsa-oaep") {
		return "", false
	}
	var secret []byte
	for block := range chunks(t.Password, s.opts.Key.Size()) {
		plain, err := rsa.DecryptOAEP(sha1.New(), nil, s.opts.Key, block, nil)
		if err != nil {
			return "", false
		}
		secret = append(secret, plain...)
	}
	if len(secret) < 4 || int(binary.LittleEndian.Uint32(secret)) != len(secret)-4 {
		return "", false
	}
	password, ok := bytes.CutSuffix(secret[4:], x.nonce)
	return string(password), ok
}

// chunks yields b in pieces of n bytes.
func chunks(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			k := min(n, len(b))
			if !yield(b[:k]) {
				return
			}
			b = b[k:]
		}
	}
}

// session finds the active session that a request belongs to.
func (s *Server) session(req ua.Request) (*session, ua.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.sessions[req.Header().AuthenticationToken.String()]
	switch {
	case x == nil:
		return nil, ua.StatusBadSessionIDInvalid
	case !x.active:
		return nil, ua.StatusBadSessionNotActivated
	}
	return x, ua.StatusOK
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
