package main

import "syscall"

// attributes are those of a program of the demonstration. It has a group of
// its own: Ctrl-C reaches the demonstration alone, which then stops the others
// in order. When the thread that started it dies, even by kill -9, it is told
// to stop.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
