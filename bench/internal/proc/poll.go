package proc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// final is an error after which Poll does not try again.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// Final marks an error that waiting does not mend.
func Final(err error) error { return final{err} }

// Poll calls try until it returns nil, every so often, and returns its last
// error when ctx is done or the error is Final.
func Poll(ctx context.Context, every time.Duration, try func() error) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		err := try()
		var f final
		if err == nil || errors.As(err, &f) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-ticker.C:
		}
	}
}

// Listens reports nil once something takes connections at a TCP address.
func Listens(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		d := net.Dialer{Timeout: time.Second}
		c, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return c.Close()
	}
}

// FreeAddress returns an address of this machine that nothing listens on. The
// system does not give it to others soon, though it may.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	address := l.Addr().String()
	return address, l.Close()
}
