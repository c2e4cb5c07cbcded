package note

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

type last struct {
	Tag string
	At  int64
}

func TestTheNextProcessReadsWhatWasWrittenLast(t *testing.T) {
	file := filepath.Join(t.TempDir(), "opcua", "packing.json")
	if err := Read(file, &last{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first note: got error %v, want %v", err, fs.ErrNotExist)
	}
	for _, want := range []last{{"northfield/packing/lineA/A1/total", 1000}, {"x", 2}} {
		size, err := Write(file, want)
		if err != nil {
			t.Fatal(err)
		}
		var got last
		if err := Read(file, &got); err != nil || got != want {
			t.Errorf("got %+v, error %v; want %+v", got, err, want)
		}
		if info, err := os.Stat(file); err != nil || info.Size() != int64(size) || info.Mode().Perm() != 0o600 {
			t.Errorf("got a file of %v, error %v; want %d bytes for nobody else", info, err, size)
		}
	}
	if list, err := os.ReadDir(filepath.Dir(file)); err != nil || len(list) != 1 {
		t.Errorf("got files %v, error %v; want one", list, err)
	}
}

func TestANoteThatCannotBeWrittenLeavesTheLastOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "packing.json")
	if _, err := Write(file, last{At: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(file, func() {}); err == nil {
		t.Error("what is no JSON: got no error")
	}
	if err := os.Mkdir(file+".new", 0o700); err != nil { // nothing can be written there
		t.Fatal(err)
	}
	if _, err := Write(file, last{At: 2}); err == nil {
		t.Error("no place to write: got no error")
	}
	var got last
	if err := Read(file, &got); err != nil || got.At != 1 {
		t.Errorf("got %+v, error %v; want the first note", got, err)
	}
}

func TestAFileThatIsNoNoteSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "packing.json")
	if err := os.WriteFile(file, []byte(`{"Tag":"x"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Read(file, &last{}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a note: got error %v, want one that it cannot be read", err)
	}
}
