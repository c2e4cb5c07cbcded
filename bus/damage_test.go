package bus_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"andon/plant"
)

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
