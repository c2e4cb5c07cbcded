package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// A harm is something that happens to the files of a stream.
type harm struct {
	name    string
	does    func(d *damagedStore)
	crashed bool // andon was killed before, as well
	lost    [2]int
	aside   string // the file that is set aside
	says    string // what the log has, a pattern
}

func harms() []harm {
	file := func(n int, how func([]byte) []byte) func(*damagedStore) {
		return func(d *damagedStore) { d.change(d.block(n), how) }
	}
	gone := func(path ...string) func(*damagedStore) {
		return func(d *damagedStore) { _ = os.Remove(d.stream(path...)) }
	}
	wrong := func(path ...string) func(*damagedStore) {
		return func(d *damagedStore) { d.change(d.stream(path...), garbage) }
	}
	const setAside = `level=ERROR msg="a file of the stream was damaged and is set aside.*messages_lost=`
	var all []harm
	for _, crashed := range []bool{false, true} {
		all = append(all,
			harm{"flipped bytes in an old file", file(1, flipped), crashed, [2]int{1, 1}, "1.blk", setAside + "1"},
			harm{"flipped bytes in the newest file", file(3, flipped), crashed, [2]int{1, 1}, "3.blk", setAside + "1"},
			harm{"an empty page in an old file", file(2, zeroed), crashed, [2]int{2, 3}, "2.blk", setAside + "[23]"},
			harm{"an old file cut in half", file(1, halved), crashed, [2]int{40, 44}, "1.blk", setAside + "0.*maybe_more=true"},
			harm{"an old file of garbage", file(2, garbage), crashed, [2]int{80, 86}, "2.blk", setAside + "0.*maybe_more=true"},
			harm{"the newest file of garbage", file(3, garbage), crashed, [2]int{30, 40}, "3.blk", "the stream has lost its end|messages of the stream are lost"},
		)
	}
	return append(all,
		harm{"an old file gone", gone("msgs", "2.blk"), false, [2]int{80, 86}, "", `level=ERROR msg="a file of the stream is gone.*2.blk`},
		harm{"an old file gone after a crash", gone("msgs", "2.blk"), true, [2]int{80, 86}, "", `level=ERROR msg="messages of the stream are lost, its file is damaged"`},
		harm{"the description gone", gone("meta.inf"), false, [2]int{}, "", "meta.inf"},
		harm{"the description of garbage", wrong("meta.inf"), false, [2]int{}, "", "meta.inf"},
		harm{"the index of garbage", wrong("msgs", "index.db"), false, [2]int{}, "", "index errored"},
	)
}

func TestADamagedFileCostsWhatIsDamagedAndPeopleLearnOfIt(t *testing.T) {
	s := longTexts(t)
	for _, h := range harms() {
		t.Run(fmt.Sprintf("%s, crashed %v", h.name, h.crashed), func(t *testing.T) {
			d := s.copied(t, h.crashed)
			h.does(d)
			b := d.opened()
			times := d.readable(b)
			if lost := longStream - len(times); lost < h.lost[0] || lost > h.lost[1] || !slices.IsSorted(times) {
				t.Errorf("lost: got %d messages, want %d to %d; there are %v", lost, h.lost[0], h.lost[1], times)
			}
			var want []string
			if h.aside != "" {
				want = []string{h.aside}
			}
			if got := d.aside(); !slices.Equal(got, want) {
				t.Errorf("set aside: got %v, want %v", got, want)
			}
			if !regexp.MustCompile(h.says).MatchString(d.log.String()) {
				t.Errorf("log: want %s in\n%s", h.says, d.log.String())
			}
			closeBus(t, b)
			d.log.Reset()
			if again := d.readable(d.opened()); !slices.Equal(again, times) {
				t.Errorf("after the next start: got %v, want the same again", again)
			}
			if strings.Contains(d.log.String(), "set aside") {
				t.Errorf("the next start sets more aside:\n%s", d.log.String())
			}
		})
	}
}

func TestAStoreThatIsWellIsLeftAlone(t *testing.T) {
	s := longTexts(t)
	for _, crashed := range []bool{false, true} {
		d := s.copied(t, crashed)
		if got := d.readable(d.opened()); len(got) != longStream || len(d.aside()) > 0 {
			t.Errorf("crashed %v: got %d messages and %v set aside, want all and none", crashed, len(got), d.aside())
		}
		if checked := strings.Contains(d.log.String(), "its files are checked"); checked != crashed || strings.Contains(d.log.String(), "level=ERROR") {
			t.Errorf("crashed %v: got checked %v and the log\n%s", crashed, checked, d.log.String())
		}
	}
}

