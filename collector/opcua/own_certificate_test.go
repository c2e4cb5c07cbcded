package opcua_test

import (
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestOwnCertificateIsMadeOnceForAllSources(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.config.KeepFor = 0     // neither takes over the subscription of the other, which has its name
	a, b := r.run(), r.run() // both find no certificate
	r.wait("both up", func() bool { return a.status.Health("").Up && b.status.Health("").Up })
	r.sink.WaitValue(t, tag, plant.Float(1.5))
	a.stop()
	b.stop()
	der, err := os.ReadFile(filepath.Join(r.state, "opcua-client.der"))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	namesThisMachine(t, cert)
	pair := filepath.Join(r.state, "opcua-client.key")
	info, err := os.Stat(pair)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: got mode %v, error %v; want 0600", info.Mode(), err)
	}
	before, _ := os.ReadFile(pair)
	r.start()
	if after, _ := os.ReadFile(pair); string(before) != string(after) {
		t.Error("own certificate was made again")
	}
}

// namesThisMachine looks for what servers look for in andon's own certificate.
func namesThisMachine(t *testing.T, cert *x509.Certificate) {
	t.Helper()
	host, _ := os.Hostname()
	if got, want := cert.URIs[0].String(), "urn:"+host+":andon"; got != want {
		t.Errorf("application URI: got %q, want %q", got, want)
	}
	if err := cert.VerifyHostname(host); err != nil {
		t.Errorf("host name: %v", err)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if ok && n.IP.IsGlobalUnicast() && !slices.ContainsFunc(cert.IPAddresses, n.IP.Equal) && len(cert.IPAddresses) < 8 {
			t.Errorf("addresses: got %v, want %v of this machine too", cert.IPAddresses, n.IP)
		}
	}
	if cert.NotAfter.Before(time.Now().AddDate(9, 0, 0)) {
		t.Errorf("expires: got %v, want it in ten years", cert.NotAfter)
	}
}
