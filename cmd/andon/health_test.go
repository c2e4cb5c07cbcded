package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ownCertificate writes a certificate of andon.plant.example, a name that
// does not lead to this machine.
func ownCertificate(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"andon.plant.example"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// aWell answers as an andon that is well, under TLS when it has a
// certificate, and returns its host:port.
func aWell(t *testing.T, certFile, keyFile string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, "this is %s", r.URL.Path)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are part of the test
	if certFile == "" {
		server.Start()
	} else {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			t.Fatal(err)
		}
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// webConfig writes a configuration that differs from the default in web.
func webConfig(t *testing.T, web string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "andon.yaml")
	text := `plant: {site: s, zone: UTC, areas: [{name: a, lines: [{name: l, equipment: [{name: e, source: m, tags: [{name: x}]}]}]}]}
sources:
  - name: m
    mqtt: {url: "tcp://127.0.0.1:1883", subscriptions: [{topic: "{site}/{area}/{line}/{equipment}", payload: json}]}
web:
` + web
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestHealthAsksWhereTheConfigurationSaysAndonListens(t *testing.T) {
	certFile, keyFile := ownCertificate(t, t.TempDir())
	underTLS := fmt.Sprintf("  tls: {cert_file: %s, key_file: %s}\n", certFile, keyFile)
	secure := aWell(t, certFile, keyFile)
	_, securePort, _ := strings.Cut(secure, ":")
	for name, web := range map[string]string{
		"plain":                          "  listen: " + aWell(t, "", "") + "\n",
		"TLS, with the name of a server": "  listen: " + secure + "\n" + underTLS,
		"TLS on every address":           "  listen: 0.0.0.0:" + securePort + "\n  token: a token for tests alone\n" + underTLS,
		"TLS without an address":         "  listen: :" + securePort + "\n  token: a token for tests alone\n" + underTLS,
	} {
		file := webConfig(t, web)
		var out, errs strings.Builder
		if err := run(t.Context(), []string{"health", "-c", file, "--path", "/healthz"}, &out, &errs); err != nil || out.String() != "this is /healthz" {
			t.Errorf("%s: got %q, %v, %s; want the answer", name, out.String(), err, errs.String())
		}
		out.Reset()
		if err := run(t.Context(), []string{"health", "-c", file}, &out, &errs); err == nil || out.String() != "this is /readyz" {
			t.Errorf("%s, not ready: got %q, %v; want the answer and an error", name, out.String(), err)
		}
	}
}

func TestHealthTrustsTheConfiguredCertificateAlone(t *testing.T) {
	certFile, keyFile := ownCertificate(t, t.TempDir())
	otherCert, otherKey := ownCertificate(t, t.TempDir())
	file := webConfig(t, fmt.Sprintf("  listen: %s\n  tls: {cert_file: %s, key_file: %s}\n", aWell(t, otherCert, otherKey), certFile, keyFile))
	if err := run(t.Context(), []string{"health", "-c", file, "--path", "/healthz"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another certificate: got %v, want it refused", err)
	}
}

func TestHealthStillAsksAnAddressThatIsGiven(t *testing.T) {
	var out strings.Builder
	address := "http://" + aWell(t, "", "") + "/healthz"
	if err := run(t.Context(), []string{"health", "--url", address}, &out, io.Discard); err != nil || out.String() != "this is /healthz" {
		t.Errorf("got %q, %v; want the answer", out.String(), err)
	}
	if err := run(t.Context(), []string{"health", "--url", address, "-c", "andon.yaml"}, io.Discard, io.Discard); err == nil {
		t.Error("both an address and a configuration: got no error, want one")
	}
	if err := run(t.Context(), []string{"health", "-c", filepath.Join(t.TempDir(), "none.yaml")}, io.Discard, io.Discard); err == nil {
		t.Error("a configuration that is not there: got no error, want one")
	}
}
