package influx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A DeadLetter is one line that InfluxDB refused for good. Dead letters are
// kept one JSON object a line, so that a person can see what is wrong and
// write the lines again.
type DeadLetter struct {
	Time   time.Time `json:"time"` // when it was refused first
	Area   string    `json:"area"`
	Reason string    `json:"reason"` // what InfluxDB said
	Line   string    `json:"line"`   // line protocol, without the line end
}

// deadLetters keeps the dead letters of one area in two files: the present
// one, and the one before it with the suffix .1. Who changes them holds the
// lock, since andon and people at a shell do at the same time.
type deadLetters struct {
	path     string
	maxBytes int64 // of both files
	counts   [2]lineCount
}

func newDeadLetters(c DeadLetterConfig, area string) (*deadLetters, error) {
	if err := os.MkdirAll(string(c.Dir), 0o750); err != nil {
		return nil, fmt.Errorf("create dead letter folder: %w", err)
	}
	return &deadLetters{path: letterFile(c, area), maxBytes: c.MaxBytes}, nil
}

func letterFile(c DeadLetterConfig, area string) string {
	return filepath.Join(string(c.Dir), "influx-"+area+".ndjson")
}

// files returns the names of both files, the older one first.
func (d *deadLetters) files() [2]string { return [2]string{d.path + ".1", d.path} }

// lock waits for others that change the files. Closing what it returns ends
// it, as does the end of the process.
func (d *deadLetters) lock() (io.Closer, error) {
	l, err := lockFolder(filepath.Dir(d.path))
	if err != nil {
		return nil, fmt.Errorf("lock dead letters: %w", err)
	}
	return l, nil
}

// append has the letters on disk before it returns.
func (d *deadLetters) append(letters []DeadLetter) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	size, err := d.size()
	if err != nil {
		return err
	}
	var text []byte
	for _, l := range letters {
		b, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("encode dead letter: %w", err)
		}
		if size+int64(len(text)+len(b)) >= d.maxBytes/2 {
			if err := d.rotate(text); err != nil {
				return err
			}
			size, text = 0, text[:0]
		}
		text = append(append(text, b...), '\n')
	}
	return d.write(text)
}

func (d *deadLetters) size() (int64, error) {
	info, err := os.Stat(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at dead letters: %w", err)
	}
	return info.Size(), nil
}

// rotate appends what still fits and makes the file the older one.
func (d *deadLetters) rotate(text []byte) error {
	if err := d.write(text); err != nil {
		return err
	}
	if err := os.Rename(d.path, d.path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("rotate dead letters: %w", err)
	}
	return nil
}

func (d *deadLetters) write(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	return appendDurably(d.path, text)
}

// appendDurably has text at the end of a file and on disk. A line that a
// crash cut off there is ended first, so that it spoils no other.
func appendDurably(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return fmt.Errorf("open dead letters: %w", err)
	}
	last := []byte{'\n'}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		_, err = f.ReadAt(last, info.Size()-1)
		if err == nil && last[0] != '\n' {
			text = append([]byte{'\n'}, text...)
		}
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write dead letters: %w", err)
	}
	return nil
}
