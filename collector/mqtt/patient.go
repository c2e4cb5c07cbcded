package mqtt

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// readPause is how long after one read the next one waits, so that what
	// comes one by one is read together: waking up costs more than a
	// message. Whoever was silent for longer is read at once.
	readPause = 5 * time.Millisecond
	// readEnough is how many bytes end a pause for the operating system.
	readEnough = readSize / 2
)

// A patient is a connection that does not read too often.
type patient struct {
	net.Conn
	hurry *atomic.Bool // the broker waits for acknowledgements: do not wait
	next  time.Time    // not before

	// While it pauses, the operating system is told not to report each
	// piece that comes: the runtime wakes up for every report, whether
	// anybody reads or not. raw is nil when it cannot be told.
	raw   syscall.RawConn
	least int
	tell  func(fd uintptr)
}

func newPatient(c net.Conn, hurry *atomic.Bool) *patient {
	p := &patient{Conn: c, hurry: hurry}
	if s, ok := c.(syscall.Conn); ok {
		p.raw, _ = s.SyscallConn()
	}
	p.tell = func(fd uintptr) { setReadLeast(fd, p.least) }
	return p
}

// report sets how many bytes the operating system reports. It is an advice
// only: when it is not taken, reading costs more.
func (c *patient) report(least int) {
	if c.raw != nil && c.least != least {
		c.least = least
		_ = c.raw.Control(c.tell)
	}
}

// Read is for one goroutine at a time.
func (c *patient) Read(p []byte) (int, error) {
	if wait := time.Until(c.next); wait > 0 && !c.hurry.Load() {
		c.report(readEnough)
		time.Sleep(wait)
	}
	c.report(1)
	n, err := c.Conn.Read(p)
	c.next = time.Time{}
	if n < len(p) {
		c.next = time.Now().Add(readPause)
	}
	return n, err
}
