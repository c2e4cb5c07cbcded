package mqtt

import "syscall"

// setReadLeast sets how many bytes must have come before the connection is
// reported to be readable (socket(7), SO_RCVLOWAT).
func setReadLeast(fd uintptr, least int) {
	_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, least)
}
