package influx

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
)

func TestPointIsOneLineWithSortedTags(t *testing.T) {
	got := string(AppendPoint([]byte("before\n"), Point{
		Measurement: "stop",
		Tags:        []Label{{Key: "line", Value: "line A"}, {Key: "area", Value: "pack=ing"}, {Key: "equipment", Value: ""}},
		Fields: []Field{
			{Key: "reason", Value: plant.Text(`valve "E-204" \ drive`)},
			{Key: "duration s", Value: plant.Float(12.5)},
			{Key: "count", Value: plant.Int(-3)},
			{Key: "shots", Value: plant.Uint(7)},
			{Key: "open", Value: plant.Bool(true)},
			{Key: "whole", Value: plant.Float(1e6)},
			{Key: "large", Value: plant.Float(1e21)},
		},
		Time: 1772439520000000000,
	}))
	want := "before\n" + `stop,area=pack\=ing,line=line\ A reason="valve \"E-204\" \\ drive",duration\ s=12.5,count=-3i,shots=7i,open=true,whole=1000000,large=1e+21 1772439520000000000` + "\n"
	if got != want {
		t.Errorf("line:\ngot  %s\nwant %s", got, want)
	}
}

func TestPointLeavesOutWhatLineProtocolCannotHold(t *testing.T) {
	fields := []Field{
		{Key: "nan", Value: plant.Float(math.NaN())},
		{Key: "inf", Value: plant.Float(math.Inf(-1))},
		{Key: "none"},
		{Key: "huge", Value: plant.Uint(math.MaxInt64 + 1)},
	}
	p := Point{Measurement: "kpi", Fields: fields, Time: 1}
	if got := AppendPoint(nil, p); len(got) > 0 {
		t.Errorf("point without a field: got %q, want nothing", got)
	}
	p.Fields = append(p.Fields, Field{Key: "oee", Value: plant.Float(0.5)})
	if got, want := string(AppendPoint(nil, p)), "kpi oee=0.5 1\n"; got != want {
		t.Errorf("point: got %q, want %q", got, want)
	}
}

func TestPointKeepsLineEndsInTexts(t *testing.T) {
	text := "two\nlines\tand \\n \"quotes\"\r\n"
	b := AppendPoint(nil, Point{Measurement: "alarm", Time: 5,
		Fields: []Field{{Key: "title", Value: plant.Text(text)}}})
	want := []decoded{{"alarm", map[string]string{}, map[string]string{"title": text}, 5}}
	if diff := cmp.Diff(want, decodeLines(t, b)); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

func FuzzPointAlwaysParses(f *testing.F) {
	f.Add("stop", "equipment", "A1", "reason", "infeed jam", 1.5, int64(7))
	f.Add("#", "a=b", `c\`, `"`, "\"\n\\", 0.1, int64(-1))
	f.Add("", " ", "\x00", "\xff", "\xff", 1e300, int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, measurement, tagKey, tagValue, fieldKey, text string, number float64, at int64) {
		b := AppendPoint(nil, Point{
			Measurement: measurement,
			Tags:        []Label{{Key: tagKey, Value: tagValue}},
			Fields:      []Field{{Key: fieldKey, Value: plant.Text(text)}, {Key: fieldKey + "2", Value: plant.Float(number)}},
			Time:        plant.Instant(at),
		})
		lines := decodeLines(t, b)
		if len(lines) != 1 {
			t.Fatalf("lines: got %d in %q, want 1", len(lines), b)
		}
		if got, want := len(lines[0].Fields), 2; got != want && !math.IsNaN(number) && !math.IsInf(number, 0) {
			t.Errorf("fields: got %d in %q, want %d", got, b, want)
		}
		found := false
		for _, value := range lines[0].Fields {
			found = found || value == strings.ToValidUTF8(text, "\uFFFD")
		}
		if !found {
			t.Errorf("text: got %q, want %q", lines[0].Fields, text)
		}
	})
}
