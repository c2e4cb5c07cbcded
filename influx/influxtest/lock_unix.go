//go:build unix

package influxtest

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile waits until no other process holds the lock. The kernel releases
// it when a process dies.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open build lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("take build lock: %w", err)
	}
	return func() { _ = f.Close() }, nil
}
