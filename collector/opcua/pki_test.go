package opcua_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
	"andon/plant/setting"
)

func TestAServerThatShowsAnotherCertificateIsRefusedUntilThatOneIsTrusted(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
	pki := t.TempDir()
	trusted := filepath.Join(pki, "trusted")
	if err := os.Mkdir(trusted, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(string(r.config.Security.Trusted), filepath.Join(trusted, "server.pem")); err != nil {
		t.Fatal(err)
	}
	r.config.Security.Trusted = setting.File(pki)
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))

	der, key, _ := certificate(t, opcuatest.CertOptions{})
	r.server.Close()
	r.server = opcuatest.Start(t, opcuatest.Options{Listen: r.server.Addr(), Certificate: der, Key: key})
	r.server.Add("LineA.A1.Energy.kWh", 2.5)
	for range 2 {
		if err := r.run().fails().Error(); !strings.Contains(err, "is not trusted") || !strings.Contains(err, "rejected") {
			t.Errorf("after the swap: got error %q, want one that refuses and says where the certificate is kept", err)
		}
	}
	if got := r.server.Counts(); got.SessionsCreated != 0 || got.Connections != 2 {
		t.Errorf("after the swap: got %d sessions on %d connections, want none on 2 (discovery)", got.SessionsCreated, got.Connections)
	}
	kept, err := filepath.Glob(filepath.Join(pki, "rejected", "*.der"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept among the rejected: got %v, error %v; want one file", kept, err)
	}
	if err := os.Rename(kept[0], filepath.Join(trusted, "new.der")); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(2.5))
}

func TestCertificatesThatEndSoonAreTroubleOfTheSource(t *testing.T) {
	t.Parallel()
	soon := time.Now().AddDate(0, 0, 29)
	user, userKey, userFile := certificate(t, opcuatest.CertOptions{To: soon})
	r := secureRig(t, opcuatest.Options{UserCertificates: [][]byte{user}}, opcuatest.CertOptions{To: soon})
	_, ownKey, own := certificate(t, opcuatest.CertOptions{To: soon, URI: "urn:northfield:andon"})
	r.config.Security.CertificateFile, r.config.Security.KeyFile = own, keyFile(t, ownKey)
	r.config.Auth = opcua.Auth{CertificateFile: userFile, KeyFile: keyFile(t, userKey)}
	r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.start()
	day := soon.UTC().Format(time.DateOnly)
	for _, whose := range []string{"own", "user", "server"} {
		r.wait("trouble with the "+whose+" certificate", func() bool {
			return strings.Contains(r.status.Health("").Troubles[whose+" certificate"], day)
		})
	}
	if got, want := r.gauge("andon_opcua_certificate_expires_timestamp_seconds", "server"), float64(soon.Unix()); got != want {
		t.Errorf("metric of the server's certificate: got %v, want %v", got, want)
	}
}

func TestACertificateWithAMonthToGoIsNoTrouble(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{To: time.Now().AddDate(0, 0, 31)})
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
	x.stop()
	if got := r.status.Health("").Troubles; len(got) != 0 {
		t.Errorf("troubles: got %v, want none", got)
	}
}

// gauge returns the gauge of a family whose first label has that value.
func (r *rig) gauge(family, value string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == family && m.GetLabel()[0].GetValue() == value {
				return m.GetGauge().GetValue()
			}
		}
	}
	r.t.Fatalf("gauge %s of %q: not there", family, value)
	return 0
}
