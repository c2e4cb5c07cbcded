//go:build !unix

package channel

import "syscall"

// shutdownSocket does nothing: a connection whose other end is silent then
// ends with gopcua's own timeouts.
func shutdownSocket(syscall.RawConn) error { return nil }
