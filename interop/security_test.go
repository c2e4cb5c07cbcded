package interop_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/plant"
	"andon/plant/setting"
)

// policies are those that protect a channel.
func policies() []string {
	return []string{opcua.PolicyBasic256Sha256, opcua.PolicyAes128Sha256RsaOaep, opcua.PolicyAes256Sha256RsaPss}
}

// passwords logs in through every policy and mode, each of which encrypts the
// password in its own way.
func passwords(t *testing.T, s *server) {
	for _, policy := range policies() {
		for _, mode := range []string{opcua.ModeSign, opcua.ModeSignAndEncrypt} {
			t.Run(policy+", "+mode, func(t *testing.T) {
				r := newRig(t, s)
				r.config.Security.Policy, r.config.Security.Mode = policy, mode
				r.config.Auth = opcua.Auth{Username: "andon", Password: "geheim äöü"}
				level := r.tag("Level", plant.KindFloat)
				r.start()
				r.last(level)
				s.set("Level", 43.5)
				r.wait("the level", func() bool { return r.last(level).Value == plant.Float(43.5) })
			})
		}
	}
	t.Run("a wrong one is told", func(t *testing.T) {
		r := newRig(t, s)
		r.config.Auth = opcua.Auth{Username: "andon", Password: "falsch"}
		r.tag("Level", plant.KindFloat)
		r.start()
		r.refused(`log in as "andon"`)
	})
}

func untrusted(t *testing.T, s *server) {
	r := newRig(t, s)
	r.config.Security.Trusted = trusted(t)
	r.tag("Level", plant.KindFloat)
	before := s.do(command{"op": "counts"}).Sessions
	r.start()
	r.refused("is not trusted")
	if got := s.do(command{"op": "counts"}).Sessions; got > before {
		t.Errorf("sessions after the refusal: got %d, want %d", got, before)
	}
}

// refused waits until the source is down for a reason.
func (r *rig) refused(reason string) {
	r.t.Helper()
	r.wait("the refusal", func() bool { return r.super.Health()[0].Attempts > 0 })
	if h := r.super.Health()[0]; h.Up || !strings.Contains(h.Error, reason) {
		r.t.Errorf("health: got up %v, error %q; want down with %q", h.Up, h.Error, reason)
	}
	if got := r.sink.Samples(); len(got) > 0 {
		r.t.Errorf("samples: got %d, want none", len(got))
	}
}

// trusted makes a certificate of nobody.
func trusted(t *testing.T) setting.File {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "nobody.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return setting.File(name)
}
