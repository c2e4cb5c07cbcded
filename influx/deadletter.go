package influx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A DeadLetter is one line that InfluxDB refused for good. Dead letters are
// kept one JSON object a line, so that a person can see what is wrong and
// write the lines again.
type DeadLetter struct {
	Time   time.Time `json:"time"` // when it was refused
	Area   string    `json:"area"`
	Reason string    `json:"reason"` // what InfluxDB said
	Line   string    `json:"line"`   // line protocol, without the line end
}

// deadLetters keeps the dead letters of one area in two files: the present
// one, and the one before it with the suffix .1.
type deadLetters struct {
	path     string
	maxBytes int64 // of both files
}

func newDeadLetters(c DeadLetterConfig, area string) (*deadLetters, error) {
	if err := os.MkdirAll(string(c.Dir), 0o750); err != nil {
		return nil, fmt.Errorf("create dead letter folder: %w", err)
	}
	return &deadLetters{filepath.Join(string(c.Dir), "influx-"+area+".ndjson"), c.MaxBytes}, nil
}

// append has the letters on disk before it returns.
func (d *deadLetters) append(letters []DeadLetter) error {
	if len(letters) == 0 {
		return nil
	}
	var text []byte
	for _, l := range letters {
		b, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("encode dead letter: %w", err)
		}
		text = append(append(text, b...), '\n')
	}
	if err := d.rotate(int64(len(text))); err != nil {
		return fmt.Errorf("rotate dead letters: %w", err)
	}
	f, err := os.OpenFile(d.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("open dead letters: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write dead letters: %w", err)
	}
	return nil
}

// rotate makes room for n bytes.
func (d *deadLetters) rotate(n int64) error {
	info, err := os.Stat(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size()+n <= d.maxBytes/2 {
		return nil
	}
	return os.Rename(d.path, d.path+".1")
}
