package opcua_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/collector"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
	"andon/plant/setting"
)

// certificate makes a server certificate and a file that trusts it.
func certificate(t *testing.T, o opcuatest.CertOptions) (der []byte, key *rsa.PrivateKey, file setting.File) {
	t.Helper()
	der, key, err := opcuatest.NewCertificate(o)
	if err != nil {
		t.Fatal(err)
	}
	return der, key, trustFile(t, der)
}

func trustFile(t *testing.T, der []byte) setting.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return setting.File(name)
}

// secureRig is a rig whose server offers Basic256Sha256 only.
func secureRig(t *testing.T, o opcuatest.Options, c opcuatest.CertOptions) *rig {
	t.Helper()
	der, key, trusted := certificate(t, c)
	o.Certificate, o.Key = der, key
	r := newRig(t, o)
	r.config.Security = opcua.Security{Policy: opcua.PolicyBasic256Sha256, Trusted: trusted}
	return r
}

func TestValuesComeThroughEverySecurityMode(t *testing.T) {
	t.Parallel()
	users := map[string]string{"andon": "geheim äöü 0123456789"}
	for name, c := range map[string]struct {
		options opcuatest.Options
		mode    string
		auth    opcua.Auth
	}{
		"encrypted, anonymous":     {mode: opcua.ModeSignAndEncrypt},
		"signed, anonymous":        {mode: opcua.ModeSign, auth: opcua.Auth{Anonymous: true}},
		"encrypted, with password": {options: opcuatest.Options{Users: users}, auth: opcua.Auth{Username: "andon", Password: "geheim äöü 0123456789"}},
		"signed, with password":    {options: opcuatest.Options{Users: users}, mode: opcua.ModeSign, auth: opcua.Auth{Username: "andon", Password: "geheim äöü 0123456789"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := secureRig(t, c.options, opcuatest.CertOptions{})
			r.config.Security.Mode, r.config.Auth = c.mode, c.auth
			tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
			x := r.start()
			r.sink.WaitValue(t, tag, plant.Float(1.5))
			r.set(tag, 2.5, 0)
			r.sink.WaitValue(t, tag, plant.Float(2.5))
			x.stop()
		})
	}
}

func TestAPasswordMayComeFromAFileAndGoInTheClearWhenInsecure(t *testing.T) {
	r := newRig(t, opcuatest.Options{Users: map[string]string{"andon": "geheim"}})
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.config.Auth = opcua.Auth{Username: "andon", PasswordFile: setting.File(file)}
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
}

func TestAWrongPasswordIsSaidToBeOne(t *testing.T) {
	for name, secure := range map[string]bool{"encrypted": true, "in the clear": false} {
		t.Run(name, func(t *testing.T) {
			o := opcuatest.Options{Users: map[string]string{"andon": "geheim"}}
			r := newRig(t, o)
			if secure {
				r = secureRig(t, o, opcuatest.CertOptions{})
			}
			r.config.Auth = opcua.Auth{Username: "andon", Password: "falsch"}
			refusal := r.run().fails()
			if !errors.As(refusal, new(collector.Refused)) {
				t.Errorf("error: got %T, want one by which it is tried again seldom, so that nobody is locked out", refusal)
			}
			err := refusal.Error()
			if !strings.Contains(err, `"andon"`) || !strings.Contains(err, "password") || strings.Contains(err, "falsch") {
				t.Errorf("error: got %q, want the user's name, the word password and not the password", err)
			}
			if got := r.server.Counts().SessionsCreated; got != 1 {
				t.Errorf("sessions created: got %d, want 1", got)
			}
		})
	}
}

func TestAnAnonymousUserWhomTheServerDoesNotAdmitIsToldSo(t *testing.T) {
	r := newRig(t, opcuatest.Options{Users: map[string]string{"andon": "geheim"}})
	if err := r.run().fails().Error(); !strings.Contains(err, "anonymous") {
		t.Errorf("error: got %q, want one about anonymous users", err)
	}
}

