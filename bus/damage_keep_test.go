package bus_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A disk that damages a file each day must not fill itself with what andon sets
// aside.
func TestOfDamagedFilesTheNewestAreKept(t *testing.T) {
	d := longTexts(t).copied(t, true)
	d.change(d.block(1), flipped)
	dir := string(d.config.Dir)
	older := func(day int) string { return fmt.Sprintf("%s.damaged-2026010%dT120000Z", dir, day) }
	for day := 1; day <= 8; day++ {
		if err := os.MkdirAll(filepath.Join(older(day), "andon"), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	other := dir + ".damaged-and-looked-at"
	wrong := dir + ".damaged-" + time.Now().AddDate(1, 0, 0).UTC().Format("20060102T150405Z") // by a clock that was wrong
	for _, name := range []string{other, wrong} {
		if err := os.Mkdir(name, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	closeBus(t, d.opened())
	for day := 1; day <= 8; day++ {
		if _, err := os.Stat(older(day)); errors.Is(err, fs.ErrNotExist) != (day <= 4) {
			t.Errorf("day %d: got %v, want the newest four kept", day, err)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("a folder of another name: %v, want it kept", err)
	}
	left, err := filepath.Glob(dir + ".damaged-*Z")
	if err != nil || len(left) != 5 {
		t.Errorf("left: got %v, %v; want the one of this start and four before it", left, err)
	}
	if !strings.Contains(d.log.String(), "older damaged files of the stream are removed") {
		t.Error("nobody is told")
	}
}

// The position of writing again is that of the message to come, one after the
// last.
func TestAPositionOfWhatComesNextIsNotAStreamThatLostItsEnd(t *testing.T) {
	s := longTexts(t)
	d := s.copied(t, false)
	b := d.opened()
	if err := b.SavePosition(t.Context(), "rewrite.packing", longStream+1); err != nil {
		t.Fatal(err)
	}
	closeBus(t, b)
	b = d.opened()
	if pos, err := b.LoadPosition(t.Context(), "rewrite.packing"); pos != longStream+1 || err != nil {
		t.Errorf("got %d, %v; want it as it was", pos, err)
	}
	if strings.Contains(d.log.String(), "lost its end") {
		t.Errorf("log: %s", d.log.String())
	}
	if err := b.SavePosition(t.Context(), "rewrite.packing", longStream+9); err != nil {
		t.Fatal(err)
	}
	closeBus(t, b)
	b = d.opened()
	if pos, err := b.LoadPosition(t.Context(), "rewrite.packing"); pos != longStream+1 || err != nil {
		t.Errorf("behind the end: got %d, %v; want the first to come, %d", pos, err, longStream+1)
	}
	if !strings.Contains(d.log.String(), "lost its end") {
		t.Error("of an end that is lost nobody is told")
	}
}
