package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/plant/setting"
	"andon/web"
)

// certificate writes a certificate for 127.0.0.1 and returns its files and
// who trusts it.
func certificate(t *testing.T) (web.TLSConfig, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string][]byte{"CERTIFICATE": der, "PRIVATE KEY": private}
	for kind, body := range files {
		if err := os.WriteFile(filepath.Join(dir, kind), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: body}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(cert)
	return web.TLSConfig{Cert: setting.File(filepath.Join(dir, "CERTIFICATE")), Key: setting.File(filepath.Join(dir, "PRIVATE KEY"))}, pool
}

func TestUnderTLSCookiesAndEventsTravelEncrypted(t *testing.T) {
	files, trust := certificate(t)
	s := full(t, func(c *web.Config) { c.TLS = files })
	address, _ := s.run()
	address = strings.Replace(address, "http:", "https:", 1)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(address+"/login", url.Values{"name": {"Anna"}, "token": {token}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || res.ProtoMajor != 2 || res.Header.Get("Strict-Transport-Security") == "" {
		t.Fatalf("login: got %d with HTTP/%d and %v, want HTTP/2 and HSTS", res.StatusCode, res.ProtoMajor, res.Header)
	}
	if c := res.Cookies()[0]; !c.Secure || c.Name != "__Host-andon" || c.Path != "/" {
		t.Errorf("cookie: got %+v, want it secure and bound to the host", c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/v1/events?topics=board", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err = client.Do(r); err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	newStream(t, res).want("board")
}
