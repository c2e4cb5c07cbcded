package salvage

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// good follows the name of a file with the good records of another that is
// being set aside. nats-server does not read it.
const good = ".good"

// A Damage is one file that was not as it should be.
type Damage struct {
	Stream string // name of its stream
	File   string // path in the store
	// Aside is where the file as it was is now, "" when there was nothing to
	// set aside: the file is missing.
	Aside string
	// Lost is how many messages were in the damaged part, as far as the
	// sequence numbers around it tell.
	Lost uint64
	// Open says that more may be lost, since nothing good comes after the
	// damage in this file.
	Open bool
	// Err says why the file could not be read, nil when it could.
	Err error
}

// Check reads the message files of all streams of a store and moves those that
// are damaged into the folder aside, which it makes then. What is good in them
// stays. The store must be closed.
func Check(store, aside string) ([]Damage, error) {
	folders, err := filepath.Glob(filepath.Join(escape(store), "jetstream", "*", "streams", "*"))
	if err != nil {
		return nil, fmt.Errorf("find the streams of %s: %w", store, err)
	}
	var all []Damage
	for _, folder := range folders {
		if strings.HasPrefix(filepath.Base(folder), ".") {
			continue // a stream that is being removed
		}
		s := stream{store: store, aside: aside, folder: folder, name: filepath.Base(folder)}
		if err := s.check(); err != nil {
			return all, fmt.Errorf("check the files of stream %s: %w", s.name, err)
		}
		all = append(all, s.found...)
	}
	return all, nil
}

// escape makes a path match itself in a pattern.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// A stream is the folder of one stream.
type stream struct {
	store, aside, folder, name string
	found                      []Damage
	repaired                   bool // a file is not as the stream's index knows it, by more than the end of the last one
}

// check looks at one file after the other, as they were written.
func (s *stream) check() error {
	entries, err := os.ReadDir(filepath.Join(s.folder, "msgs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has no messages
	}
	if errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENOTDIR) {
		return s.unreadable(Damage{Stream: s.name, File: s.path(s.folder), Open: true, Err: err})
	}
	if err != nil {
		return err
	}
	if err := s.finish(entries); err != nil {
		return err
	}
	if entries, err = os.ReadDir(filepath.Join(s.folder, "msgs")); err != nil {
		return err
	}
	numbers := blockNumbers(entries)
	var last uint64
	for i, n := range numbers {
		if last, err = s.checkFile(n, last, i == len(numbers)-1); err != nil {
			return err
		}
	}
	if s.repaired {
		// The index would be believed. Without it nats-server reads the files;
		// when only the end is gone it does so anyway, and learns from the
		// index which numbers were given.
		if err := os.Remove(filepath.Join(s.folder, "msgs", "index.db")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// finish does what a crash kept keep from doing: what is good of a file that
// was set aside is put in its place.
func (s *stream) finish(entries []fs.DirEntry) error {
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), good)
		if !ok {
			continue
		}
		fresh := filepath.Join(s.folder, "msgs", e.Name())
		at := filepath.Join(s.folder, "msgs", name)
		_, err := os.Stat(at)
		switch {
		case err == nil: // not set aside yet: begin again
			err = os.Remove(fresh)
		case errors.Is(err, fs.ErrNotExist):
			s.repaired = true
			err = os.Rename(fresh, at)
		}
		if err != nil {
			return fmt.Errorf("put what is good of %s back: %w", at, err)
		}
	}
	return nil
}

// blockNumbers returns the numbers of the message files, in order.
func blockNumbers(entries []fs.DirEntry) []uint32 {
	var numbers []uint32
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), ".blk")
		if n, err := strconv.ParseUint(digits, 10, 32); ok && err == nil {
			numbers = append(numbers, uint32(n))
		}
	}
	slices.SortFunc(numbers, cmp.Compare[uint32])
	return numbers
}

// checkFile checks one file and returns the last sequence number in it.
func (s *stream) checkFile(number uint32, before uint64, newest bool) (last uint64, err error) {
	name := filepath.Join(s.folder, "msgs", strconv.FormatUint(uint64(number), 10)+".blk")
	d := Damage{Stream: s.name, File: s.path(name)}
	data, err := os.ReadFile(name)
	if errors.Is(err, syscall.EIO) {
		d.Err, d.Open = err, true
		return before, s.unreadable(d)
	}
	if err != nil {
		return before, err
	}
	sum, err := checksum(s.name, number)
	if err != nil {
		return before, err
	}
	c := read(data, sum, before)
	if c.bad == 0 || newest && c.begun {
		return c.last, nil
	}
	d.Lost, d.Open = c.lost, c.open
	s.repaired = s.repaired || !newest || !c.open
	return c.last, s.keep(d, name, data, c.good)
}

func (s *stream) path(name string) string {
	if rel, err := filepath.Rel(s.store, name); err == nil {
		return rel
	}
	return name
}

// unreadable moves a file or folder aside of which nothing can be kept.
func (s *stream) unreadable(d Damage) error {
	s.repaired = true
	return s.keep(d, filepath.Join(s.store, d.File), nil, nil)
}

// keep moves a file aside and writes the good parts of it, if any, anew.
func (s *stream) keep(d Damage, name string, data []byte, parts []span) error {
	fresh := name + good
	if len(parts) > 0 {
		if err := writeSpans(fresh, data, parts); err != nil {
			return err
		}
	}
	var err error
	if d.Aside, err = s.move(name, d.File); err != nil {
		return fmt.Errorf("set %s aside: %w", name, err)
	}
	if len(parts) > 0 {
		if err := os.Rename(fresh, name); err != nil {
			return fmt.Errorf("put what is good of %s back: %w", name, err)
		}
	}
	s.found = append(s.found, d)
	return nil
}

// move moves a file aside and returns where it is: in the store itself when
// the store is a disk of its own, or nothing may be made beside it.
func (s *stream) move(name, file string) (string, error) {
	var errs []error
	for _, folder := range []string{s.aside, filepath.Join(s.store, filepath.Base(s.aside))} {
		to := filepath.Join(folder, file)
		err := os.MkdirAll(filepath.Dir(to), 0o750)
		if err == nil {
			err = os.Rename(name, to)
		}
		if err == nil {
			return to, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// writeSpans has parts of data in a file, on disk.
func writeSpans(name string, data []byte, parts []span) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep what is good: %w", err)
	}
	for _, p := range parts {
		if err == nil {
			_, err = f.Write(data[p.from:p.to])
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep what is good: %w", err)
	}
	return nil
}