func TestServersThatAreNotTrustedAreRefused(t *testing.T) {
	t.Parallel()
	_, _, other := certificate(t, opcuatest.CertOptions{})
	for name, c := range map[string]struct {
		cert    opcuatest.CertOptions
		options opcuatest.Options
		trusted setting.File // "" trusts the server's own
		want    string
	}{
		"another certificate is trusted": {trusted: other, want: "not trusted"},
		"expired":                        {cert: opcuatest.CertOptions{From: time.Now().AddDate(-2, 0, 0), To: time.Now().AddDate(-1, 0, 0)}, want: "valid"},
		"not valid yet":                  {cert: opcuatest.CertOptions{From: time.Now().AddDate(1, 0, 0), To: time.Now().AddDate(2, 0, 0)}, want: "valid"},
		"certificate of another server":  {options: opcuatest.Options{URI: "urn:northfield:press"}, want: "urn:northfield:press"},
		"no such trust file":             {trusted: "/nonexistent/trusted", want: "trusted certificates"},
	} {
		t.Run(name, func(t *testing.T) {
			r := secureRig(t, c.options, c.cert)
			if c.trusted != "" {
				r.config.Security.Trusted = c.trusted
			}
			if err := r.run().fails().Error(); !strings.Contains(err, c.want) {
				t.Errorf("error: got %q, want one with %q", err, c.want)
			}
			if got := r.server.Counts(); got.SessionsCreated != 0 || got.Connections != 1 {
				t.Errorf("after the refusal: got %d connections and %d sessions, want 1 (discovery) and 0", got.Connections, got.SessionsCreated)
			}
		})
	}
}

func TestAnExpiredCertificateMayBeAllowed(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{From: time.Now().AddDate(-2, 0, 0), To: time.Now().AddDate(-1, 0, 0)})
	r.config.Security.AllowExpired = true
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
}

func TestAnAuthorityVouchesForItsServersByTheirHost(t *testing.T) {
	t.Parallel()
	der, key, trusted := certificate(t, opcuatest.CertOptions{URI: "urn:northfield:ca", Authority: true})
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{"127.0.0.1": "", "192.0.2.7": "192.0.2.7"} {
		r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{Issuer: ca, IssuerKey: key, Hosts: []string{host}})
		r.config.Security.Trusted = setting.File(filepath.Dir(string(trusted))) // a folder works as well
		tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
		if want == "" {
			r.start()
			r.sink.WaitValue(t, tag, plant.Float(1.5))
			continue
		}
		if err := r.run().fails().Error(); !strings.Contains(err, want) {
			t.Errorf("certificate for %s: got error %q, want one that names the host", host, err)
		}
	}
}

func TestATrustedServerDoesNotStandInForAnotherHost(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{Hosts: []string{"192.0.2.7"}})
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	err := r.run().fails().Error()
	for _, want := range []string{"192.0.2.7", "127.0.0.1", "allow_other_host"} {
		if !strings.Contains(err, want) {
			t.Errorf("got error %q, want %q in it", err, want)
		}
	}
	r.config.Security.AllowOtherHost = true
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
}

// What an authority signs for many servers is told apart by the host only.
func TestAServerOfAnAuthorityNeverStandsInForAnotherHost(t *testing.T) {
	t.Parallel()
	der, key, trusted := certificate(t, opcuatest.CertOptions{URI: "urn:northfield:ca", Authority: true})
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{Issuer: ca, IssuerKey: key, Hosts: []string{"192.0.2.7"}})
	r.config.Security.Trusted = setting.File(filepath.Dir(string(trusted)))
	r.config.Security.AllowOtherHost = true
	r.add("Energy.kWh", plant.KindFloat, 1.5)
	if err := r.run().fails().Error(); !strings.Contains(err, "192.0.2.7") {
		t.Errorf("got error %q, want one that names the host", err)
	}
}

func TestSecurityIsNeverLoweredToWhatTheServerOffers(t *testing.T) {
	r := newRig(t, opcuatest.Options{}) // offers None only
	_, _, r.config.Security.Trusted = certificate(t, opcuatest.CertOptions{})
	r.config.Security.Policy = opcua.PolicyBasic256Sha256
	if err := r.run().fails().Error(); !strings.Contains(err, "offers None/None") {
		t.Errorf("error: got %q, want one that says what the server offers", err)
	}
	if got := r.server.Counts().SessionsCreated; got != 0 {
		t.Errorf("sessions created: got %d, want 0", got)
	}
}

func TestAServerThatDoesNotTrustAndonIsSuspectedToDoSo(t *testing.T) {
	r := secureRig(t, opcuatest.Options{RefuseClients: true}, opcuatest.CertOptions{})
	err := r.run().fails().Error()
	if !strings.Contains(err, "trust andon's certificate, SHA-256") {
		t.Errorf("error: got %q, want one that suspects the certificate", err)
	}
}

func TestOwnCertificateMayBeConfigured(t *testing.T) {
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
	der, key, certFile := certificate(t, opcuatest.CertOptions{URI: "urn:northfield:andon"})
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil || len(der) == 0 {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "key.der")
	if err := os.WriteFile(keyFile, keyDER, 0o600); err != nil {
		t.Fatal(err)
	}
	r.config.Security.CertificateFile, r.config.Security.KeyFile = certFile, setting.File(keyFile)
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
	if files, _ := os.ReadDir(r.state); len(files) != 0 {
		t.Errorf("state folder: got %d files, want none", len(files))
	}
}
