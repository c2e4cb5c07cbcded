package salvage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// closedFile lists the files of a store as they were when it was closed in
// order. It is not there while the store is open, nor after a crash.
const closedFile = "closed"

// Closed notes that the store was closed in order and how its files look.
func Closed(store string) error {
	list, err := look(store)
	if err != nil {
		return fmt.Errorf("note how the stream was closed: %w", err)
	}
	name := filepath.Join(store, closedFile)
	if err := os.WriteFile(name+".new", []byte(list.text()), 0o600); err != nil {
		return fmt.Errorf("note how the stream was closed: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("note how the stream was closed: %w", err)
	}
	return nil
}

// Opened takes the note back, after it was looked at.
func Opened(store string) error {
	err := os.Remove(filepath.Join(store, closedFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the stream: %w", err)
	}
	return nil
}

// AsClosed reports whether the files are as they were when the store was
// closed in order, and which message files are gone since. A store that was
// never opened is as it should be.
func AsClosed(store string) (same bool, gone []Damage, err error) {
	text, err := os.ReadFile(filepath.Join(store, closedFile))
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return false, nil, fmt.Errorf("read how the stream was closed: %w", err)
	}
	list, err := look(store)
	if err != nil {
		return false, nil, fmt.Errorf("look at the files of the stream: %w", err)
	}
	if missing {
		return len(list) == 0, nil, nil
	}
	there := map[string]bool{}
	for _, f := range list {
		there[f.path] = true
	}
	for line := range strings.Lines(string(text)) {
		_, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if strings.HasSuffix(path, ".blk") && !there[path] {
			gone = append(gone, Damage{Stream: filepath.Base(filepath.Dir(filepath.Dir(path))), File: path, Open: true, Err: fs.ErrNotExist})
		}
	}
	return list.text() == string(text), gone, nil
}

// files are those of a store, in the order of their paths.
type files []fileState

type fileState struct {
	path     string // in the store
	size     int64
	modified int64 // Unix nanoseconds
}

// look lists the files of all streams.
func look(store string) (files, error) {
	var list files
	err := filepath.WalkDir(filepath.Join(store, "jetstream"), func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // of a store that is new
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(store, path)
		list = append(list, fileState{rel, info.Size(), info.ModTime().UnixNano()})
		return err
	})
	return list, err
}

// text has a line for each file: how it looks and, after the only space that
// counts, its path.
func (l files) text() string {
	var b strings.Builder
	for _, f := range l {
		fmt.Fprintf(&b, "%d/%d %s\n", f.size, f.modified, f.path)
	}
	return b.String()
}
