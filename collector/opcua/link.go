package opcua

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/gopcua/opcua/uacp"
)

// A link holds on to the sockets of one connection, so that it can be shut
// down whatever waits on it. gopcua knows no such way: it writes and performs
// its handshake without regard to a context.
type link struct {
	mu      sync.Mutex // guards all below
	sockets []syscall.RawConn
	shut    bool
}

var errShut = errors.New("connection was shut down")

// dialer returns a dialer whose connections belong to l.
func (l *link) dialer(timeout time.Duration) *uacp.Dialer {
	return &uacp.Dialer{
		Dialer: &net.Dialer{Timeout: timeout, Control: func(_, _ string, c syscall.RawConn) error { return l.add(c) }},
		// gopcua's default is a shared variable.
		ClientACK: &uacp.Acknowledge{ReceiveBufSize: uacp.DefaultReceiveBufSize, SendBufSize: uacp.DefaultSendBufSize},
	}
}

func (l *link) add(c syscall.RawConn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return errShut
	}
	l.sockets = append(l.sockets, c)
	return nil
}

// shutdown ends all reading and writing; what waits returns at once. It may
// be called more than once.
func (l *link) shutdown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
	for _, c := range l.sockets {
		shutdownSocket(c) // an error means that it is closed already
	}
	l.sockets = nil
}
