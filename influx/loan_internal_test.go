package influx

import (
	"errors"
	"io"
	"testing"
)

func TestLentLinesAreReadUntilTheyAreTakenBack(t *testing.T) {
	l := &loan{lines: []byte("m v=1 1\nm v=2 2\n")}
	for range 2 { // as for a request that is repeated on a new connection
		if got, err := io.ReadAll(l.reader()); string(got) != string(l.lines) || err != nil {
			t.Errorf("got %q, %v, want all lines", got, err)
		}
	}
	late := l.reader()
	if _, err := late.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	l.takeBack()
	if n, err := late.Read(make([]byte, 8)); n != 0 || !errors.Is(err, errTakenBack) {
		t.Errorf("got %d bytes, %v of lines that were taken back, want none", n, err)
	}
}
