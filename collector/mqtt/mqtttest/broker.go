// Package mqtttest is a real MQTT broker for tests, on 127.0.0.1 with a port
// of its own: the MQTT listener of an embedded NATS server with its store in
// the test's temporary folder. It can be stopped and started again with the
// same port and store, ask for a user, and speak TLS with an authority of its
// own. A Proxy before it cuts connections and counts acknowledgements; a
// Client publishes as equipment does.
package mqtttest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startLimit is how long a broker may take to start or to stop; generous,
// because tests share small machines.
const startLimit = 20 * time.Second

// Options of a Broker. The zero Options let everybody in, without TLS.
type Options struct {
	// Users are all who may connect; none means everybody may.
	Users []User
	// TLS makes the broker speak TLS with a certificate of Authority.
	TLS *Authority
	// WebSocket makes the broker listen for web sockets as well, always
	// without TLS.
	WebSocket bool
	// AckWait is after what time a message without acknowledgement is sent
	// again; 0 is one second. This broker, unlike others, waits for it even
	// when a client comes back.
	AckWait time.Duration
}

// A User may connect to a Broker.
type User struct {
	Name, Password string
	// DenySubscribe lists topic filters that are refused, in the subject
	// form of NATS: dots for slashes, * for +, > for #.
	DenySubscribe []string
}

// A Broker is an MQTT broker. Its methods are for the goroutine of the test.
type Broker struct {
	t       testing.TB
	options Options
	dir     string
	port    int
	wsPort  int

	mu     sync.Mutex // guards server
	server *server.Server
}

// Start starts a broker that stops with the test.
func Start(t testing.TB, o Options) *Broker {
	t.Helper()
	if o.AckWait == 0 {
		o.AckWait = time.Second
	}
	b := &Broker{t: t, options: o, dir: t.TempDir(), port: server.RANDOM_PORT, wsPort: server.RANDOM_PORT}
	b.Start()
	t.Cleanup(b.Stop)
	return b
}

// Start starts the broker again after Stop, with the same port and store.
func (b *Broker) Start() {
	b.t.Helper()
	s, err := server.NewServer(b.serverOptions())
	if err != nil {
		b.t.Fatalf("start broker: %v", err)
	}
	s.Start()
	if !s.ReadyForConnections(startLimit) {
		s.Shutdown()
		b.t.Fatalf("start broker: not ready within %v", startLimit)
	}
	v, err := s.Varz(nil)
	if err != nil {
		b.t.Fatalf("ask broker for its port: %v", err)
	}
	b.port, b.wsPort = v.MQTT.Port, v.Websocket.Port
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server = s
}

func (b *Broker) serverOptions() *server.Options {
	o := &server.Options{ServerName: "broker", Host: "127.0.0.1", Port: server.RANDOM_PORT, DontListen: true,
		JetStream: true, StoreDir: b.dir, NoLog: true, NoSigs: true}
	o.MQTT = server.MQTTOpts{Host: "127.0.0.1", Port: b.port, AckWait: b.options.AckWait}
	if a := b.options.TLS; a != nil {
		o.MQTT.TLSConfig = &tls.Config{Certificates: []tls.Certificate{a.server}, MinVersion: tls.VersionTLS12}
	}
	if b.options.WebSocket {
		o.Websocket = server.WebsocketOpts{Host: "127.0.0.1", Port: b.wsPort, NoTLS: true}
	}
	for _, u := range b.options.Users {
		user := &server.User{Username: u.Name, Password: u.Password}
		if len(u.DenySubscribe) > 0 {
			user.Permissions = &server.Permissions{Subscribe: &server.SubjectPermission{Deny: u.DenySubscribe}}
		}
		o.Users = append(o.Users, user)
	}
	return o
}

// Stop stops the broker; its store stays. Connections end without goodbye.
func (b *Broker) Stop() {
	b.mu.Lock()
	s := b.server
	b.server = nil
	b.mu.Unlock()
	if s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// URL returns where the broker listens: tcp://127.0.0.1:port, or ssl:// with
// TLS.
func (b *Broker) URL() string {
	scheme := "tcp"
	if b.options.TLS != nil {
		scheme = "ssl"
	}
	return fmt.Sprintf("%s://%s", scheme, b.Addr())
}

// WebSocketURL returns where the broker listens for web sockets.
func (b *Broker) WebSocketURL() string { return fmt.Sprintf("ws://127.0.0.1:%d/mqtt", b.wsPort) }

// Addr returns 127.0.0.1:port.
func (b *Broker) Addr() string { return fmt.Sprintf("127.0.0.1:%d", b.port) }

// pool returns the authority that clients of the broker must trust.
func (b *Broker) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(b.options.TLS.ca)
	return pool
}
