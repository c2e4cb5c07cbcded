package influx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A lineCount is how many lines a file had when it had a size, so that only
// what was appended since is read.
type lineCount struct {
	file  os.FileInfo // nil for none
	lines int
}

// waiting returns how many dead letters there are.
func (d *deadLetters) waiting() (int, error) {
	n := 0
	for i, name := range d.files() {
		if err := d.counts[i].renew(name); err != nil {
			return 0, fmt.Errorf("count dead letters: %w", err)
		}
		n += d.counts[i].lines
	}
	return n, nil
}

func (c *lineCount) renew(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		*c = lineCount{}
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	from := int64(0)
	if c.file != nil && os.SameFile(c.file, info) && c.file.Size() <= info.Size() {
		from = c.file.Size()
	} else {
		c.lines = 0
	}
	n, err := countLineEnds(io.NewSectionReader(f, from, info.Size()-from))
	if err != nil {
		*c = lineCount{}
		return err
	}
	c.file, c.lines = info, c.lines+n
	return nil
}

func countLineEnds(r io.Reader) (int, error) {
	n := 0
	for buf := make([]byte, 64<<10); ; {
		read, err := r.Read(buf)
		n += bytes.Count(buf[:read], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
