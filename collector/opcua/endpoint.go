package opcua

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"

	"andon/plant/setting"
)

// A login is what a session needs to know before it is made: the endpoint
// that fits the configuration, and the user.
type login struct {
	endpoint *ua.EndpointDescription
	token    *ua.UserTokenPolicy
	user     string
	password setting.Secret
	identity identity // zero with policy None
}

// prepare asks the server for its endpoints, picks the configured one and
// checks the server's certificate.
func (s *Source) prepare(ctx context.Context, l *link) (login, error) {
	var in login
	endpoints, err := opcua.GetEndpoints(ctx, s.config.Endpoint,
		opcua.Dialer(l.dialer(s.config.RequestTimeout)), opcua.RequestTimeout(s.config.RequestTimeout))
	if err != nil {
		return in, fmt.Errorf("ask %s for its endpoints: %w", s.config.Endpoint, err)
	}
	if in.endpoint, err = pickEndpoint(endpoints, s.config.Security); err != nil {
		return in, err
	}
	if in.password, err = setting.Read(s.config.Auth.Password, s.config.Auth.PasswordFile); err != nil {
		return in, err
	}
	in.user = s.config.Auth.Username
	if in.token, err = pickToken(in.endpoint, in.user != "", s.config.Security.Insecure); err != nil {
		return in, err
	}
	if s.config.Security.Policy == PolicyNone {
		return in, nil
	}
	return in, s.secure(&in)
}

// secure loads andon's own certificate and checks the server's.
func (s *Source) secure(in *login) error {
	now := time.Now()
	var err error
	if in.identity, err = loadIdentity(s.config.Security, s.stateDir, now); err != nil {
		return err
	}
	if in.identity.made {
		s.log.Info("own certificate is made, the server must trust it", "file", filepath.Join(s.stateDir, ownDER))
	}
	if in.identity.expires.Before(now.Add(expiryWarning)) {
		s.log.Warn("own certificate expires soon", "expires", in.identity.expires)
	}
	t, err := loadTrust(string(s.config.Security.Trusted), s.config.Security.AllowExpired)
	if err != nil {
		return err
	}
	u, err := url.Parse(s.config.Endpoint)
	if err != nil {
		return err
	}
	claim := serverClaim{certificate: in.endpoint.ServerCertificate, host: u.Hostname()}
	if in.endpoint.Server != nil {
		claim.uri = in.endpoint.Server.ApplicationURI
	}
	return t.verify(claim, now)
}

// pickEndpoint returns the endpoint with exactly the configured policy and
// mode: a weaker one is never taken in its place.
func pickEndpoint(list []*ua.EndpointDescription, sec Security) (*ua.EndpointDescription, error) {
	policy, mode := ua.FormatSecurityPolicyURI(sec.Policy), ua.MessageSecurityModeFromString(sec.mode())
	var offered []string
	for _, e := range list {
		if e.SecurityPolicyURI == policy && e.SecurityMode == mode {
			return e, nil
		}
		name := e.SecurityPolicyURI[strings.LastIndexByte(e.SecurityPolicyURI, '#')+1:]
		offered = append(offered, name+"/"+strings.TrimPrefix(e.SecurityMode.String(), "MessageSecurityMode"))
	}
	return nil, fmt.Errorf("security %s/%s: the server offers %s", sec.Policy, sec.mode(), strings.Join(offered, ", "))
}

// pickToken returns the user token policy for a named or an anonymous user.
// A password goes encrypted, unless the whole channel is, or the configuration
// says that it may be read on the way.
func pickToken(e *ua.EndpointDescription, named, insecure bool) (*ua.UserTokenPolicy, error) {
	want := ua.UserTokenTypeAnonymous
	if named {
		want = ua.UserTokenTypeUserName
	}
	var clear *ua.UserTokenPolicy
	for _, t := range e.UserIdentityTokens {
		if t.TokenType != want {
			continue
		}
		if !named || tokenPolicy(e, t) != ua.SecurityPolicyURINone {
			return t, nil
		}
		clear = t
	}
	switch {
	case clear != nil && (insecure || e.SecurityMode == ua.MessageSecurityModeSignAndEncrypt):
		return clear, nil
	case clear != nil:
		return nil, errors.New("log in: the server wants the password unencrypted")
	case named:
		return nil, errors.New("log in: the server admits no user names on this endpoint")
	}
	return nil, errors.New("log in: the server does not admit anonymous users on this endpoint")
}

// tokenPolicy is how a token is encrypted: as its policy says, else as the
// channel is.
func tokenPolicy(e *ua.EndpointDescription, t *ua.UserTokenPolicy) string {
	if t.SecurityPolicyURI != "" {
		return t.SecurityPolicyURI
	}
	return e.SecurityPolicyURI
}
