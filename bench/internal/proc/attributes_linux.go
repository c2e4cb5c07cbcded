package proc

import "syscall"

// attributes give a program a group of its own, so that Ctrl-C reaches only
// the benchmark, which then stops the others in order; and the end of the
// benchmark, even by kill -9, stops it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
