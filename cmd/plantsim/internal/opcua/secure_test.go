package opcua_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/opcua"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
)

// identity writes a self-signed certificate and its key and returns their
// paths, and both as a client needs them.
func identity(t *testing.T, uri string) (certFile, keyFile string, cert []byte, key *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), URIs: []*url.URL{u}}
	cert, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert},
		keyFile:  {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile, cert, key
}

func TestEncryptedClientReadsAndSubscribes(t *testing.T) {
	certFile, keyFile, _, _ := identity(t, "urn:test:server")
	s := serve(t, opcua.Options{Cert: certFile, Key: keyFile})
	_, _, cert, key := identity(t, "urn:test:client")
	eps, err := gopcua.GetEndpoints(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	ep, err := gopcua.SelectEndpoint(eps, ua.SecurityPolicyURIBasic256Sha256, ua.MessageSecurityModeSignAndEncrypt)
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, s, gopcua.Certificate(cert), gopcua.PrivateKey(key),
		gopcua.AuthAnonymous(), gopcua.SecurityFromEndpoint(ep, ua.UserTokenTypeAnonymous))
	v := next(t, monitor(t, c, subscription{"LineA.A1.Status.StateCurrent", 100 * time.Millisecond, 10}))
	if got, want := v.Value.Value(), int32(0); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWithoutCertificateOnlyNoneIsOffered(t *testing.T) {
	s := running(t)
	eps, err := gopcua.GetEndpoints(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	if len(eps) != 1 || eps[0].SecurityPolicyURI != ua.SecurityPolicyURINone || eps[0].EndpointURL != s.URL() {
		t.Errorf("got %d endpoints, first %s at %s; want one, None at %s", len(eps), eps[0].SecurityPolicyURI, eps[0].EndpointURL, s.URL())
	}
}

func TestMissingCertificateIsAnError(t *testing.T) {
	_, err := opcua.Start(t.Context(), opcua.Options{Listen: "127.0.0.1:0", Cert: "none.pem", Key: "none.pem",
		Plant: northfield.Plant()}, nil)
	if err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
