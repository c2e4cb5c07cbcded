package influx

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxLetter bounds one dead letter: a line of line protocol is at most a
// message of the stream, and JSON makes up to six bytes of one.
const maxLetter = 16 << 20

// EachDeadLetter calls each with the dead letters of an area, the oldest file
// first, until it returns an error. It returns how many lines are no dead
// letters; they stay where they are. Without a file there are none. It is safe
// beside a running Writer.
func EachDeadLetter(c DeadLetterConfig, area string, each func(DeadLetter) error) (unreadable int, err error) {
	if _, err := os.Stat(string(c.Dir)); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	d, err := newDeadLetters(c, area)
	if err != nil {
		return 0, err
	}
	err = d.each(func(_ []byte, l DeadLetter, ok bool) error {
		if !ok {
			unreadable++
			return nil
		}
		return each(l)
	})
	return unreadable, err
}

// each calls f with each line that there was when it began; ok is false for
// one that is no dead letter. f must not keep the line.
func (d *deadLetters) each(f func(line []byte, l DeadLetter, ok bool) error) error {
	files, err := d.open()
	if err != nil {
		return err
	}
	defer func() {
		for _, file := range files {
			file.Close()
		}
	}()
	for _, file := range files {
		info, err := file.Stat()
		if err != nil {
			return fmt.Errorf("read dead letters: %w", err)
		}
		if err := eachLine(io.LimitReader(file, info.Size()), f); err != nil {
			return err
		}
	}
	return nil
}

// open opens the files that there are. The lock keeps a letter from being
// missed, or seen twice, by a rotation in between.
func (d *deadLetters) open() (files []*os.File, err error) {
	lock, err := d.lock()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	for _, name := range d.files() {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return files, fmt.Errorf("open dead letters: %w", err)
		}
		files = append(files, f)
	}
	return files, nil
}

// eachLine calls f with each line that is not empty. One that is too long for
// a dead letter, such as what a power cut left of a file, comes in pieces,
// none of which is one.
func eachLine(r io.Reader, f func(line []byte, l DeadLetter, ok bool) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	pieces := false
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		whole := !errors.Is(err, bufio.ErrBufferFull)
		if whole && err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read dead letters: %w", err)
		}
		if whole || len(line) >= maxLetter {
			pieces = pieces || !whole
			if err := asLetter(line, pieces, f); err != nil {
				return err
			}
			line, pieces = line[:0], !whole
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

// asLetter calls f with a line, or a piece of one, unless it is empty.
func asLetter(line []byte, piece bool, f func(line []byte, l DeadLetter, ok bool) error) error {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var l DeadLetter
	if piece {
		return f(line, l, false)
	}
	err := json.Unmarshal(line, &l)
	return f(line, l, err == nil && l.Line != "")
}

// A fate is what became of a dead letter: the letters instead of it, none
// when InfluxDB has it.
type fate struct {
	times   int // equal letters
	instead []DeadLetter
}

// fates are by the letter's text.
type fates map[[sha256.Size]byte]fate

func (f fates) add(line []byte, instead []DeadLetter) {
	key := sha256.Sum256(line)
	f[key] = fate{f[key].times + 1, instead}
}

// settle replaces the letters that have a fate and puts lines that are no
// dead letters into a file of their own. Each file is replaced as a whole; a
// crash leaves letters that InfluxDB has, which may be written again.
func (d *deadLetters) settle(what fates) error {
	lock, err := d.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, name := range d.files() {
		if err := d.settleFile(name, what); err != nil {
			return fmt.Errorf("replace dead letters %s: %w", name, err)
		}
	}
	return nil
}

func (d *deadLetters) settleFile(name string, what fates) error {
	old, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer old.Close()
	f, err := os.OpenFile(name+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	err = eachLine(old, func(line []byte, _ DeadLetter, ok bool) error {
		if !ok {
			return appendDurably(d.unreadable(), append(bytes.Clone(line), '\n'))
		}
		return what.write(out, line)
	})
	if err := errors.Join(err, out.Flush(), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name+".tmp"))
	}
	if info, err := os.Stat(name + ".tmp"); err == nil && info.Size() == 0 {
		return errors.Join(os.Remove(name+".tmp"), os.Remove(name))
	}
	return os.Rename(name+".tmp", name)
}

// unreadable is the file of lines that are no dead letters.
func (d *deadLetters) unreadable() string { return d.path + ".unreadable" }

// write writes what is left of a letter.
func (f fates) write(out io.Writer, line []byte) error {
	key := sha256.Sum256(line)
	x, ok := f[key]
	if !ok || x.times == 0 {
		_, err := out.Write(append(bytes.Clone(line), '\n'))
		return err
	}
	x.times--
	f[key] = x
	for _, l := range x.instead {
		text, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("encode dead letter: %w", err)
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// CountDeadLetters returns how many dead letters an area has. It is safe
// beside a running Writer.
func CountDeadLetters(c DeadLetterConfig, area string) (int, error) {
	d := &deadLetters{path: letterFile(c, area)}
	return d.waiting()
}
