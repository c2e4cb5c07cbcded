// Package login knows how andon shows an OPC UA server who it is, and finds out
// whether the server is the one whose certificate was checked (OPC 10000-4, 5.7.2
// and 5.7.3): it picks the endpoint and the user token, makes the requests and
// verifies the answers. It sends nothing itself.
package login

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"

	"andon/collector"
	"andon/collector/opcua/pki"
)

// A Login is what a session needs to know before it is made: the endpoint
// that fits the configuration, and the user.
type Login struct {
	Address  string                  // the URL that andon connects to
	Endpoint *ua.EndpointDescription // of PickEndpoint
	Token    *ua.UserTokenPolicy     // of PickToken, for User
	User     User                    // who activates the session
	Identity pki.Identity            // andon's own; zero with policy None
}

// IsSecure reports whether the channel is signed at least.
func (in Login) IsSecure() bool { return in.Endpoint.SecurityPolicyURI != ua.SecurityPolicyURINone }

// tokenURI is the security policy of the user's token.
func (in Login) tokenURI() string { return tokenPolicy(in.Endpoint, in.Token) }

// SealsPassword reports whether a password goes encrypted for the owner of the
// server's certificate.
func (in Login) SealsPassword() bool {
	return in.User.kind == ua.UserTokenTypeUserName && in.tokenURI() != ua.SecurityPolicyURINone
}

// anonymousURI is andon's application URI without a certificate.
const anonymousURI = "urn:andon"

// nonceLength is how many random bytes a session is made with, and how many
// at least a server must bring to a secure one (OPC 10000-4, 5.7.2).
const nonceLength = 32

// CreateRequest makes the request for a session of that name, with a new nonce. It
// has no timeout of the session yet.
func (in Login) CreateRequest(name string) *ua.CreateSessionRequest {
	nonce := make([]byte, nonceLength)
	rand.Read(nonce)
	return &ua.CreateSessionRequest{
		ClientDescription: &ua.ApplicationDescription{
			ApplicationURI:  applicationURI(in.Identity),
			ProductURI:      "urn:andon",
			ApplicationName: ua.NewLocalizedText("andon"),
			ApplicationType: ua.ApplicationTypeClient,
		},
		EndpointURL:       in.Address,
		SessionName:       name,
		ClientNonce:       nonce,
		ClientCertificate: in.Identity.Certificate,
	}
}

// VerifySession checks that the server which made the session is the one whose
// certificate was checked, and that it offers on the secure channel what it
// offered before, in the clear: who stands between could have changed that. nonce
// is that of the request.
func (in Login) VerifySession(s *ua.CreateSessionResponse, nonce []byte) error {
	if !pki.SameLeaf(s.ServerCertificate, in.Endpoint.ServerCertificate) && (in.IsSecure() || len(s.ServerCertificate) > 0) {
		return errors.New("the server shows another certificate than with its endpoints")
	}
	if !in.IsSecure() {
		return nil
	}
	if len(s.ServerNonce) < nonceLength {
		return fmt.Errorf("the server brings %d random bytes, want %d or more", len(s.ServerNonce), nonceLength)
	}
	key, err := pki.ServerKey(s.ServerCertificate)
	if err != nil {
		return err
	}
	a, err := uapolicy.Asymmetric(in.Endpoint.SecurityPolicyURI, nil, key)
	if err != nil {
		return err
	}
	if s.ServerSignature == nil || a.VerifySignature(join(in.Identity.Certificate, nonce), s.ServerSignature.Signature) != nil {
		return errors.New("the server's signature is wrong, so it does not own its certificate")
	}
	return in.VerifyOffer(s.ServerEndpoints)
}

// VerifyOffer compares what the server offers in the session with the endpoint
// that was picked before it (OPC 10000-4, 5.7.2). Some servers list nothing, which
// is no error.
func (in Login) VerifyOffer(list []*ua.EndpointDescription) error {
	if len(list) == 0 {
		return nil
	}
	for _, e := range list {
		if e == nil || e.SecurityPolicyURI != in.Endpoint.SecurityPolicyURI || e.SecurityMode != in.Endpoint.SecurityMode {
			continue
		}
		for _, t := range e.UserIdentityTokens {
			if t != nil && t.PolicyID == in.Token.PolicyID && t.TokenType == in.Token.TokenType && tokenPolicy(e, t) == in.tokenURI() {
				return nil
			}
		}
	}
	return fmt.Errorf("the server's endpoints %s with login %q are not what was told before the channel was secure: somebody may have changed that on the way",
		describe(in.Endpoint), in.Token.PolicyID)
}

// Activation makes the request that tells the server who andon is, for the session
// that s is of. An error is of keys that do not fit, the own ones or the server's.
func (in Login) Activation(s *ua.CreateSessionResponse) (*ua.ActivateSessionRequest, error) {
	token, userSignature, err := in.User.identityToken(in.Token, in.tokenURI(), s)
	if err != nil {
		return nil, err
	}
	signature := &ua.SignatureData{}
	if in.IsSecure() {
		if signature, err = sign(in.Endpoint.SecurityPolicyURI, in.Identity.Key, s); err != nil {
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

// Explain returns the error of an activation, nil for none. It names the user when
// it is the user that a server rejects.
func (in Login) Explain(err error) error {
	if err == nil {
		return nil
	}
	for _, s := range []ua.StatusCode{ua.StatusBadUserAccessDenied, ua.StatusBadIdentityTokenRejected, ua.StatusBadIdentityTokenInvalid, ua.StatusBadUserSignatureInvalid} {
		if errors.Is(err, s) {
			return collector.Refused{Err: in.refusal(err)}
		}
	}
	return fmt.Errorf("activate session: %w", err)
}

func (in Login) refusal(err error) error {
	switch in.User.kind {
	case ua.UserTokenTypeAnonymous:
		return fmt.Errorf("log in: the server does not admit anonymous users: %w", err)
	case ua.UserTokenTypeCertificate:
		return fmt.Errorf("log in as %q: the server rejects the user's certificate, SHA-256 %s: %w", in.User.name, pki.Fingerprint(in.User.Certificate), err)
	default:
		return fmt.Errorf("log in as %q: the server rejects the user name or password: %w", in.User.name, err)
	}
}

// applicationURI is the URI in the certificate, which servers compare.
func applicationURI(id pki.Identity) string {
	cert, err := uapolicy.ParseCertificate(id.Certificate)
	if err != nil || len(cert.URIs) == 0 {
		return anonymousURI
	}
	return cert.URIs[0].String()
}
