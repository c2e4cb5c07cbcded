package opcua

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"
	"github.com/gopcua/opcua/uasc"
)

// anonymousURI is andon's application URI without a certificate.
const anonymousURI = "urn:andon"

// logIn creates and activates the session.
func (x *session) logIn(ctx context.Context, in login) error {
	created, err := x.client.CreateSession(ctx, x.sessionConfig(in))
	switch {
	case err != nil:
		return fmt.Errorf("create session: %w", err)
	case created == nil:
		// gopcua's way to say so.
		return errors.New("create session: the server's signature is wrong, so it does not own its certificate")
	}
	x.source.metrics.sessions.Inc()
	err = x.client.ActivateSession(ctx, created)
	if err == nil && x.client.Session() == nil {
		err = errors.New("own signature cannot be made")
	}
	return loginError(err, in)
}

// loginError names the user when it is the user that a server rejects.
func loginError(err error, in login) error {
	if err == nil {
		return nil
	}
	for _, s := range []ua.StatusCode{ua.StatusBadUserAccessDenied, ua.StatusBadIdentityTokenRejected, ua.StatusBadIdentityTokenInvalid} {
		switch {
		case !errors.Is(err, s):
		case in.user == "":
			return fmt.Errorf("log in: the server does not admit anonymous users: %w", err)
		default:
			return fmt.Errorf("log in as %q: the server rejects the user name or password: %w", in.user, err)
		}
	}
	return fmt.Errorf("activate session: %w", err)
}

// sessionConfig is made anew for every session: gopcua writes into it.
func (x *session) sessionConfig(in login) *uasc.SessionConfig {
	cfg := opcua.DefaultSessionConfig()
	cfg.ClientDescription = &ua.ApplicationDescription{
		ApplicationURI:  applicationURI(in.identity),
		ProductURI:      "urn:andon",
		ApplicationName: ua.NewLocalizedText("andon"),
		ApplicationType: ua.ApplicationTypeClient,
	}
	cfg.SessionName = "andon " + x.source.name
	cfg.SessionTimeout = sessionTimeout
	cfg.UserIdentityToken = &ua.AnonymousIdentityToken{PolicyID: in.token.PolicyID}
	if in.user != "" {
		cfg.UserIdentityToken = &ua.UserNameIdentityToken{PolicyID: in.token.PolicyID, UserName: in.user}
		cfg.AuthPassword = in.password.Reveal()
		cfg.AuthPolicyURI = tokenPolicy(in.endpoint, in.token)
	}
	return cfg
}

// applicationURI is the URI in the certificate, which servers compare.
func applicationURI(id identity) string {
	cert, err := uapolicy.ParseCertificate(id.certificate)
	if err != nil || len(cert.URIs) == 0 {
		return anonymousURI
	}
	return cert.URIs[0].String()
}
