package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
)

// An authority issues certificates and revocation lists.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

func newAuthority(t *testing.T, name string, parent *authority) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = parent.issue(t, opcuatest.CertOptions{URI: "urn:northfield:ca:" + name, Authority: true,
		Change: func(c *x509.Certificate) { c.Subject.CommonName = name }})
	return a
}

// issue makes a certificate; without an authority it signs itself.
func (a *authority) issue(t *testing.T, o opcuatest.CertOptions) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	if a != nil {
		o.Issuer, o.IssuerKey = a.cert, a.key
	}
	der, key, err := opcuatest.NewCertificate(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

// list makes a revocation list that was made at a time and is replaced a week
// later.
func (a *authority) list(made time.Time, reason int, revoked ...*x509.Certificate) []byte {
	a.t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(made.Unix()), ThisUpdate: made, NextUpdate: made.AddDate(0, 0, 7)}
	for _, c := range revoked {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: made, ReasonCode: reason})
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, a.cert, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return der
}

// writeFiles writes files into folders below a new one, which it returns.
func writeFiles(t *testing.T, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, b := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// trustFolder writes the files of a trust list, of which later ones replace
// earlier ones and nil ones are left out, and returns its folder.
func trustFolder(t *testing.T, parts ...map[string][]byte) string {
	t.Helper()
	all := map[string][]byte{"issuers/note.txt": []byte("not a certificate")}
	for _, files := range parts {
		for file, b := range files {
			if all[file] = b; b == nil {
				delete(all, file)
			}
		}
	}
	dir := writeFiles(t, all)
	if err := os.MkdirAll(filepath.Join(dir, "trusted"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnAuthorityVouchesOnlyForWhatNobodyAboveRevoked(t *testing.T) {
	t.Parallel()
	yesterday, lastYear := time.Now().AddDate(0, 0, -1), time.Now().AddDate(-1, 0, 0)
	root := newAuthority(t, "root", nil)
	works, stranger := newAuthority(t, "works", root), newAuthority(t, "works", nil)
	leaf, _ := works.issue(t, opcuatest.CertOptions{})
	type files = map[string][]byte
	chain := files{"trusted/root.der": root.cert.Raw, "issuers/works.der": works.cert.Raw}
	for name, c := range map[string]struct {
		files   files
		require bool
		want    string // "" is accepted
	}{
		"no lists":                            {files: chain},
		"no lists, which are required":        {files: chain, require: true, want: "revocation list"},
		"empty lists, which are required":     {files: files{"issuers/a.crl": works.list(yesterday, 0), "trusted/crl/b.crl": root.list(yesterday, 0)}, require: true},
		"a list of one of two, both required": {files: files{"issuers/a.crl": works.list(yesterday, 0)}, require: true, want: "root"},
		"old lists, which are required":       {files: files{"issuers/a.crl": works.list(lastYear, 0), "trusted/b.crl": root.list(yesterday, 0)}, require: true, want: "out of date"},
		"old lists":                           {files: files{"issuers/a.crl": works.list(lastYear, 0)}},
		"the server is revoked":               {files: files{"issuers/crl/a.crl": works.list(yesterday, 1, leaf)}, want: "is revoked since"},
		"the server was revoked long ago":     {files: files{"issuers/a.crl": works.list(lastYear, 1, leaf)}, want: "is revoked since"},
		"its authority is revoked":            {files: files{"trusted/a.crl": root.list(yesterday, 1, works.cert)}, want: "authority"},
		"the revocation was taken back":       {files: files{"issuers/a.crl": works.list(lastYear, 6, leaf), "issuers/b.crl": works.list(yesterday, reasonRemoved, leaf)}},
		"a list of somebody of that name":     {files: files{"issuers/a.crl": stranger.list(yesterday, 1, leaf)}},
		"the server itself is trusted":        {files: files{"trusted/root.der": nil, "trusted/leaf.der": leaf.Raw}},
		"it is trusted, and revoked":          {files: files{"trusted/leaf.der": leaf.Raw, "issuers/a.crl": works.list(yesterday, 1, leaf)}, want: "is revoked since"},
		"only issuers know it":                {files: files{"trusted/root.der": nil, "issuers/root.der": root.cert.Raw}, want: "is not trusted"},
		"the authority between is missing":    {files: files{"issuers/works.der": nil}, want: "is not trusted"},
		"the authority between is trusted":    {files: files{"trusted/root.der": nil, "issuers/works.der": nil, "trusted/certs/works.der": works.cert.Raw}},
	} {
		dir := trustFolder(t, chain, c.files)
		list, err := LoadTrustList(dir, Rules{RequireCRL: c.require})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		err = list.Verify(claims(leaf.Raw), time.Now())
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
		_, missing := os.Stat(filepath.Join(dir, "rejected", Fingerprint(leaf)+".der"))
		if kept := missing == nil; kept != (c.want != "") {
			t.Errorf("%s: got kept among the rejected %v, want %v", name, kept, c.want != "")
		}
	}
}

func TestABrokenFileAmongTheTrustedIsNamed(t *testing.T) {
	for file, form := range map[string]string{
		"trusted/server.der": "trusted/note.txt", "trusted/crl/ca.crl": "trusted/note.txt", "issuers/certs/ca.pem": "trusted/note.txt", "flat.cer": "note.txt",
	} {
		root := writeFiles(t, map[string][]byte{file: []byte("broken"), form: nil})
		if _, err := LoadTrustList(root, Rules{}); err == nil || !strings.Contains(err.Error(), filepath.Base(file)) {
			t.Errorf("%s: got error %v, want one that names it", file, err)
		}
	}
}

func TestACertificateThatIsNotMadeForAServerIsRefused(t *testing.T) {
	t.Parallel()
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := func(change func(*x509.Certificate)) *x509.Certificate {
		c, _ := (*authority)(nil).issue(t, opcuatest.CertOptions{Change: change})
		return c
	}
	curve := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "curve"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, curve, curve, &elliptic.PublicKey, elliptic)
	if err != nil {
		t.Fatal(err)
	}
	if curve, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]*x509.Certificate{
		"RSA key":            curve,
		"digital signatures": made(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }),
		"encipherment":       made(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }),
		"serverAuth":         made(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
		"":                   made(func(c *x509.Certificate) { c.KeyUsage, c.ExtKeyUsage = 0, nil }),
		"of application":     made(func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "urn", Opaque: "northfield:press"}} }),
	} {
		list := TrustList{trusted: []*x509.Certificate{c}}
		err := list.Verify(claims(c.Raw), time.Now())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestOnlyTheLastOfManyRejectedCertificatesAreKept(t *testing.T) {
	list := TrustList{rejected: filepath.Join(t.TempDir(), "rejected")}
	for i := range maxRejected + 5 {
		c := &x509.Certificate{Raw: fmt.Append(nil, i)}
		for range 2 {
			list.keepRejected(c)
		}
		// Files of one moment have no order.
		at := time.Unix(int64(1e9+i), 0)
		if err := os.Chtimes(filepath.Join(list.rejected, Fingerprint(c)+".der"), at, at); err != nil {
			t.Fatalf("certificate %d: %v", i, err)
		}
	}
	files, err := os.ReadDir(list.rejected)
	if err != nil || len(files) != maxRejected {
		t.Errorf("got %d files, error %v; want %d", len(files), err, maxRejected)
	}
	first := &x509.Certificate{Raw: fmt.Append(nil, 0)}
	if _, err := os.Stat(filepath.Join(list.rejected, Fingerprint(first)+".der")); err == nil {
		t.Error("the first one is still there")
	}
	if text := (TrustList{rejected: "/dev/null/rejected"}).keepRejected(first); !strings.Contains(text, "cannot be kept") {
		t.Errorf("a folder that cannot be written: got %q, want what is wrong", text)
	}
}
