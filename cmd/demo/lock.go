package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockWait bounds how long a start waits for the programs of a demonstration
// that was killed; andon hands over what it took before it ends.
const lockWait = 30 * time.Second

// lock takes the folder for one demonstration. The programs get the file too:
// the folder is free when the last of them has ended, not before. It waits for
// those that are about to end.
func lock(ctx context.Context, dir string, out io.Writer) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	giveUp := time.After(lockWait)
	for waiting := false; ; waiting = true {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		if !waiting {
			fmt.Fprintf(out, "waiting for the end of another demonstration in %s\n", dir)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-giveUp:
			f.Close()
			return nil, fmt.Errorf("another demonstration runs in %s: stop it first", dir)
		}
	}
}
