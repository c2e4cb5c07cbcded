package opcuatest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"hash"
	"slices"

	"github.com/gopcua/opcua/ua"
)

// The ids of the user token policies.
const (
	policyUsername    = "username"
	policyAnonymous   = "anonymous"
	policyCertificate = "certificate"
)

// Policies returns the names of the security policies that protect a channel.
func Policies() []string {
	return []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"}
}

func (s *Server) tokenPolicies() []*ua.UserTokenPolicy {
	var list []*ua.UserTokenPolicy
	add := func(id string, kind ua.UserTokenType, uri string) {
		list = append(list, &ua.UserTokenPolicy{PolicyID: id, TokenType: kind, SecurityPolicyURI: uri})
	}
	if s.opts.Users == nil && s.opts.UserCertificates == nil || s.opts.Anonymous {
		add(policyAnonymous, ua.UserTokenTypeAnonymous, "")
	}
	uri := ""
	switch {
	case s.opts.Certificate == nil:
		uri = ua.SecurityPolicyURINone
	case s.opts.TokenPolicy != "":
		uri = ua.FormatSecurityPolicyURI(s.opts.TokenPolicy)
	}
	if s.opts.Users != nil {
		add(policyUsername, ua.UserTokenTypeUserName, uri)
	}
	if s.opts.UserCertificates != nil {
		add(policyCertificate, ua.UserTokenTypeCertificate, uri)
	}
	return list
}

// tokenURI is the security policy that tokens on c follow.
func (c *conn) tokenURI() string {
	switch o := c.server.opts; {
	case o.Certificate == nil:
		return ua.SecurityPolicyURINone
	case o.TokenPolicy != "":
		return ua.FormatSecurityPolicyURI(o.TokenPolicy)
	}
	return c.config.SecurityPolicyURI
}

// logIn checks a user identity token (OPC 10000-4, 7.40), with the standard
// library and not with what made it.
func (c *conn) logIn(x *session, r *ua.ActivateSessionRequest) ua.StatusCode {
	o := c.server.opts
	switch t := r.UserIdentityToken.Value.(type) {
	case *ua.AnonymousIdentityToken, nil:
		if o.Users == nil && o.UserCertificates == nil || o.Anonymous {
			return ua.StatusOK
		}
		return ua.StatusBadIdentityTokenRejected
	case *ua.UserNameIdentityToken:
		password, ok := c.password(x, t)
		want, known := o.Users[t.UserName]
		if ok && known && want == password && t.PolicyID == policyUsername {
			return ua.StatusOK
		}
		return ua.StatusBadUserAccessDenied
	case *ua.X509IdentityToken:
		if !slices.ContainsFunc(o.UserCertificates, func(der []byte) bool { return bytes.Equal(der, t.CertificateData) }) || t.PolicyID != policyCertificate {
			return ua.StatusBadIdentityTokenRejected
		}
		return c.userSignature(x, t.CertificateData, r.UserTokenSignature)
	}
	return ua.StatusBadIdentityTokenInvalid
}

// password decrypts the legacy token secret of OPC 10000-4, 7.40.2.2: a
// length, the password and the server's nonce, in RSA-OAEP blocks.
func (c *conn) password(x *session, t *ua.UserNameIdentityToken) (string, bool) {
	var algorithm string
	var digest func() hash.Hash
	switch c.tokenURI() {
	case ua.SecurityPolicyURINone:
		return string(t.Password), t.EncryptionAlgorithm == ""
	case ua.SecurityPolicyURIAes256Sha256RsaPss:
		algorithm, digest = "http://opcfoundation.org/UA/security/rsa-oaep-sha2-256", sha256.New
	default:
		algorithm, digest = "http://www.w3.org/2001/04/xmlenc#rsa-oaep", sha1.New
	}
	key := c.server.opts.Key
	if key == nil || t.EncryptionAlgorithm != algorithm {
		return "", false
	}
	var secret []byte
	for block := range slices.Chunk(t.Password, key.Size()) {
		plain, err := rsa.DecryptOAEP(digest(), nil, key, block, nil)
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

// userSignature checks that a user owns the certificate: it signs the
// server's certificate and nonce (OPC 10000-4, 7.40.2.1).
func (c *conn) userSignature(x *session, der []byte, s *ua.SignatureData) ua.StatusCode {
	cert, err := x509.ParseCertificate(der)
	if err != nil || s == nil {
		return ua.StatusBadIdentityTokenInvalid
	}
	key := cert.PublicKey.(*rsa.PublicKey)
	sum := sha256.Sum256(append(slices.Clone(c.server.opts.Certificate), x.nonce...))
	algorithm := "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	if c.tokenURI() == ua.SecurityPolicyURIAes256Sha256RsaPss {
		algorithm = "http://opcfoundation.org/UA/security/rsa-pss-sha2-256"
		err = rsa.VerifyPSS(key, crypto.SHA256, sum[:], s.Signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], s.Signature)
	}
	if err != nil || s.Algorithm != algorithm {
		return ua.StatusBadUserSignatureInvalid
	}
	return ua.StatusOK
}
