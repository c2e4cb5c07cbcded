// Package note keeps what the next process of a source must know: a value as
// JSON, in a file that is replaced as a whole.
package note

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Write replaces the note in file, whose folder it makes, and returns how many
// bytes it has. Nothing is synced: what a power cut takes with it is one note,
// and the one before may be left, or none that can be read. Two that write the
// same file at once must take turns.
func Write(file string, v any) (size int, err error) {
	text, err := json.Marshal(v)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o750)
	}
	if err == nil {
		err = os.WriteFile(file+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	return len(text), err
}

// Read reads the note in file into v, a pointer. The error is fs.ErrNotExist
// where nobody wrote one; after any error v may be filled in part.
func Read(file string, v any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}
