package opcua

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A trust is the list of certificates that may identify a server, or sign for
// one.
type trust struct {
	certs        []*x509.Certificate
	allowExpired bool
}

// loadTrust reads a certificate file, or all *.der, *.crt, *.cer and *.pem
// files of a folder. It is read at every connect, so that a new certificate
// works without a restart.
func loadTrust(path string, allowExpired bool) (trust, error) {
	t := trust{allowExpired: allowExpired}
	info, err := os.Stat(path)
	if err != nil {
		return t, fmt.Errorf("trusted certificates: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		files = nil
		entries, err := os.ReadDir(path)
		if err != nil {
			return t, fmt.Errorf("trusted certificates: %w", err)
		}
		for _, e := range entries {
			if slices.Contains([]string{".der", ".crt", ".cer", ".pem"}, strings.ToLower(filepath.Ext(e.Name()))) {
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
	}
	for _, f := range files {
		certs, err := readCertificates(f)
		if err != nil {
			return t, fmt.Errorf("trusted certificates: %w", err)
		}
		t.certs = append(t.certs, certs...)
	}
	return t, nil
}

// A serverClaim is what an endpoint says of its server.
type serverClaim struct {
	certificate []byte // DER, the leaf first, then its issuers
	uri         string // application URI
	host        string // that andon connects to
}

// verify checks a server's certificate (OPC 10000-4, 6.1.3): it is itself
// trusted, or its issuer is and it names the host; it is valid now; and it
// belongs to the application that the endpoint claims to be.
func (t trust) verify(c serverClaim, now time.Time) error {
	chain, err := x509.ParseCertificates(c.certificate)
	if err != nil || len(chain) == 0 {
		return errors.New("server certificate: the endpoint has none that can be read")
	}
	leaf := chain[0]
	if err := t.verifyChain(leaf, chain[1:], c.host, now); err != nil {
		return fmt.Errorf("server certificate %q, SHA-256 %s: %w", leaf.Subject, fingerprint(leaf), err)
	}
	if !slices.ContainsFunc(leaf.URIs, func(u *url.URL) bool { return u.String() == c.uri }) {
		return fmt.Errorf("server certificate %q: is not that of application %q", leaf.Subject, c.uri)
	}
	return nil
}

func (t trust) verifyChain(leaf *x509.Certificate, rest []*x509.Certificate, host string, now time.Time) error {
	if !t.allowExpired && (now.Before(leaf.NotBefore) || now.After(leaf.NotAfter)) {
		return fmt.Errorf("is valid from %s to %s only", leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	if slices.ContainsFunc(t.certs, func(c *x509.Certificate) bool { return bytes.Equal(c.Raw, leaf.Raw) }) {
		return nil
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range t.certs {
		if c.IsCA {
			roots.AddCert(c)
		}
	}
	for _, c := range rest {
		between.AddCert(c)
	}
	at := now
	if t.allowExpired {
		at = leaf.NotBefore
	}
	opts := x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := leaf.Verify(opts); err != nil {
		return fmt.Errorf("is not trusted: put it into the trusted folder if it is the right one (%w)", err)
	}
	// An authority signs for many servers, so the name decides which one.
	return leaf.VerifyHostname(host)
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
