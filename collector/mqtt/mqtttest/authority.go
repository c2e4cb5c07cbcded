package mqtttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"andon/plant/setting"
)

// An Authority signs the certificate of a Broker.
type Authority struct {
	// CAFile is the authority's own certificate, in PEM.
	CAFile string

	ca     *x509.Certificate
	server tls.Certificate
}

// NewAuthority makes an authority and a certificate for 127.0.0.1 and
// broker.test, both good for an hour.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	caKey, serverKey := newKey(t), newKey(t)
	caTemplate := certificate(1, "mqtttest authority")
	caTemplate.IsCA, caTemplate.BasicConstraintsValid = true, true
	caTemplate.KeyUsage = x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, caTemplate, caTemplate, caKey.Public(), caKey)
	if err != nil {
		t.Fatalf("make authority: %v", err)
	}
	ca, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatalf("read authority: %v", err)
	}
	serverTemplate := certificate(2, "mqtttest broker")
	serverTemplate.DNSNames = []string{"broker.test"}
	serverTemplate.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	serverTemplate.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	serverDER, err := x509.CreateCertificate(rand.Reader, serverTemplate, ca, serverKey.Public(), caKey)
	if err != nil {
		t.Fatalf("make certificate: %v", err)
	}
	a := &Authority{CAFile: filepath.Join(t.TempDir(), "ca.pem"), ca: ca,
		server: tls.Certificate{Certificate: [][]byte{serverDER}, PrivateKey: serverKey}}
	if err := os.WriteFile(a.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), 0o600); err != nil {
		t.Fatalf("write authority: %v", err)
	}
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	return key
}

func certificate(serial int64, name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour)}
}

// File returns CAFile as configurations hold it.
func (a *Authority) File() setting.File { return setting.File(a.CAFile) }
