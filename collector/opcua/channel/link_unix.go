//go:build unix

package channel

import "syscall"

func shutdownSocket(c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// An error means that the peer was quicker.
		_ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR)
	})
}
