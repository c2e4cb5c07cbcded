package opcua

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/login"
	"andon/collector/opcua/pki"
	"andon/plant/setting"
)

// prepare asks the server for its endpoints, picks the configured one and
// checks the server's certificate.
func (s *Source) prepare(ctx context.Context, l *channel.Link, address string) (login.Login, error) {
	in := login.Login{Address: address}
	endpoints, err := channel.Endpoints(ctx, l, in.Address, s.config.RequestTimeout)
	if err != nil {
		return in, fmt.Errorf("ask %s for its endpoints: %w", in.Address, err)
	}
	if in.Endpoint, err = login.PickEndpoint(endpoints, s.config.Security.Policy, s.config.Security.mode()); err != nil {
		return in, err
	}
	if in.User, err = s.config.Auth.user(); err != nil {
		return in, err
	}
	if in.Token, err = login.PickToken(in.Endpoint, in.User, s.config.Security.Insecure); err != nil {
		return in, err
	}
	if in.IsSecure() {
		if err := s.loadOwn(&in); err != nil {
			return in, err
		}
	}
	return in, s.verifyServer(in)
}

// channelOptions are those of a channel for a session that logs in so.
func (s *Source) channelOptions(in login.Login) channel.Options {
	return channel.Options{Address: in.Address, Endpoint: in.Endpoint, Identity: in.Identity, Lifetime: s.channelLifetime, Timeout: s.config.RequestTimeout, Largest: s.largest}
}

// user reads who a says that andon is. It is read at every connect, so that a new
// password or certificate works without a restart.
func (a Auth) user() (login.User, error) {
	switch {
	case a.Username != "":
		password, err := setting.Read(a.Password, a.PasswordFile)
		return login.WithPassword(a.Username, password), err
	case a.CertificateFile != "":
		return login.WithCertificate(string(a.CertificateFile), string(a.KeyFile))
	}
	return login.Anonymous(), nil
}

// loadOwn loads andon's own certificate.
func (s *Source) loadOwn(in *login.Login) error {
	var err error
	if sec := s.config.Security; sec.CertificateFile != "" {
		in.Identity, err = pki.ReadIdentity(string(sec.CertificateFile), string(sec.KeyFile))
	} else {
		in.Identity, err = pki.OwnIdentity(s.stateDir, time.Now())
	}
	if err == nil && in.Identity.Made {
		s.log.Info("own certificate is made, the server must trust it", "file", filepath.Join(s.stateDir, pki.OwnDER))
	}
	return err
}

// verifyServer checks the server's certificate. Without a secure channel it
// still matters to a password that goes encrypted, if there is a trust list to
// check it with.
func (s *Source) verifyServer(in login.Login) error {
	if !in.IsSecure() && (!in.SealsPassword() || s.config.Security.Trusted == "") {
		return nil
	}
	t, err := s.config.Security.trustList()
	if err != nil {
		return err
	}
	claim, err := claimOf(in.Endpoint, in.Address)
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
