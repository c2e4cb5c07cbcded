package mqtt

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// brokerStart bounds the start of the broker, which first reads its store.
const brokerStart = 30 * time.Second

// A Broker is an MQTT broker inside this process: the MQTT listener of a NATS
// server that listens to nothing else.
type Broker struct {
	srv  *server.Server
	addr string
	temp string // folder to remove, "" for none
}

// StartBroker listens at host:port; port 0 takes a free one. Retained
// messages and sessions live in dir; without one they end with the broker.
func StartBroker(listen, dir string) (*Broker, error) {
	host, port, err := freeAddress(listen)
	if err != nil {
		return nil, err
	}
	b := &Broker{addr: net.JoinHostPort(host, strconv.Itoa(port))}
	if dir == "" {
		if b.temp, err = os.MkdirTemp("", "plantsim-"); err != nil {
			return nil, err
		}
		dir = b.temp
	}
	b.srv, err = server.NewServer(&server.Options{
		ServerName: "plantsim", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, DisableJetStreamBanner: true,
		MQTT: server.MQTTOpts{Host: host, Port: port},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set the MQTT broker up: %w", err), b.removeTemp())
	}
	b.srv.Start()
	if !b.srv.ReadyForConnections(brokerStart) {
		return nil, errors.Join(errors.New("start the MQTT broker: it is not ready within 30 s"), b.Close())
	}
	return b, nil
}

// freeAddress makes sure that nobody listens at listen, since the server
// itself would only log it, and chooses a port for 0.
func freeAddress(listen string) (string, int, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", 0, err
	}
	addr := l.Addr().(*net.TCPAddr)
	return addr.IP.String(), addr.Port, l.Close()
}

// URL returns where devices on this machine reach the broker.
func (b *Broker) URL() *url.URL {
	host, port, _ := net.SplitHostPort(b.addr)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return &url.URL{Scheme: "tcp", Host: net.JoinHostPort(host, port)}
}

// Close stops the broker and waits for it.
func (b *Broker) Close() error {
	b.srv.Shutdown()
	b.srv.WaitForShutdown()
	return b.removeTemp()
}

func (b *Broker) removeTemp() error {
	if b.temp == "" {
		return nil
	}
	return os.RemoveAll(b.temp)
}
