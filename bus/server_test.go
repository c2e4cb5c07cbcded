package bus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/nats-io/nats.go"

	"andon/bus"
	"andon/plant/setting"
)

func TestSecondProcessIsKeptOutOfTheFolder(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	if _, err := bus.Open(t.Context(), bus.Options{Config: s.config, Tree: s.tree}); err == nil {
		t.Fatal("got a second bus on the same folder")
	}
	put(t, b, s.counts("packing/lineA/A1/total", 0, 1))
	closeBus(t, b)
	checkCounts(t, readSamples(t, reader(t, s.open(t), s.area("packing"), 0), 1), 0, 1)
}

func TestNothingRunsOnAfterClose(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		before := runtime.NumGoroutine()
		b := s.open(t)
		put(t, b, s.counts("packing/lineA/A1/total", 0, 1))
		r := reader(t, b, s.area("packing"), 0)
		readSamples(t, r, 1)
		r.Close()
		closeBus(t, b)
		eventually(t, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
	})
}

func TestClientsAtListenNeedThePassword(t *testing.T) {
	s := embedded(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.config.Listen, s.config.User, s.config.Password = free.Addr().String(), "tail", "s3cret"
	free.Close()
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 1))

	if nc, err := nats.Connect("nats://" + s.config.Listen); err == nil {
		nc.Close()
		t.Error("got a connection without the password")
	}
	tool := *s
	tool.config = bus.DefaultConfig()
	tool.config.MaxBytes = smallStream
	tool.config.URL, tool.config.User, tool.config.Password = "nats://"+s.config.Listen, "tail", "s3cret"
	checkCounts(t, readSamples(t, reader(t, tool.open(t), s.area("packing"), 0), 1), 0, 1)
}

// mqttClient connects to the MQTT broker at address.
func mqttClient(t *testing.T, address, id, user, password string) (mqtt.Client, error) {
	t.Helper()
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + address).SetClientID(id).
		SetUsername(user).SetPassword(password).SetConnectTimeout(10 * time.Second).SetAutoReconnect(false))
	token := c.Connect()
	if !token.WaitTimeout(20 * time.Second) {
		t.Fatal("MQTT connect takes more than 20 s")
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c, token.Error()
}

func wait(t *testing.T, what string, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(20*time.Second) || token.Error() != nil {
		t.Fatalf("%s: %v", what, token.Error())
	}
}

// receive wants those texts in this order.
func receive(t *testing.T, got <-chan string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		select {
		case m := <-got:
			if m != want {
				t.Errorf("got %q, want %q", m, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no message in 20 s, want %q", want)
		}
	}
}

// subscribed subscribes with QoS 1 and returns what comes.
func subscribed(t *testing.T, c mqtt.Client, filter string) <-chan string {
	t.Helper()
	got := make(chan string, 10)
	wait(t, "subscribe", c.Subscribe(filter, 1, func(_ mqtt.Client, m mqtt.Message) {
		got <- m.Topic() + " " + string(m.Payload())
	}))
	return got
}

func TestOwnServerIsAnMQTTBrokerThatHidesTheStream(t *testing.T) {
	s := embedded(t)
	s.config.MQTT.Listen = "127.0.0.1:0"
	b := s.open(t)
	line, err := mqttClient(t, b.MQTTAddress(), "line", "", "")
	if err != nil {
		t.Fatal(err)
	}
	andon, err := mqttClient(t, b.MQTTAddress(), "andon", "", "")
	if err != nil {
		t.Fatal(err)
	}
	got := subscribed(t, andon, "#")
	put(t, b, s.counts("packing/lineA/A1/total", 0, 1)) // is not seen by the MQTT client
	wait(t, "publish", line.Publish("telemetry/northfield/packing", 1, false, "not a batch"))
	wait(t, "publish", line.Publish("northfield/packing/lineA/A3/count", 1, true, `{"total":1}`))
	receive(t, got, "telemetry/northfield/packing not a batch", `northfield/packing/lineA/A3/count {"total":1}`)
	if last, err := b.Last(t.Context(), s.area("packing")); last != 1 || err != nil {
		t.Errorf("got %d messages in the stream, %v, want the one that was put", last, err)
	}
}

func TestMQTTClientsNeedThePasswordAndFindWhatWasRetained(t *testing.T) {
	s := embedded(t)
	s.config.MQTT = bus.MQTTConfig{Listen: "127.0.0.1:0", User: "line", Password: "s3cret"}
	b := s.open(t)
	if _, err := mqttClient(t, b.MQTTAddress(), "stranger", "", ""); err == nil {
		t.Error("got an MQTT connection without the password")
	}
	line, err := mqttClient(t, b.MQTTAddress(), "line", "line", "s3cret")
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "publish", line.Publish("northfield/packing/lineA/A3/count", 1, true, `{"total":1}`))
	closeBus(t, b)

	b = s.open(t)
	andon, err := mqttClient(t, b.MQTTAddress(), "andon", "line", "s3cret")
	if err != nil {
		t.Fatal(err)
	}
	// On a busy machine the server finds what was retained only a while after
	// it started; a subscription before that gets nothing.
	for deadline := time.Now().Add(20 * time.Second); ; {
		select {
		case m := <-subscribed(t, andon, "northfield/#"):
			if want := `northfield/packing/lineA/A3/count {"total":1}`; m != want {
				t.Errorf("got %q, want %q", m, want)
			}
			return
		case <-time.After(2 * time.Second):
		}
		if time.Now().After(deadline) {
			t.Fatal("what was retained did not come")
		}
	}
}

