// Package mqtt holds the plant's equipment on MQTT and, when the plant needs
// one, the broker.
package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"andon/cmd/plantsim/internal/northfield"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const (
	// queueSize is how much a device remembers while its broker is away:
	// more than an hour of it.
	queueSize = 1000
	// retryAfter is the pause between attempts to reach the broker.
	retryAfter = time.Second
	// networkTimeout bounds connecting and every write.
	networkTimeout = 10 * time.Second
	keepAlive      = 10 * time.Second
	// farewell bounds how long a device takes to say that it leaves.
	farewell = 2 * time.Second
	qos      = 1
)

// The words of a device's status topic.
const (
	online  = "online"
	offline = "offline"
)

// Options say how devices reach their broker.
type Options struct {
	Broker   *url.URL // tcp:// or ssl://
	User     string
	Password string
	TLS      *tls.Config // for ssl://
	Log      *slog.Logger
}

// CheckURL reports whether devices can use u.
func CheckURL(u *url.URL) error {
	switch u.Scheme {
	case "tcp", "mqtt", "ssl", "tls", "mqtts":
		if u.Port() != "" && u.Hostname() != "" {
			return nil
		}
	}
	return fmt.Errorf("broker %s: want tcp://host:port or ssl://host:port", u.Redacted())
}

// A Device is one equipment on MQTT. It tells its status on <path>/status,
// retained and with a last will, and publishes messages one after another,
// each until the broker has taken it, through any loss of the connection.
type Device struct {
	o    Options
	path string
	name string
	ops  chan op
	up   chan struct{} // closed when connected for the first time

	// The fields below belong to Run.
	client paho.Client
	conn   net.Conn
	lost   chan struct{} // closed when the connection of client is lost
	seen   bool
	down   bool // on purpose
	logged string
}

// An op is one thing that a device does; they are done in order.
type op struct {
	kind    opKind
	topic   string
	payload []byte
	done    chan struct{} // of opFlush
}

type opKind uint8

const (
	opPublish opKind = iota + 1
	opLose
	opReturn
	opFlush
)

// NewDevice returns the device of eq; Run makes it work.
func NewDevice(eq *northfield.Equipment, o Options) *Device {
	return &Device{o: o, path: eq.Path, name: eq.Name, ops: make(chan op, queueSize), up: make(chan struct{})}
}

// Connected returns a channel that is closed once the device has reached its
// broker.
func (d *Device) Connected() <-chan struct{} { return d.up }

// Publish queues a retained message under the device's path. It blocks while
// the queue is full.
func (d *Device) Publish(ctx context.Context, message string, payload []byte) error {
	return d.do(ctx, op{kind: opPublish, topic: d.path + "/" + message, payload: payload})
}

// Lose cuts the device's connection without a farewell, after everything
// queued before was delivered, so that the broker publishes its last will.
func (d *Device) Lose(ctx context.Context) error { return d.do(ctx, op{kind: opLose}) }

// Return connects the device again after Lose.
func (d *Device) Return(ctx context.Context) error { return d.do(ctx, op{kind: opReturn}) }

