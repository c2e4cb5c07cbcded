package login

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uapolicy"

	"andon/collector/opcua/pki"
	"andon/plant/setting"
)

// A User is who andon is to the server. The zero value is none.
type User struct {
	Certificate *x509.Certificate // of a certificate's user, nil for others

	kind     ua.UserTokenType
	name     string          // how people know it, "" for an anonymous one
	password setting.Secret  // of a user name
	key      *rsa.PrivateKey // of Certificate
}

// Anonymous is a user that the server knows nothing of.
func Anonymous() User { return User{kind: ua.UserTokenTypeAnonymous} }

// WithPassword is a user that the server knows by a name and a password.
func WithPassword(name string, password setting.Secret) User {
	return User{kind: ua.UserTokenTypeUserName, name: name, password: password}
}

// WithCertificate reads the certificate that the server knows a user by, and
// its key, each in PEM or DER.
func WithCertificate(certFile, keyFile string) (User, error) {
	cert, key, err := pki.ReadPair(certFile, keyFile)
	if err != nil {
		return User{}, fmt.Errorf("user's %w", err)
	}
	return User{kind: ua.UserTokenTypeCertificate, name: cert.Subject.String(), Certificate: cert, key: key}, nil
}

// PickToken returns the user token policy of an endpoint that fits u. A
// password goes encrypted, unless the whole channel is, or the configuration
// says that it may be read on the way; a certificate always signs. The error says
// what the server does not admit.
func PickToken(e *ua.EndpointDescription, u User, insecure bool) (*ua.UserTokenPolicy, error) {
	var clear *ua.UserTokenPolicy
	for _, t := range e.UserIdentityTokens {
		if t == nil || t.TokenType != u.kind {
			continue
		}
		switch policy := tokenPolicy(e, t); {
		case u.kind == ua.UserTokenTypeAnonymous, isSafe(policy):
			return t, nil
		case slices.Contains(uapolicy.SupportedPolicies(), policy) && clear == nil:
			clear = t
		}
	}
	switch encrypted := e.SecurityMode == ua.MessageSecurityModeSignAndEncrypt; {
	case u.kind == ua.UserTokenTypeAnonymous:
		return nil, errors.New("log in: the server does not admit anonymous users on this endpoint")
	case u.kind == ua.UserTokenTypeCertificate && clear != nil:
		return nil, errors.New("log in: the server wants no signature of a user's certificate, or one that is not safe")
	case u.kind == ua.UserTokenTypeCertificate:
		return nil, errors.New("log in: the server admits no user certificates on this endpoint")
	case clear != nil && (insecure || encrypted):
		return clear, nil
	case clear != nil:
		return nil, errors.New("log in: the server wants the password unencrypted")
	}
	return nil, errors.New("log in: the server admits no user names on this endpoint")
}

// tokenPolicy is how a token is encrypted or signed: as its policy says, else
// as the channel is.
func tokenPolicy(e *ua.EndpointDescription, t *ua.UserTokenPolicy) string {
	if t.SecurityPolicyURI != "" {
		return t.SecurityPolicyURI
	}
	return e.SecurityPolicyURI
}

// isSafe reports whether nobody can read or forge a token of that policy.
// Basic128Rsa15 is not: its padding can be broken with the server's help.
func isSafe(uri string) bool {
	return uri == ua.SecurityPolicyURIBasic256 ||
		slices.ContainsFunc(SecurePolicies(), func(p string) bool { return uri == ua.FormatSecurityPolicyURI(p) })
}

// identityToken makes what ActivateSession says of u to a server that showed
// this certificate and nonce.
func (u User) identityToken(policy *ua.UserTokenPolicy, uri string, s *ua.CreateSessionResponse) (any, *ua.SignatureData, error) {
	switch u.kind {
	case ua.UserTokenTypeUserName:
		secret, algorithm, err := sealPassword(u.password.Reveal(), uri, s)
		if err != nil {
			return nil, nil, fmt.Errorf("encrypt the password: %w", err)
		}
		return &ua.UserNameIdentityToken{PolicyID: policy.PolicyID, UserName: u.name, Password: secret, EncryptionAlgorithm: algorithm}, &ua.SignatureData{}, nil
	case ua.UserTokenTypeCertificate:
		signature, err := sign(uri, u.key, s)
		if err != nil {
			return nil, nil, fmt.Errorf("sign with the user's certificate: %w", err)
		}
		return &ua.X509IdentityToken{PolicyID: policy.PolicyID, CertificateData: u.Certificate.Raw}, signature, nil
	}
	return &ua.AnonymousIdentityToken{PolicyID: policy.PolicyID}, &ua.SignatureData{}, nil
}

// sealPassword makes the legacy token secret of OPC 10000-4, 7.40.2.2: length,
// password and nonce, encrypted for the owner of the server's certificate.
func sealPassword(password, uri string, s *ua.CreateSessionResponse) (secret []byte, algorithm string, err error) {
	if uri == ua.SecurityPolicyURINone {
		return []byte(password), "", nil
	}
	key, err := pki.ServerKey(s.ServerCertificate)
	if err != nil {
		return nil, "", err
	}
	a, err := uapolicy.Asymmetric(uri, nil, key)
	if err != nil {
		return nil, "", err
	}
	plain := binary.LittleEndian.AppendUint32(nil, uint32(len(password)+len(s.ServerNonce)))
	plain = append(append(plain, password...), s.ServerNonce...)
	secret, err = a.Encrypt(plain)
	return secret, a.EncryptionURI(), err
}

// sign signs the server's certificate and nonce, as a client and a user do to
// show that they own their certificates. Of a chain the first one counts.
func sign(uri string, key *rsa.PrivateKey, s *ua.CreateSessionResponse) (*ua.SignatureData, error) {
	a, err := uapolicy.Asymmetric(uri, key, nil)
	if err != nil {
		return nil, err
	}
	der := s.ServerCertificate
	if certs, err := x509.ParseCertificates(der); err == nil && len(certs) > 0 {
		der = certs[0].Raw
	}
	signature, err := a.Signature(join(der, s.ServerNonce))
	return &ua.SignatureData{Algorithm: a.SignatureURI(), Signature: signature}, err
}

// join appends b to a copy of a.
func join(a, b []byte) []byte { return append(append(make([]byte, 0, len(a)+len(b)), a...), b...) }

// nameOfPolicy is how configuration and messages name a security policy.
func nameOfPolicy(uri string) string { return uri[strings.LastIndexByte(uri, '#')+1:] }

// SecurePolicies returns the names of the policies that protect a channel.
// Basic128Rsa15 and Basic256 are deprecated and not among them.
func SecurePolicies() []string {
	return []string{nameOfPolicy(ua.SecurityPolicyURIBasic256Sha256), nameOfPolicy(ua.SecurityPolicyURIAes128Sha256RsaOaep), nameOfPolicy(ua.SecurityPolicyURIAes256Sha256RsaPss)}
}
