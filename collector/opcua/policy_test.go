package opcua_test

import (
	"crypto/rsa"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
	"andon/plant/setting"
)

// userPair makes a user's certificate and files with it and its key.
func userPair(t *testing.T) (der []byte, auth opcua.Auth) {
	t.Helper()
	der, key, cert := certificate(t, opcuatest.CertOptions{URI: "urn:northfield:operator"})
	return der, opcua.Auth{CertificateFile: cert, KeyFile: keyFile(t, key)}
}

func keyFile(t *testing.T, key *rsa.PrivateKey) setting.File {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "key.der")
	if err := os.WriteFile(name, der, 0o600); err != nil {
		t.Fatal(err)
	}
	return setting.File(name)
}

// reads starts the source, waits for the value of tag and stops it.
func (r *rig) reads(t *testing.T, tag *plant.Tag, v float64) {
	t.Helper()
	r.set(tag, v, 0)
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Float(v))
	x.stop()
}

func TestEveryPolicyCarriesValuesInEveryModeForEveryKindOfUser(t *testing.T) {
	t.Parallel()
	user, asUser := userPair(t)
	r := secureRig(t, opcuatest.Options{
		Anonymous: true, Users: map[string]string{"andon": "geheim"}, UserCertificates: [][]byte{user},
	}, opcuatest.CertOptions{})
	tag := r.add("Energy.kWh", plant.KindFloat, 0.5)
	v := 1.0
	for _, policy := range opcuatest.Policies() {
		for _, mode := range []string{opcua.ModeSign, opcua.ModeSignAndEncrypt} {
			for name, auth := range map[string]opcua.Auth{
				"anonymous": {}, "password": {Username: "andon", Password: "geheim"}, "certificate": asUser,
			} {
				t.Run(policy+" "+mode+" "+name, func(t *testing.T) {
					r.config.Security.Policy, r.config.Security.Mode, r.config.Auth = policy, mode, auth
					v++
					r.reads(t, tag, v)
				})
			}
		}
	}
}

func TestAUserIsProtectedAsItsOwnPolicySays(t *testing.T) {
	t.Parallel()
	user, asUser := userPair(t)
	der, key, trusted := certificate(t, opcuatest.CertOptions{})
	for _, policy := range opcuatest.Policies() {
		r := newRig(t, opcuatest.Options{
			Certificate: der, Key: key, Insecure: true, TokenPolicy: policy,
			Users:            map[string]string{"andon": strings.Repeat("ein langes Geheimnis ", 20)},
			UserCertificates: [][]byte{user},
		})
		tag := r.add("Energy.kWh", plant.KindFloat, 0.5)
		for i, auth := range []opcua.Auth{{Username: "andon", Password: setting.Secret(strings.Repeat("ein langes Geheimnis ", 20))}, asUser} {
			r.config.Auth = auth
			r.config.Security = opcua.Security{Policy: opcua.PolicyBasic256Sha256, Mode: opcua.ModeSign, Trusted: trusted}
			r.reads(t, tag, float64(10*i+1))
			r.config.Security = opcua.Security{Policy: opcua.PolicyNone, Insecure: true, Trusted: trusted}
			r.reads(t, tag, float64(10*i+2))
		}
	}
}

func TestAUserWhoseCertificateTheServerDoesNotKnowIsNamed(t *testing.T) {
	t.Parallel()
	known, _ := userPair(t)
	_, stranger := userPair(t)
	r := secureRig(t, opcuatest.Options{UserCertificates: [][]byte{known}}, opcuatest.CertOptions{})
	r.config.Auth = stranger
	if err := r.run().fails().Error(); !strings.Contains(err, "user's certificate, SHA-256") {
		t.Errorf("error: got %q, want one that names the user's certificate", err)
	}
	if got := r.server.Counts().SessionsActive; got != 0 {
		t.Errorf("sessions left at the server: got %d, want 0", got)
	}
}

func TestAPasswordIsNotSealedForAServerThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	der, key, _ := certificate(t, opcuatest.CertOptions{})
	_, _, other := certificate(t, opcuatest.CertOptions{})
	r := newRig(t, opcuatest.Options{Certificate: der, Key: key, Insecure: true, TokenPolicy: opcua.PolicyBasic256Sha256, Users: map[string]string{"andon": "geheim"}})
	r.config.Auth = opcua.Auth{Username: "andon", Password: "geheim"}
	r.config.Security.Trusted = other
	if err := r.run().fails().Error(); !strings.Contains(err, "not trusted") {
		t.Errorf("error: got %q, want one that refuses the server", err)
	}
}

// tokens has users identify themselves under a policy at all endpoints.
func tokens(list []*ua.EndpointDescription, uri string) []*ua.EndpointDescription {
	for _, e := range list {
		for _, p := range e.UserIdentityTokens {
			p.SecurityPolicyURI = uri
		}
	}
	return list
}

func TestWhoeverChangesWhatAServerSaysInTheClearIsFoundOut(t *testing.T) {
	t.Parallel()
	type endpoints = []*ua.EndpointDescription
	other, _, _ := certificate(t, opcuatest.CertOptions{})
	for name, c := range map[string]struct {
		discovered func(endpoints) endpoints
		created    func(endpoints, []byte) (endpoints, []byte)
		want       string
		sessions   int
	}{
		"all but policy None taken out": {
			discovered: func(list endpoints) endpoints { return list[:1] }, want: "offers None/None"},
		"all endpoints taken out": {
			discovered: func(endpoints) endpoints { return nil }, want: "no endpoint"},
		"the password asked for in the clear": {
			discovered: func(list endpoints) endpoints { return tokens(list, ua.SecurityPolicyURINone) }, want: "unencrypted"},
		"the password asked for under a weaker policy": {
			discovered: func(list endpoints) endpoints { return tokens(list, ua.SecurityPolicyURIBasic256) }, want: "not what was told before", sessions: 1},
		"the certificate of the session is another one": {
			created: func(list endpoints, _ []byte) (endpoints, []byte) { return list, other }, want: "another certificate", sessions: 1},
		"the session offers None only": {
			created: func(list endpoints, der []byte) (endpoints, []byte) { return list[:1], der }, want: "not what was told before", sessions: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := secureRig(t, opcuatest.Options{
				Insecure: true, Users: map[string]string{"andon": "geheim"}, Discovered: c.discovered, Created: c.created,
			}, opcuatest.CertOptions{})
			r.config.Security.Mode = opcua.ModeSign
			r.config.Auth = opcua.Auth{Username: "andon", Password: "geheim"}
			r.add("Energy.kWh", plant.KindFloat, 1.5)
			if err := r.run().fails().Error(); !strings.Contains(err, c.want) {
				t.Errorf("error: got %q, want one with %q", err, c.want)
			}
			if got := r.server.Counts(); got.SessionsCreated != c.sessions || got.SessionsActive != 0 {
				t.Errorf("got %d sessions made and %d left, want %d and none", got.SessionsCreated, got.SessionsActive, c.sessions)
			}
		})
	}
}
