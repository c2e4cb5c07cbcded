package mqttload

import (
	"bufio"
	"fmt"
	"net"
	"sync"
	"time"
)

// window is how many messages of QoS 1 a connection sends before the first of
// them must be acknowledged.
const window = 4000

// A conn is one connection of the publisher. Its methods are for one
// goroutine; the acknowledgements are counted by another one of its own.
type conn struct {
	net net.Conn
	qos int
	out []byte
	id  uint16

	sent   int64         // messages of QoS 1 appended
	change chan struct{} // one token: the count of acknowledgements has changed, or reading ended
	reader sync.WaitGroup

	mu    sync.Mutex
	acked int64
	err   error // why reading ended
}

// dial connects to a broker at a TCP address.
func dial(address, clientID string, qos int) (*conn, error) {
	n, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, fmt.Errorf("connect the publisher: %w", err)
	}
	c := &conn{net: n, qos: qos, change: make(chan struct{}, 1), out: make([]byte, 0, 1<<17)}
	in := bufio.NewReaderSize(n, 1<<16)
	if err := c.handshake(in, clientID); err != nil {
		n.Close()
		return nil, fmt.Errorf("connect the publisher: %w", err)
	}
	c.reader.Go(func() { c.countAcks(in) }) // ends with the connection, which close waits for
	return c, nil
}

func (c *conn) handshake(in *bufio.Reader, clientID string) error {
	if _, err := c.net.Write(appendConnect(nil, clientID)); err != nil {
		return err
	}
	kind, body, err := readPacket(in, make([]byte, 16))
	if err != nil {
		return err
	}
	if kind != typeConnack || len(body) != 2 || body[1] != 0 {
		return fmt.Errorf("the broker answered packet %#x % x, want a positive CONNACK", kind, body)
	}
	return nil
}

func (c *conn) countAcks(in *bufio.Reader) {
	buffer := make([]byte, 1024)
	gather := time.NewTicker(slice)
	defer gather.Stop()
	for {
		kind, _, err := readPacket(in, buffer)
		c.mu.Lock()
		if err != nil {
			c.err = err
		} else if kind == typePuback {
			c.acked++
		}
		c.mu.Unlock()
		if err == nil && in.Buffered() > 0 {
			continue
		}
		select {
		case c.change <- struct{}{}:
		default: // it has been told already
		}
		if err != nil {
			return
		}
		// Brokers send each acknowledgement by itself. To wake up for each would
		// cost more than publishing; the next slice is soon enough.
		c.wakeFor(1 << 15)
		<-gather.C
		c.wakeFor(1)
	}
}

// publish appends a message to what the next flush sends.
func (c *conn) publish(topic string, payload []byte) {
	if c.qos > 0 {
		c.sent++
		if c.id++; c.id == 0 {
			c.id = 1
		}
	}
	c.out = appendPublish(c.out, topic, c.id, payload)
}

// room tells how many messages may be published before acknowledgements must
// come.
func (c *conn) room() int {
	if c.qos == 0 {
		return window
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return window - int(c.sent-c.acked)
}

// flush sends what was published, in one write.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.net.Write(c.out)
	c.out = c.out[:0]
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// settle waits until all messages of QoS 1 are acknowledged.
func (c *conn) settle(within time.Duration) error {
	timeout := time.After(within)
	for {
		c.mu.Lock()
		missing, err := c.sent-c.acked, c.err
		c.mu.Unlock()
		if missing <= 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for %d acknowledgements: %w", missing, err)
		}
		select {
		case <-c.change:
		case <-timeout:
			return fmt.Errorf("%d messages are not acknowledged after %s", missing, within)
		}
	}
}

// close says goodbye and ends the connection.
func (c *conn) close() {
	_, _ = c.net.Write([]byte{typeDisconnect, 0}) // the broker ends a session without it, too
	c.net.Close()
	c.reader.Wait()
}
