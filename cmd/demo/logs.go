package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// maxLog is the size above which a start begins a new log; the one before
// stays as NAME.1.
const maxLog = 20 << 20

// openLog opens a program's log to go on with it, and marks the beginning of
// this run.
func openLog(name string) (*os.File, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Size() > maxLog:
		if err := os.Rename(name, name+".1"); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(f, "=== run of %s\n", time.Now().UTC().Format(time.RFC3339)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