// What was being written when the power went is nobody's: it is not damage.
func TestABeginningOfAMessageIsNoDamage(t *testing.T) {
	s := longTexts(t)
	for name, how := range map[string]func([]byte) []byte{
		"cut off":        func(b []byte) []byte { return b[:len(b)-1000] },
		"with no page":   func(b []byte) []byte { return append(b, make([]byte, 4096)...) },
		"a byte of more": func(b []byte) []byte { return append(b, 1) },
	} {
		d := s.copied(t, true)
		d.change(d.block(3), how)
		got := d.readable(d.opened())
		if len(got) < longStream-1 || len(d.aside()) > 0 {
			t.Errorf("%s: got %d messages and %v set aside, want all but the last, and none", name, len(got), d.aside())
		}
	}
}

// lostEnd is a store that was killed and whose newest file is garbage.
func lostEnd(t *testing.T) *damagedStore {
	d := longTexts(t).copied(t, true)
	d.change(d.block(3), garbage)
	return d
}

func TestAReaderBehindTheEndGoesOnWithWhatComes(t *testing.T) {
	d := lostEnd(t)
	b := d.opened()
	ctx := patience(t)
	last, err := b.Last(ctx, d.area("packing"))
	if err != nil || last >= longStream {
		t.Fatalf("last: got %d, %v; want the end to be lost", last, err)
	}
	put(t, b, d.text(1000)) // gets a number that there was before
	pos, err := b.LoadPosition(ctx, "reader.packing")
	if err != nil || pos != last {
		t.Errorf("saved position: got %d, %v; want %d", pos, err, last)
	}
	// The records have a later position, of a stream time since the stream began.
	engine, err := b.Resume(ctx, d.area("packing"), longStream, plant.Instant(1<<62))
	if err != nil || engine != last {
		t.Errorf("resume: got %d, %v; want %d", engine, err, last)
	}
	got := readSamples(t, reader(t, b, d.area("packing"), pos), 1)
	if len(got) != 1 || got[0].Time != 1000 {
		t.Errorf("read on: got %d samples, want only the new one", len(got))
	}
}

func TestAStreamMadeAnewIsReadFromItsBeginning(t *testing.T) {
	d := longTexts(t).copied(t, true)
	if err := os.RemoveAll(d.stream()); err != nil {
		t.Fatal(err)
	}
	b := d.opened()
	ctx := context.Background()
	for i := range longStream + 10 { // beyond every position of before
		put(t, b, d.counts("packing/lineA/A1/total", i, 1))
	}
	pos, err := b.LoadPosition(ctx, "reader.packing")
	if err != nil || pos != 0 {
		t.Errorf("saved position: got %d, %v; want 0", pos, err)
	}
	engine, err := b.Resume(ctx, d.area("packing"), longStream, 1)
	if err != nil || engine != 0 {
		t.Errorf("resume: got %d, %v; want 0", engine, err)
	}
}

func TestWhatRotsWhileAndonRunsIsPassedByAndTold(t *testing.T) {
	d := longTexts(t).copied(t, false)
	b := d.opened()
	d.change(d.block(2), flipped) // the server may have the first in memory
	if got := d.readable(b); len(got) != longStream-1 {
		t.Errorf("got %d messages, want all but one", len(got))
	}
	if want := `level=ERROR msg="messages of the stream are lost, its file is damaged" area=packing`; !strings.Contains(d.log.String(), want) {
		t.Errorf("log: want %s in\n%s", want, d.log.String())
	}
	closeBus(t, b)
}

// A crash after a file was set aside, before what is good in it was put back.
func TestSettingAsideThatWasCutShortIsFinished(t *testing.T) {
	d := longTexts(t).copied(t, true)
	if err := os.Rename(d.block(1), d.block(1)+".good"); err != nil {
		t.Fatal(err)
	}
	if got := d.readable(d.opened()); len(got) != longStream {
		t.Errorf("got %d messages, want all", len(got))
	}
}
