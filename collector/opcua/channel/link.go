package channel

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/gopcua/opcua/uacp"
)

// A Link holds on to the sockets of one connection, so that it can be shut
// down whatever waits on it. gopcua knows no such way: it writes and performs
// its handshake without regard to a context. The zero value is ready to be used;
// it is safe for concurrent use.
type Link struct {
	mu      sync.Mutex // guards all below
	sockets []syscall.RawConn
	shut    bool
}

var errShut = errors.New("connection was shut down")

// dialer returns a dialer whose connections belong to l, and which says to the
// server how large a message may be, in bytes.
func (l *Link) dialer(timeout time.Duration, largest uint32) *uacp.Dialer {
	return &uacp.Dialer{
		Dialer: &net.Dialer{Timeout: timeout, Control: func(_, _ string, c syscall.RawConn) error { return l.add(c) }},
		// gopcua's default is a shared variable.
		ClientACK: &uacp.Acknowledge{ReceiveBufSize: uacp.DefaultReceiveBufSize, SendBufSize: uacp.DefaultSendBufSize, MaxMessageSize: largest},
	}
}

func (l *Link) add(c syscall.RawConn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return errShut
	}
	l.sockets = append(l.sockets, c)
	return nil
}

// Shutdown ends all reading and writing; what waits returns at once. It may
// be called more than once; what is dialed later fails.
func (l *Link) Shutdown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
	for _, c := range l.sockets {
		shutdownSocket(c) // an error means that it is closed already
	}
	l.sockets = nil
}
