package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// The RSA keys that all policies here take, in bits.
const (
	shortestKey = 2048
	longestKey  = 4096
)

// A Claim is what an endpoint says of its server.
type Claim struct {
	Certificate []byte // DER, the leaf first, then its issuers
	URI         string // of the application
	Host        string // that andon connects to
}

// Verify checks a server's certificate (OPC 10000-4, 6.1.3): it is fit for a
// server, valid now and not revoked; it is itself trusted, or its issuer is;
// it names the host, and it belongs to the application that the endpoint claims
// to be. What it refuses is kept among the rejected ones, of which the
// error says the file.
func (t TrustList) Verify(c Claim, now time.Time) error {
	chain, err := x509.ParseCertificates(c.Certificate)
	if err != nil || len(chain) == 0 {
		return errors.New("server certificate: the endpoint has none that can be read")
	}
	if len(chain) > longestChain {
		return fmt.Errorf("server certificate: the endpoint has a chain of %d, want %d or fewer", len(chain), longestChain)
	}
	leaf := chain[0]
	err = fitForServer(leaf)
	if err == nil {
		err = t.verifyChain(leaf, chain[1:], c.Host, now)
	}
	if err == nil && !slices.ContainsFunc(leaf.URIs, func(u *url.URL) bool { return u.String() == c.URI }) {
		err = fmt.Errorf("is not that of application %q", c.URI)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("server certificate %q, SHA-256 %s: %w%s", leaf.Subject, Fingerprint(leaf), err, t.keepRejected(leaf))
}

// fitForServer checks the key and what it may be used for (OPC 10000-6,
// 6.2.2): the key signs and decrypts.
func fitForServer(c *x509.Certificate) error {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	if !ok {
		return fmt.Errorf("has a key of type %T, want an RSA key", c.PublicKey)
	}
	if bits := 8 * key.Size(); bits < shortestKey || bits > longestKey {
		return fmt.Errorf("has an RSA key of %d bits, want %d to %d", bits, shortestKey, longestKey)
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return errors.New("its key usage does not allow digital signatures")
	}
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageKeyEncipherment|x509.KeyUsageDataEncipherment) == 0 {
		return errors.New("its key usage does not allow encipherment")
	}
	limited := len(c.ExtKeyUsage) > 0 || len(c.UnknownExtKeyUsage) > 0
	if limited && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return errors.New("its extended key usage does not allow serverAuth")
	}
	return nil
}

func (t TrustList) verifyChain(leaf *x509.Certificate, rest []*x509.Certificate, host string, now time.Time) error {
	if !t.rules.AllowExpired && (now.Before(leaf.NotBefore) || now.After(leaf.NotAfter)) {
		return fmt.Errorf("is valid from %s to %s only", leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	if slices.ContainsFunc(t.trusted, leaf.Equal) {
		if err := t.verifyRevocation(leaf, rest, now); err != nil || t.rules.AllowOtherHost {
			return err
		}
		if err := leaf.VerifyHostname(host); err != nil {
			return fmt.Errorf("names another host: connect by a name that it has, or allow it by security.allow_other_host (%w)", err)
		}
		return nil
	}
	if err := t.vouch(leaf, rest, now); err != nil {
		return fmt.Errorf("is not trusted: put it into the trusted folder if it is the right one (%w)", err)
	}
	if err := t.verifyRevocation(leaf, rest, now); err != nil {
		return err
	}
	// An authority signs for many servers, so the name decides which one.
	return leaf.VerifyHostname(host)
}

// vouch looks for a trusted authority that issued leaf, by others or itself.
func (t TrustList) vouch(leaf *x509.Certificate, rest []*x509.Certificate, now time.Time) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range t.trusted {
		if c.IsCA {
			roots.AddCert(c)
		}
	}
	for _, c := range slices.Concat(t.issuers, rest) {
		between.AddCert(c)
	}
	at := now
	if t.rules.AllowExpired {
		at = leaf.NotBefore
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return err
	}
	for _, chain := range chains {
		if err = strongEnough(chain[1:]); err == nil {
			return nil
		}
	}
	return err
}

// strongEnough checks the keys of authorities, which the policies hold to the
// same length as those of servers.
func strongEnough(authorities []*x509.Certificate) error {
	for _, c := range authorities {
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < shortestKey {
			return fmt.Errorf("authority %q has an RSA key of %d bits, want %d or more", c.Subject, key.N.BitLen(), shortestKey)
		}
	}
	return nil
}
