package bus_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"andon/bus/salvage"
)

// Where nothing can be made beside the folder of the stream, andon must start
// all the same. A file in the way stands for that.
func TestWhatCannotLieBesideTheStreamIsSetAsideInIt(t *testing.T) {
	d := longTexts(t).copied(t, true)
	d.change(d.block(1), flipped)
	way := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(way, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := salvage.Check(string(d.config.Dir), filepath.Join(way, "bus.damaged-20260302T120000Z"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v; want one damaged file", found, err)
	}
	if rel, err := filepath.Rel(filepath.Join(string(d.config.Dir), "bus.damaged-20260302T120000Z"), found[0].Aside); err != nil || rel != found[0].File {
		t.Errorf("aside: got %s, want it in the store", found[0].Aside)
	}
	if got := d.readable(d.opened()); len(got) != longStream-1 {
		t.Errorf("got %d messages, want all but one", len(got))
	}
}

// The index knows nothing of what was taken out of an old file, also when the
// newest one has lost its end.
func TestDamageInTwoFilesHasTheIndexMadeAnew(t *testing.T) {
	d := longTexts(t).copied(t, false)
	d.change(d.block(1), flipped)
	d.change(d.block(3), garbage)
	found, err := salvage.Check(string(d.config.Dir), string(d.config.Dir)+".damaged-20260302T120000Z")
	if err != nil || len(found) != 2 {
		t.Fatalf("got %v, %v; want two damaged files", found, err)
	}
	if _, err := os.Stat(d.stream("msgs", "index.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("index: got %v, want it gone", err)
	}
}

// A command that was killed leaves links to messages, which hold the room of
// what retention removes.
func TestACopyThatACommandLeftIsRemovedAtTheStart(t *testing.T) {
	s := embedded(t)
	left := filepath.Join(string(s.config.Dir), "look-1")
	if err := os.MkdirAll(filepath.Join(left, "jetstream"), 0o750); err != nil {
		t.Fatal(err)
	}
	s.open(t)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want it gone", err)
	}
}
