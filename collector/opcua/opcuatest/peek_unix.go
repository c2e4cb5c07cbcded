//go:build unix

package opcuatest

import (
	"net"
	"syscall"
)

// opens waits for the next message of a client and reports whether it is to open
// the channel or to renew its keys. The message stays to be read.
func opens(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false // whatever is wrong, reading shows it, here as below
	}
	kind := make([]byte, 3)
	n := 0
	_ = raw.Read(func(fd uintptr) bool {
		n, _, err = syscall.Recvfrom(int(fd), kind, syscall.MSG_PEEK)
		return err != syscall.EAGAIN && err != syscall.EINTR
	})
	return n == len(kind) && string(kind) == "OPN" // n is negative once the client hung up
}
