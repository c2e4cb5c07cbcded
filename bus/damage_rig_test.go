package bus_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"andon/bus"
	"andon/plant"
	"andon/plant/setting"
)

// longStream is how many messages of some 100 kB a stream has in three files
// of 8 MB, the last of which is not full.
const longStream = 200

// longTexts is a site whose stream of packing has longStream messages and was
// closed in order. Sample i has the time i, from 1 on.
func longTexts(t *testing.T) *site {
	t.Helper()
	s := embedded(t)
	s.config.MaxBytes = 128 << 20
	b := s.open(t)
	for i := range longStream {
		put(t, b, s.text(i+1))
	}
	if err := b.SavePosition(t.Context(), "reader.packing", longStream); err != nil {
		t.Fatal(err)
	}
	closeBus(t, b)
	return s
}

func (s *site) text(i int) plant.Batch {
	value := plant.Text(strings.Repeat(fmt.Sprintf("%09d ", i), 10_000))
	return plant.Batch{Samples: []plant.Sample{{Tag: s.tree.Tag("northfield/packing/lineA/A1/state"), Value: value, Time: plant.Instant(i)}}}
}

// A damagedStore is a copy of a site's store that something happened to.
type damagedStore struct {
	*site
	t   *testing.T
	log bytes.Buffer
}

// copied copies the store of s; crashed is how a killed process leaves it.
func (s *site) copied(t *testing.T, crashed bool) *damagedStore {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bus")
	if err := os.CopyFS(dir, os.DirFS(string(s.config.Dir))); err != nil {
		t.Fatal(err)
	}
	keepTimes(t, string(s.config.Dir), dir)
	d := &damagedStore{site: &site{tree: s.tree, config: s.config}, t: t}
	d.config.Dir = setting.File(dir)
	if crashed {
		for _, name := range []string{d.stream("msgs", "index.db"), filepath.Join(dir, "closed")} {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	return d
}

// keepTimes gives the files of a copy the times of the original.
func keepTimes(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		return errors.Join(err, os.Chtimes(filepath.Join(to, rel), info.ModTime(), info.ModTime()))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (d *damagedStore) stream(path ...string) string {
	return filepath.Join(append([]string{string(d.config.Dir), "jetstream", "ANDON", "streams", "andon+northfield+packing"}, path...)...)
}

// block is a message file: 1 is the first.
func (d *damagedStore) block(n int) string { return d.stream("msgs", fmt.Sprintf("%d.blk", n)) }

// change changes a file.
func (d *damagedStore) change(name string, how func([]byte) []byte) {
	d.t.Helper()
	data, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, how(data), 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func flipped(data []byte) []byte {
	for i := range 10 {
		data[len(data)/2+i] ^= 0x5a
	}
	return data
}

func zeroed(data []byte) []byte {
	clear(data[len(data)/2 : len(data)/2+150_000])
	return data
}

func halved(data []byte) []byte { return data[:len(data)/2] }

func garbage(data []byte) []byte {
	for i := range data {
		data[i] ^= byte(i) | 1
	}
	return data
}

// opened opens the bus and keeps what it logs.
func (d *damagedStore) opened() *bus.Bus {
	d.t.Helper()
	b, err := bus.Open(patience(d.t), bus.Options{Config: d.config, Tree: d.tree, Log: slog.New(slog.NewTextHandler(&d.log, nil))})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { closeBus(d.t, b) })
	return b
}

// readable writes one more sample and returns which are there before it.
func (d *damagedStore) readable(b *bus.Bus) (times []int) {
	d.t.Helper()
	put(d.t, b, d.text(1000))
	last := func(m []plant.Message) bool {
		all := samplesOf(m)
		return len(all) > 0 && all[len(all)-1].Time == 1000
	}
	for _, s := range samplesOf(read(d.t, reader(d.t, b, d.area("packing"), 0), last)) {
		if s.Time != 1000 {
			times = append(times, int(s.Time))
		}
	}
	return times
}

// aside lists what was set aside.
func (d *damagedStore) aside() (names []string) {
	found, _ := filepath.Glob(string(d.config.Dir) + bus.DamagedSuffix + "*/jetstream/*/streams/*/msgs/*")
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	return names
}
