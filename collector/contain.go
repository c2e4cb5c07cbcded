package collector

import (
	"fmt"
	"runtime/debug"
)

// A Panic is the error that Contain makes of a panic.
type Panic struct {
	Value string // what was passed to panic
	Stack []byte // of the goroutine that panicked
}

// Error returns "panic: …" without the stack.
func (p *Panic) Error() string { return "panic: " + p.Value }

// Contain calls f and turns a panic of its goroutine into a *Panic, so that
// one source with a bug in it, or in its protocol library, does not stop the
// others. A Source that starts goroutines runs each of them in Contain.
func Contain(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Panic{Value: fmt.Sprint(r), Stack: debug.Stack()}
		}
	}()
	return f()
}
