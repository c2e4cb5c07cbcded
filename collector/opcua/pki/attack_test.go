package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
)

// claims is what an endpoint says of a server that shows these certificates.
func claims(chain ...[]byte) Claim {
	return Claim{Certificate: slices.Concat(chain...), URI: "urn:northfield:opcuatest", Host: "127.0.0.1"}
}

// parsed reads a revocation list.
func parsed(t *testing.T, der []byte) *x509.RevocationList {
	t.Helper()
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestARevokedAuthorityCannotHideBehindACertificateThatItSignsForItself(t *testing.T) {
	t.Parallel()
	root := newAuthority(t, "root", nil)
	works := newAuthority(t, "works", root)
	leaf, _ := works.issue(t, opcuatest.CertOptions{})
	own, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: works.cert.Subject, NotBefore: works.cert.NotBefore, NotAfter: works.cert.NotAfter,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true,
	}, &x509.Certificate{Subject: works.cert.Subject}, &works.key.PublicKey, works.key)
	if err != nil {
		t.Fatal(err)
	}
	list := TrustList{trusted: []*x509.Certificate{root.cert}, crls: []*x509.RevocationList{
		parsed(t, root.list(time.Now().AddDate(0, 0, -1), 1, works.cert))}}
	for name, c := range map[string]Claim{
		"as it was issued":         claims(leaf.Raw, works.cert.Raw),
		"behind its own signature": claims(leaf.Raw, own, works.cert.Raw),
	} {
		if err := list.Verify(c, time.Now()); err == nil || !strings.Contains(err.Error(), "authority") {
			t.Errorf("%s: got error %v, want one that the authority is revoked", name, err)
		}
	}
}

func TestAChainWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	leaf, _ := (*authority)(nil).issue(t, opcuatest.CertOptions{})
	list := TrustList{trusted: []*x509.Certificate{leaf}}
	if err := list.Verify(claims(bytes.Repeat(leaf.Raw, longestChain)), time.Now()); err != nil {
		t.Errorf("%d certificates: %v", longestChain, err)
	}
	if err := list.Verify(claims(bytes.Repeat(leaf.Raw, longestChain+1)), time.Now()); err == nil {
		t.Errorf("%d certificates: got no error", longestChain+1)
	}
}

func TestAListOfChangesDoesNotHideWhatTheWholeListRevokes(t *testing.T) {
	t.Parallel()
	root := newAuthority(t, "root", nil)
	leaf, _ := root.issue(t, opcuatest.CertOptions{})
	now := time.Now()
	changes, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(2), ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}},
	}, root.cert, root.key)
	if err != nil {
		t.Fatal(err)
	}
	list := TrustList{trusted: []*x509.Certificate{root.cert}, crls: []*x509.RevocationList{
		parsed(t, root.list(now.AddDate(0, 0, -1), 1, leaf)), parsed(t, changes)}}
	if err := list.Verify(claims(leaf.Raw), now); err == nil || !strings.Contains(err.Error(), "is revoked") {
		t.Errorf("got error %v, want one that the server is revoked", err)
	}
	list.crls, list.rules.RequireCRL = list.crls[1:], true
	if err := list.Verify(claims(leaf.Raw), now); err == nil || !strings.Contains(err.Error(), "no revocation list") {
		t.Errorf("changes alone, a list is required: got error %v, want one that there is none", err)
	}
}

func TestAnAuthorityWithAWeakKeyVouchesForNobody(t *testing.T) {
	t.Parallel()
	root := newAuthority(t, "root", nil)
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	template := *root.cert
	template.SerialNumber, template.Subject = big.NewInt(7), pkix.Name{CommonName: "works"}
	der, err := x509.CreateCertificate(rand.Reader, &template, root.cert, &key.PublicKey, root.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	leaf, _ := (&authority{t: t, cert: cert, key: key}).issue(t, opcuatest.CertOptions{})
	list := TrustList{trusted: []*x509.Certificate{root.cert}}
	if err := list.Verify(claims(leaf.Raw, der), time.Now()); err == nil || !strings.Contains(err.Error(), "1024 bits") {
		t.Errorf("got error %v, want one that names the weak key", err)
	}
}

func TestARejectedFolderThatGrewTooLargeIsBoundedAgain(t *testing.T) {
	files := map[string][]byte{}
	for i := range maxRejected + 20 {
		files[fmt.Sprintf("%064x.der", i)] = nil
	}
	list := TrustList{rejected: writeFiles(t, files)}
	list.keepRejected(&x509.Certificate{Raw: []byte("new")})
	if left, err := os.ReadDir(list.rejected); err != nil || len(left) != maxRejected {
		t.Errorf("got %d files, error %v; want %d", len(left), err, maxRejected)
	}
	if text := list.keepRejected(&x509.Certificate{Raw: make([]byte, 1<<20)}); !strings.Contains(text, "too large") {
		t.Errorf("a certificate of 1 MiB: got %q, want that it is too large to keep", text)
	}
}

func TestOnlyAuthoritiesVouch(t *testing.T) {
	t.Parallel()
	now := time.Now()
	root := newAuthority(t, "root", nil)
	old := &authority{t: t}
	old.cert, old.key = root.issue(t, opcuatest.CertOptions{Authority: true, From: now.AddDate(-2, 0, 0), To: now.AddDate(-1, 0, 0)})
	ofOld, _ := old.issue(t, opcuatest.CertOptions{})
	server := &authority{t: t}
	server.cert, server.key = root.issue(t, opcuatest.CertOptions{})
	ofServer, _ := server.issue(t, opcuatest.CertOptions{})
	own, _ := (*authority)(nil).issue(t, opcuatest.CertOptions{Authority: true})
	type list = []*x509.Certificate
	for name, c := range map[string]struct {
		trusted list
		claim   Claim
		expired bool
	}{
		"an authority that expired":                     {list{root.cert}, claims(ofOld.Raw, old.cert.Raw), false},
		"one that expired before it issued":             {list{root.cert}, claims(ofOld.Raw, old.cert.Raw), true},
		"a server that an authority issued":             {list{root.cert}, claims(ofServer.Raw, server.cert.Raw), false},
		"a server that is trusted":                      {list{server.cert}, claims(ofServer.Raw, server.cert.Raw), false},
		"itself, with a trusted authority shown behind": {list{root.cert}, claims(own.Raw, root.cert.Raw), false},
	} {
		if err := (TrustList{trusted: c.trusted, rules: Rules{AllowExpired: c.expired}}).Verify(c.claim, now); err == nil || !strings.Contains(err.Error(), "is not trusted") {
			t.Errorf("%s vouches: got error %v, want one that the server is not trusted", name, err)
		}
	}
	nameless := claims(server.cert.Raw)
	nameless.URI = ""
	if err := (TrustList{trusted: list{root.cert}}).Verify(nameless, now); err == nil {
		t.Error("an endpoint of no application: got no error")
	}
}
