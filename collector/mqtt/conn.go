package mqtt

import (
	"errors"
	"net"
	"sync"
	"time"

	"andon/collector"
	"andon/plant"
)

// A conn is the connection that the library is given. It takes the messages
// out of what the broker sends, for the library's own way of a message costs
// more than all that comes after it, and leaves every other packet to the
// library: connecting, subscribing and keeping alive. Acknowledgements are
// written between the library's packets, many at once.
type conn struct {
	net.Conn
	in    *intake
	split *splitter
	at    plant.Instant // when the bytes last read came
	met   bool          // the first packet has come
	rest  []byte        // of a packet for the library

	mu sync.Mutex // held for one write
}

func newConn(c net.Conn, in *intake) *conn {
	return &conn{Conn: c, in: in, split: newSplitter(in.decoder.maxPayload)}
}

// Read returns bytes of packets that are no messages. It is called by one
// goroutine of the library at a time.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		if err := collector.Contain(c.receive); err != nil {
			var bug *collector.Panic
			if errors.As(err, &bug) {
				c.in.inbox.close(err)
			}
			return 0, err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// receive takes messages until there is a packet for the library. Messages
// are passed on before anything that may wait.
func (c *conn) receive() error {
	for {
		p, ok, err := c.split.next()
		switch {
		case err != nil:
			return err
		case ok && p.other != nil:
			c.met, c.rest = true, p.other
			return c.in.pass()
		case ok && !c.met:
			return errFirst
		case ok:
			if err := c.in.take(p.message, c.at); err != nil {
				return err
			}
		default:
			if err := c.in.pass(); err != nil {
				return err
			}
			n, err := c.Conn.Read(c.split.room())
			if n == 0 && err != nil {
				return err
			}
			c.at = plant.At(time.Now())
			c.split.add(n)
		}
	}
}

var errFirst = errors.New("the broker sends a message before it has accepted the connection")

// Write writes p as a whole, and fails when the broker does not read for
// writeTimeout. It is safe for concurrent use.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
