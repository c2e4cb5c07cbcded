// Package mqtt holds the plant's equipment on MQTT and, when the plant needs
// one, the broker.
package mqtt

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/url"
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
