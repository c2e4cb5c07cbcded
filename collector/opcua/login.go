package opcua

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"

	"andon/collector/opcua/pki"
)

// anonymousURI is andon's application URI without a certificate.
const anonymousURI = "urn:andon"

// nonceLength is how many random bytes a session is made with, and how many
// at least a server must bring to a secure one (OPC 10000-4, 5.7.2).
const nonceLength = 32

// logIn creates and activates the session. gopcua's own calls would do it with
// whatever certificate the server shows then; here it must be the one that
// was checked.
func (x *session) logIn(ctx context.Context, in login) error {
	if again, err := x.reactivate(ctx, in); again || err != nil {
		return err
	}
	nonce := make([]byte, nonceLength)
	rand.Read(nonce)
	created, err := call[*ua.CreateSessionResponse](ctx, x, x.createRequest(in, nonce))
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	x.token = created.AuthenticationToken
	x.source.metrics.sessions.Inc()
	if err := in.verifySession(created, nonce); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	req, err := in.activation(created)
	if err != nil {
		return fmt.Errorf("activate session: %w", err)
	}
	resp, err := call[*ua.ActivateSessionResponse](ctx, x, req)
	if err == nil {
		x.activated(created, resp)
	}
	return loginError(err, in)
}

func (x *session) createRequest(in login, nonce []byte) *ua.CreateSessionRequest {
	return &ua.CreateSessionRequest{
		ClientDescription: &ua.ApplicationDescription{
			ApplicationURI:  applicationURI(in.identity),
			ProductURI:      "urn:andon",
			ApplicationName: ua.NewLocalizedText("andon"),
			ApplicationType: ua.ApplicationTypeClient,
		},
		EndpointURL:             in.address,
		SessionName:             "andon " + x.source.name,
		ClientNonce:             nonce,
		ClientCertificate:       in.identity.Certificate,
		RequestedSessionTimeout: float64(sessionTimeout / time.Millisecond),
	}
}

// verifySession checks that the server which made the session is the one whose
// certificate was checked, and that it offers on the secure channel what it
// offered before, in the clear: who stands between could have changed that.
func (in login) verifySession(s *ua.CreateSessionResponse, nonce []byte) error {
	if !pki.SameLeaf(s.ServerCertificate, in.endpoint.ServerCertificate) && (in.isSecure() || len(s.ServerCertificate) > 0) {
		return errors.New("the server shows another certificate than with its endpoints")
	}
	if !in.isSecure() {
		return nil
	}
	if len(s.ServerNonce) < nonceLength {
		return fmt.Errorf("the server brings %d random bytes, want %d or more", len(s.ServerNonce), nonceLength)
	}
	key, err := pki.ServerKey(s.ServerCertificate)
	if err != nil {
		return err
	}
	a, err := uapolicy.Asymmetric(in.endpoint.SecurityPolicyURI, nil, key)
	if err != nil {
		return err
	}
	if s.ServerSignature == nil || a.VerifySignature(join(in.identity.Certificate, nonce), s.ServerSignature.Signature) != nil {
		return errors.New("the server's signature is wrong, so it does not own its certificate")
	}
	return in.verifyOffer(s.ServerEndpoints)
}

// verifyOffer compares what the server offers in the session with the endpoint
// that was picked before it (OPC 10000-4, 5.7.2). Some servers list nothing.
func (in login) verifyOffer(list []*ua.EndpointDescription) error {
	if len(list) == 0 {
		return nil
	}
	for _, e := range list {
		if e == nil || e.SecurityPolicyURI != in.endpoint.SecurityPolicyURI || e.SecurityMode != in.endpoint.SecurityMode {
			continue
		}
		for _, t := range e.UserIdentityTokens {
			if t != nil && t.PolicyID == in.token.PolicyID && t.TokenType == in.token.TokenType && tokenPolicy(e, t) == in.tokenURI() {
				return nil
			}
		}
	}
	return fmt.Errorf("the server's endpoints %s with login %q are not what was told before the channel was secure: somebody may have changed that on the way",
		describe(in.endpoint), in.token.PolicyID)
}

// activation makes the request that tells the server who andon is.
func (in login) activation(s *ua.CreateSessionResponse) (*ua.ActivateSessionRequest, error) {
	token, userSignature, err := in.user.identityToken(in.token, in.tokenURI(), s)
	if err != nil {
		return nil, err
	}
	signature := &ua.SignatureData{}
	if in.isSecure() {
		if signature, err = sign(in.endpoint.SecurityPolicyURI, in.identity.Key, s); err != nil {
			return nil, fmt.Errorf("sign with the own certificate: %w", err)
		}
	}
	return &ua.ActivateSessionRequest{
		ClientSignature:    signature,
		LocaleIDs:          []string{"en-us"},
		UserIdentityToken:  ua.NewExtensionObject(token),
		UserTokenSignature: userSignature,
	}, nil
}

// loginError names the user when it is the user that a server rejects.
func loginError(err error, in login) error {
	if err == nil {
		return nil
	}
	for _, s := range []ua.StatusCode{ua.StatusBadUserAccessDenied, ua.StatusBadIdentityTokenRejected, ua.StatusBadIdentityTokenInvalid, ua.StatusBadUserSignatureInvalid} {
		switch {
		case !errors.Is(err, s):
		case in.user.kind == ua.UserTokenTypeAnonymous:
			return fmt.Errorf("log in: the server does not admit anonymous users: %w", err)
		case in.user.kind == ua.UserTokenTypeCertificate:
			return fmt.Errorf("log in as %q: the server rejects the user's certificate, SHA-256 %s: %w", in.user.name, pki.Fingerprint(in.user.certificate), err)
		default:
			return fmt.Errorf("log in as %q: the server rejects the user name or password: %w", in.user.name, err)
		}
	}
	return fmt.Errorf("activate session: %w", err)
}

// applicationURI is the URI in the certificate, which servers compare.
func applicationURI(id pki.Identity) string {
	cert, err := uapolicy.ParseCertificate(id.Certificate)
	if err != nil || len(cert.URIs) == 0 {
		return anonymousURI
	}
	return cert.URIs[0].String()
}
