package influx

import (
	"bytes"
	"strings"
	"testing"

	"andon/plant"
)

// awkward are lines with every character that means something.
func awkward() []byte {
	var b []byte
	for i, text := range []string{"plain", "line\nend", `quote " and = and , `, `back \ slash\`, "", `"`} {
		b = AppendPoint(b, Point{Measurement: `m ,"=`, Tags: []Label{{`k"=`, `v" ,=`}}, Time: plant.Instant(i + 1),
			Fields: []Field{{`a"b=`, plant.Text(text)}, {"n", plant.Int(1)}, {"t", plant.Text(text)}}})
	}
	return b
}

func TestLinesAreToldApartWhateverTheyHold(t *testing.T) {
	b := awkward()
	want := decodeLines(t, b)
	if got := countLines(b); got != len(want) {
		t.Fatalf("lines: got %d, want %d", got, len(want))
	}
	for _, w := range want {
		line := b[:lineLength(b)]
		b = b[len(line):]
		if got := decodeLines(t, line); len(got) != 1 || got[0].Time != w.Time {
			t.Errorf("line %q: got %v, want %v", line, got, w)
		}
	}
}

func TestFieldsOfALineAreTakenApart(t *testing.T) {
	b := awkward()
	for _, want := range decodeLines(t, b) {
		line := b[:lineLength(b)]
		b = b[len(line):]
		got := map[string]string{}
		parts := splitFields(line)
		for _, part := range parts {
			one := decodeLines(t, part)
			if len(one) != 1 || len(one[0].Fields) != 1 || one[0].Time != want.Time || one[0].Measurement != want.Measurement {
				t.Fatalf("part %q of %q: got %v", part, line, one)
			}
			for k, v := range one[0].Fields {
				got[k] = v
			}
		}
		if len(parts) != len(want.Fields) || len(got) != len(want.Fields) {
			t.Errorf("fields of %q: got %q, want %q", line, got, want.Fields)
		}
	}
}

func TestMiddleCutsBetweenLines(t *testing.T) {
	long := `m f="` + strings.Repeat("x", 500) + `" 1` + "\n"
	for _, c := range []struct {
		name, lines string
		first       int
	}{
		{"one line", "m f=1 1\n", 1},
		{"two lines", "m f=1 1\nm f=1 2\n", 1},
		{"a long line first", long + "m f=1 2\nm f=1 3\n", 1},
		{"a long line last", "m f=1 2\nm f=1 3\n" + long, 2},
		{"four lines", strings.Repeat("m f=1 1\n", 4), 2},
	} {
		at := middle([]byte(c.lines))
		if got := bytes.Count([]byte(c.lines[:at]), []byte("\n")); got != c.first {
			t.Errorf("%s: got %d lines in the first half, want %d", c.name, got, c.first)
		}
	}
}