// Flush waits until everything queued before was delivered.
func (d *Device) Flush(ctx context.Context) error {
	done := make(chan struct{})
	if err := d.do(ctx, op{kind: opFlush, done: done}); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Device) do(ctx context.Context, o op) error {
	select {
	case d.ops <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run lets the device work until ctx is done; then it says that it is offline
// and disconnects.
func (d *Device) Run(ctx context.Context) {
	defer d.leave()
	for d.connect(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-d.lost: // connect again at once, not only with the next message
			d.client = nil
		case o := <-d.ops:
			d.perform(ctx, o)
		}
	}
}

func (d *Device) perform(ctx context.Context, o op) {
	switch o.kind {
	case opLose:
		d.conn.Close()         // first, so that no farewell gets through
		d.client.Disconnect(0) // ends the client, which has nobody to talk to
		d.client, d.down = nil, true
		d.awaitReturn(ctx)
	case opFlush:
		close(o.done)
	case opPublish:
		for !d.deliver(ctx, o.topic, o.payload) && d.connect(ctx) {
		}
	}
}

// awaitReturn is what a device does while it is cut off: nothing.
func (d *Device) awaitReturn(ctx context.Context) {
	for d.down {
		select {
		case <-ctx.Done():
			return
		case o := <-d.ops:
			d.down = o.kind != opReturn
			if o.kind == opFlush {
				close(o.done)
			}
		}
	}
}

// connect makes sure that there is a connection. It is false when ctx is done.
func (d *Device) connect(ctx context.Context) bool {
	for d.client == nil {
		err := d.tryConnect(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return false
		}
		d.log("broker not reached", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(retryAfter):
		}
	}
	return ctx.Err() == nil
}

// log tells trouble once, until it changes.
func (d *Device) log(msg string, err error) {
	if d.logged != err.Error() {
		d.logged = err.Error()
		d.o.Log.Warn(msg, "equipment", d.name, "broker", d.o.Broker.Redacted(), "err", err)
	}
}

func (d *Device) tryConnect(ctx context.Context) error {
	lost := make(chan struct{})
	gone := sync.OnceFunc(func() { close(lost) })
	o := paho.NewClientOptions().AddBroker(d.o.Broker.String()).
		SetClientID("plantsim-"+d.name).SetUsername(d.o.User).SetPassword(d.o.Password).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).
		SetKeepAlive(keepAlive).SetConnectTimeout(networkTimeout).SetWriteTimeout(networkTimeout).
		SetWill(d.path+"/status", offline, qos, true).
		SetConnectionLostHandler(func(paho.Client, error) { gone() }).
		SetCustomOpenConnectionFn(func(u *url.URL, _ paho.ClientOptions) (net.Conn, error) { return d.open(ctx, u) })
	c := paho.NewClient(o)
	if err := await(ctx, c.Connect(), nil); err != nil {
		c.Disconnect(0)
		return err
	}
	d.client, d.lost = c, lost
	if !d.deliver(ctx, d.path+"/status", []byte(online)) {
		return errors.Join(errors.New("tell the status"), ctx.Err())
	}
	d.logged = ""
	if !d.seen {
		d.seen = true
		close(d.up)
	}
	return nil
}

// open dials the broker and keeps hold of the connection, to be able to cut it.
func (d *Device) open(ctx context.Context, u *url.URL) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, networkTimeout)
	defer cancel()
	dialer := net.Dialer{}
	conn, err := dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "tcp" && u.Scheme != "mqtt" {
		cfg := &tls.Config{}
		if d.o.TLS != nil {
			cfg = d.o.TLS.Clone()
		}
		cfg.ServerName = u.Hostname()
		secure := tls.Client(conn, cfg)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		conn = secure
	}
	d.conn = conn
	return conn, nil
}

// deliver publishes one message and waits for the broker to take it. When it
// did not, the connection is given up.
func (d *Device) deliver(ctx context.Context, topic string, payload []byte) bool {
	err := await(ctx, d.client.Publish(topic, qos, true, payload), d.lost)
	if err == nil {
		return true
	}
	if ctx.Err() != nil {
		return false // the connection is still needed for the farewell
	}
	d.log("message not delivered, trying again", err)
	d.client.Disconnect(0)
	d.client = nil
	return false
}

// await waits for t, for lost or for ctx to be done.
func await(ctx context.Context, t paho.Token, lost <-chan struct{}) error {
	timer := time.NewTimer(networkTimeout)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-lost:
		return errors.New("connection lost")
	case <-timer.C:
		return errors.New("no answer from the broker")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave says goodbye, if anybody listens.
func (d *Device) leave() {
	if d.client == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := await(ctx, d.client.Publish(d.path+"/status", qos, true, offline), d.lost); err != nil {
		d.o.Log.Warn("farewell not delivered", "equipment", d.name, "err", err)
	}
	d.client.Disconnect(uint(farewell.Milliseconds() / 10))
}