func TestTakenMQTTPortIsReported(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := embedded(t)
	s.config.MQTT.Listen = taken.Addr().String()
	_, err = bus.Open(t.Context(), bus.Options{Config: s.config, Tree: s.tree})
	if err == nil || !strings.Contains(err.Error(), "MQTT") {
		t.Errorf("got %v, want an error that names MQTT", err)
	}
}

func TestStreamOfMoreBytesThanTheDiskHasIsKeptSmaller(t *testing.T) {
	s := embedded(t)
	s.config.MaxBytes = 1 << 50
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 1))
	checkCounts(t, readSamples(t, reader(t, b, s.area("packing"), 0), 1), 0, 1)
}

// certificate writes a certificate for 127.0.0.1 and its key to dir, signed by
// the parent or, without one, by itself.
func certificate(t *testing.T, dir, name string, parent *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: parent == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	a := &authority{cert: template, key: key, certFile: filepath.Join(dir, name+".pem"), keyFile: filepath.Join(dir, name+".key")}
	if parent == nil {
		parent = a
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		a.certFile: {Type: "CERTIFICATE", Bytes: der}, a.keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

type authority struct {
	cert              *x509.Certificate
	key               *ecdsa.PrivateKey
	certFile, keyFile string
}

func TestExternalNATSIsReachedOverVerifiedTLSWithAPassword(t *testing.T) {
	dir := t.TempDir()
	ca, stranger := certificate(t, dir, "ca", nil), certificate(t, dir, "stranger", nil)
	server, own := certificate(t, dir, "server", ca), certificate(t, dir, "andon", ca)
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := external(t, "-ca", ca.certFile, "-cert", server.certFile, "-key", server.keyFile, "-user", "andon", "-password", "s3cret")
	s.config.URL = "tls://" + s.nats.Addr()
	s.config.User, s.config.PasswordFile = "andon", setting.File(password)
	s.config.TLS = bus.TLSConfig{CA: setting.File(ca.certFile), Cert: setting.File(own.certFile), Key: setting.File(own.keyFile)}
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 10))
	checkCounts(t, readSamples(t, reader(t, b, s.area("packing"), 0), 10), 0, 10)

	for name, spoil := range map[string]func(*bus.Config){
		"another CA":     func(c *bus.Config) { c.TLS.CA = setting.File(stranger.certFile) },
		"no certificate": func(c *bus.Config) { c.TLS.Cert, c.TLS.Key = "", "" },
		"wrong password": func(c *bus.Config) { c.PasswordFile, c.Password = "", "guess" },
		"no such CA":     func(c *bus.Config) { c.TLS.CA = "nowhere.pem" },
	} {
		config := s.config
		spoil(&config)
		ctx, cancel := timeout(t, 500*time.Millisecond)
		if b, err := bus.Open(ctx, bus.Options{Config: config, Tree: s.tree}); err == nil {
			t.Errorf("%s: got an open bus", name)
			closeBus(t, b)
		}
		cancel()
	}
}
