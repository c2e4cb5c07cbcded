package mqttload

import (
	"net"
	"syscall"
)

// wakeFor asks the system to tell of input only once so many bytes are there.
// It tells the Go runtime of every segment otherwise, also while nobody reads.
func (c *conn) wakeFor(bytes int) {
	raw, err := c.net.(*net.TCPConn).SyscallConn()
	if err != nil {
		return // closed: the next read says so
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, bytes) // it only saves time
	})
}
