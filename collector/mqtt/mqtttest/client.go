package mqtttest

import (
	"crypto/tls"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// ClientOptions of a Client. The zero ClientOptions connect without a user
// and leave no last will.
type ClientOptions struct {
	ID                 string // "" is "equipment"
	User, Password     string
	WillTopic, Will    string // published by the broker when the connection breaks
	WillRetainedAsWell bool   // keep the will for later subscribers
}

// A Client publishes as equipment does. It connects again by itself.
type Client struct {
	t    testing.TB
	paho paho.Client

	mu   sync.Mutex // guards conn
	conn net.Conn
}

// Connect connects a client to b; it leaves with the test.
func (b *Broker) Connect(t testing.TB, o ClientOptions) *Client {
	t.Helper()
	if o.ID == "" {
		o.ID = "equipment"
	}
	c := &Client{t: t}
	po := paho.NewClientOptions().AddBroker(b.URL()).SetClientID(o.ID).SetUsername(o.User).SetPassword(o.Password)
	po.SetProtocolVersion(4).SetConnectTimeout(startLimit)
	po.SetMaxReconnectInterval(100 * time.Millisecond)
	if o.WillTopic != "" {
		po.SetWill(o.WillTopic, o.Will, 1, o.WillRetainedAsWell)
	}
	po.SetCustomOpenConnectionFn(func(u *url.URL, _ paho.ClientOptions) (net.Conn, error) { return c.dial(b, u) })
	c.paho = paho.NewClient(po)
	c.wait("connect", c.paho.Connect())
	t.Cleanup(func() { c.paho.Disconnect(100) })
	return c
}

func (c *Client) dial(b *Broker, u *url.URL) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: startLimit}
	var conn net.Conn
	var err error
	if b.options.TLS != nil {
		conn, err = tls.DialWithDialer(dialer, "tcp", u.Host, &tls.Config{RootCAs: b.pool(), MinVersion: tls.VersionTLS12})
	} else {
		conn, err = dialer.Dial("tcp", u.Host)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	return conn, err
}

// Publish publishes one message with QoS 1 and returns once the broker has
// acknowledged it.
func (c *Client) Publish(topic, payload string) {
	c.t.Helper()
	c.wait("publish "+topic, c.paho.Publish(topic, 1, false, payload))
}

// PublishRetained is Publish of a message that the broker keeps for later
// subscribers.
func (c *Client) PublishRetained(topic, payload string) {
	c.t.Helper()
	c.wait("publish "+topic, c.paho.Publish(topic, 1, true, payload))
	if payload != "" {
		c.awaitRetained(topic, payload)
	}
}

// awaitRetained asks until the broker hands out what it retained: this one
// acknowledges a message some time before new subscribers get it.
func (c *Client) awaitRetained(topic, payload string) {
	c.t.Helper()
	limit := time.After(startLimit)
	for {
		got := make(chan struct{}, 1)
		c.wait("subscribe "+topic, c.paho.Subscribe(topic, 0, func(_ paho.Client, m paho.Message) {
			if m.Retained() && string(m.Payload()) == payload {
				select {
				case got <- struct{}{}:
				default: // seen already
				}
			}
		}))
		again := time.NewTimer(250 * time.Millisecond)
		found := false
		select {
		case <-got:
			found = true
		case <-again.C:
		case <-limit:
			c.t.Fatalf("%s: the broker does not hand out what it retained", topic)
		}
		again.Stop()
		c.wait("unsubscribe "+topic, c.paho.Unsubscribe(topic))
		if found {
			return
		}
	}
}

// PublishFast publishes with QoS 1 and does not wait. The token completes
// when the broker has acknowledged the message.
func (c *Client) PublishFast(topic, payload string) paho.Token {
	return c.paho.Publish(topic, 1, false, payload)
}

// Break cuts the connection without goodbye, so that the broker publishes the
// last will.
func (c *Client) Break() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.conn.Close()
}

func (c *Client) wait(what string, token paho.Token) {
	c.t.Helper()
	if !token.WaitTimeout(startLimit) {
		c.t.Fatalf("%s: no answer within %v", what, startLimit)
	}
	if err := token.Error(); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}
