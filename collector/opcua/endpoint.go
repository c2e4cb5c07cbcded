package opcua

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/pki"
)

// A login is what a session needs to know before it is made: the endpoint
// that fits the configuration, and the user.
type login struct {
	address  string // the URL that andon connects to
	endpoint *ua.EndpointDescription
	token    *ua.UserTokenPolicy
	user     user
	identity pki.Identity // zero with policy None
}

// isSecure reports whether the channel is signed at least.
func (in login) isSecure() bool { return in.endpoint.SecurityPolicyURI != ua.SecurityPolicyURINone }

// tokenURI is the security policy of the user's token.
func (in login) tokenURI() string { return tokenPolicy(in.endpoint, in.token) }

// prepare asks the server for its endpoints, picks the configured one and
// checks the server's certificate.
func (s *Source) prepare(ctx context.Context, l *channel.Link, address string) (login, error) {
	in := login{address: address}
	endpoints, err := channel.Endpoints(ctx, l, in.address, s.config.RequestTimeout)
	if err != nil {
		return in, fmt.Errorf("ask %s for its endpoints: %w", in.address, err)
	}
	if in.endpoint, err = pickEndpoint(endpoints, s.config.Security); err != nil {
		return in, err
	}
	if in.user, err = loadUser(s.config.Auth); err != nil {
		return in, err
	}
	if in.token, err = pickToken(in.endpoint, in.user, s.config.Security.Insecure); err != nil {
		return in, err
	}
	if in.isSecure() {
		if err := s.loadOwn(&in); err != nil {
			return in, err
		}
	}
	return in, s.verifyServer(in)
}

// channelOptions are those of a channel for a session that logs in so.
func (s *Source) channelOptions(in login) channel.Options {
	return channel.Options{Address: in.address, Endpoint: in.endpoint, Identity: in.identity, Lifetime: s.channelLifetime, Timeout: s.config.RequestTimeout, Largest: s.largest}
}

// loadOwn loads andon's own certificate.
func (s *Source) loadOwn(in *login) error {
	var err error
	if sec := s.config.Security; sec.CertificateFile != "" {
		in.identity, err = pki.ReadIdentity(string(sec.CertificateFile), string(sec.KeyFile))
	} else {
		in.identity, err = pki.OwnIdentity(s.stateDir, time.Now())
	}
	if in.identity.Made {
		s.log.Info("own certificate is made, the server must trust it", "file", filepath.Join(s.stateDir, pki.OwnDER))
	}
	return err
}

// verifyServer checks the server's certificate. Without a secure channel it
// still matters to a password that goes encrypted, if there is a trust list to
// check it with.
func (s *Source) verifyServer(in login) error {
	sealed := in.user.kind == ua.UserTokenTypeUserName && in.tokenURI() != ua.SecurityPolicyURINone
	if !in.isSecure() && (!sealed || s.config.Security.Trusted == "") {
		return nil
	}
	t, err := s.config.Security.trustList()
	if err != nil {
		return err
	}
	claim, err := claimOf(in.endpoint, in.address)
	if err != nil {
		return err
	}
	return t.Verify(claim, time.Now())
}

// trustList reads the list that s names.
func (s Security) trustList() (pki.TrustList, error) {
	return pki.LoadTrustList(string(s.Trusted), pki.Rules{AllowExpired: s.AllowExpired, RequireCRL: s.RequireCRL, AllowOtherHost: s.AllowOtherHost})
}

// claimOf is what an endpoint at that address says of its server.
func claimOf(e *ua.EndpointDescription, address string) (pki.Claim, error) {
	u, err := url.Parse(address)
	if err != nil {
		return pki.Claim{}, err
	}
	claim := pki.Claim{Certificate: e.ServerCertificate, Host: u.Hostname()}
	if e.Server != nil {
		claim.URI = e.Server.ApplicationURI
	}
	return claim, nil
}

// transportTCP is the profile of the only transport there is here; a server
// may list the same policy for HTTPS too.
const transportTCP = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"

// pickEndpoint returns the endpoint with exactly the configured policy and
// mode: a weaker one is never taken in its place.
func pickEndpoint(list []*ua.EndpointDescription, sec Security) (*ua.EndpointDescription, error) {
	policy, mode := ua.FormatSecurityPolicyURI(sec.Policy), ua.MessageSecurityModeFromString(sec.mode())
	var offered []string
	for _, e := range list {
		if e == nil || e.TransportProfileURI != "" && e.TransportProfileURI != transportTCP {
			continue
		}
		if e.SecurityPolicyURI == policy && e.SecurityMode == mode {
			return e, nil
		}
		offered = append(offered, describe(e))
	}
	if len(offered) == 0 {
		return nil, errors.New("the server offers no endpoint for opc.tcp")
	}
	return nil, fmt.Errorf("security %s/%s: the server offers %s", sec.Policy, sec.mode(), strings.Join(offered, ", "))
}

// describe names an endpoint's policy and mode.
func describe(e *ua.EndpointDescription) string {
	return policyName(e.SecurityPolicyURI) + "/" + strings.TrimPrefix(e.SecurityMode.String(), "MessageSecurityMode")
}
