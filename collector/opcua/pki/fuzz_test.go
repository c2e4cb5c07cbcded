package pki

import (
	"bytes"
	"crypto/x509"
	"testing"

	"andon/collector/opcua/opcuatest"
)

// FuzzServerCertificate feeds what an endpoint could show as its certificate:
// only the trusted one is trusted.
func FuzzServerCertificate(f *testing.F) {
	o := opcuatest.CertOptions{URI: "urn:northfield:packing"}
	der, _, err := opcuatest.NewCertificate(o)
	if err != nil {
		f.Fatal(err)
	}
	other, _, err := opcuatest.NewCertificate(o)
	if err != nil {
		f.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		f.Fatal(err)
	}
	known := TrustList{trusted: []*x509.Certificate{leaf}}
	now := leaf.NotBefore.AddDate(0, 1, 0)
	for _, b := range [][]byte{der, other, append(bytes.Clone(other), der...), append(bytes.Clone(der), other...), der[:100], {}} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		err := known.Verify(Claim{Certificate: b, URI: o.URI, Host: "127.0.0.1"}, now)
		if trusted := bytes.HasPrefix(b, der); err == nil && !trusted {
			t.Fatalf("trusted: %x", b)
		}
	})
}
