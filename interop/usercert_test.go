package interop_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/plant"
	"andon/plant/setting"
)

// userCertificates logs in with a certificate that the server trusts, through
// every policy, and with one that it does not.
func userCertificates(t *testing.T, s *server) {
	known, stranger := userPair(t, "operator"), userPair(t, "stranger")
	s.do(command{"op": "trust_user", "file": known.der})
	for _, policy := range policies() {
		for _, mode := range []string{opcua.ModeSign, opcua.ModeSignAndEncrypt} {
			t.Run(policy+", "+mode, func(t *testing.T) {
				r := newRig(t, s)
				r.config.Security.Policy, r.config.Security.Mode = policy, mode
				r.config.Auth = known.auth()
				level := r.tag("Level", plant.KindFloat)
				r.start()
				r.last(level)
				s.set("Level", 44.5)
				r.wait("the level", func() bool { return r.last(level).Value == plant.Float(44.5) })
			})
		}
	}
	t.Run("one that the server does not trust is told", func(t *testing.T) {
		r := newRig(t, s)
		r.config.Auth = stranger.auth()
		r.tag("Level", plant.KindFloat)
		r.start()
		r.refused("stranger")
	})
}

// A pair is a user's certificate and key in files.
type pair struct{ certificate, der, key string }

func (p pair) auth() opcua.Auth {
	return opcua.Auth{CertificateFile: setting.File(p.certificate), KeyFile: setting.File(p.key)}
}

func userPair(t *testing.T, name string) pair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name, Organization: []string{"Northfield"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := pair{filepath.Join(dir, "user.pem"), filepath.Join(dir, "user.der"), filepath.Join(dir, "user.key")}
	for file, text := range map[string][]byte{
		p.der:         der,
		p.certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		p.key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}
