package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

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
