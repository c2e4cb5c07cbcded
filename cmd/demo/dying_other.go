//go:build unix && !linux

package main

import "syscall"

// attributes are those of a program of the demonstration. It has a group of
// its own: Ctrl-C reaches the demonstration alone, which then stops the others
// in order. This system cannot end it with the demonstration: after kill -9 it
// must be ended by hand.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
