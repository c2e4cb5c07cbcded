package recording

import (
	"fmt"
	"strings"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
)

const (
	stateOfA1 = `{"tag":"` + productiontest.A1 + `/state","ts":"2026-03-02T08:00:00Z","value":6`
	stateOfB1 = `{"tag":"` + productiontest.B1 + `/state","ts":"2026-03-02T08:00:00Z","value":"RUN"`
)

func northfield(tb testing.TB) *plant.Tree {
	tb.Helper()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

// plainLines are lines as programs write them: none of them needs
// encoding/json.
func plainLines() []string {
	speed := func(v string) string {
		return `{"tag":"` + productiontest.A1 + `/speed","ts":"2026-03-02T08:00:00Z","value":` + v + `}`
	}
	at := func(t string) string { return strings.Replace(stateOfA1, "2026-03-02T08:00:00Z", t, 1) + "}" }
	return []string{stateOfA1 + "}", stateOfB1 + "}", stateOfA1 + `,"status":"good"}`, stateOfA1 + `,"status":"0x80310000"}`,
		stateOfA1 + `,"status":"Bad"}`, stateOfA1 + ` , "status" : "uncertain" }` + "\r", `{"status":"","value":null,"ts":"2026-03-02T08:00:00.25Z","tag":"` + productiontest.B1 + `/estop"}`,
		speed("0"), speed("-0"), speed("-12"), speed("0.5"), speed("-0.0"), speed("7200.125"), speed("123456789012345678"), speed("true"), speed("false"),
		speed("0.1234567890123456789012345678901234567890"), strings.Replace(stateOfB1, "RUN", "läuft", 1) + "}",
		at("2024-02-29T23:59:59.999999999Z"), at("1969-12-31T23:59:59.5Z"), at("2200-12-31T00:00:00Z")}
}

func TestUsualLinesOfARecordingAreReadWithoutJSON(t *testing.T) {
	for _, line := range plainLines() {
		r := New(strings.NewReader(""), northfield(t))
		got, ok := r.plain.read([]byte(line))
		want, err := r.parseJSON([]byte(line))
		if err != nil || !ok || typed(got) != want {
			t.Errorf("%s: got %+v (plain %t), want %+v (%v)", line, typed(got), ok, want, err)
		}
	}
}

func TestUnusualLinesOfARecordingAreLeftToJSON(t *testing.T) {
	at := func(old, other string) string { return strings.Replace(stateOfA1, old, other, 1) + "}" }
	for _, line := range []string{"", "{", "{}", "[]", stateOfA1, stateOfA1 + "},", stateOfA1 + `,"value":7}`, stateOfA1 + `,"quality":1}`, stateOfA1 + ",}",
		at(":6", ":06"), at(":6", ":-"), at(":6", ":.5"), at(":6", ":5."), at(":6", ":6e3"), at(":6", ":[6]"), at(":6", `:"\u0041"`), at(":6", ":\"a\xff\""),
		at(":6", ":1234567890123456789"), at(":6", ":tru"), at(":6", ":"), at(`"tag"`, `"Tag"`), at("A1", `A\u0031`), at("A1", "A9"), at(`"ts"`, `"t"`),
		at("08:00:00Z", "08:00:00+01:00"), at("08:00:00Z", "08:00:60Z"), at("08:00:00Z", "24:00:00Z"), at("08:00:00Z", "08:0a:00Z"), at("08:00:00Z", "08:00:00.Z"),
		at("08:00:00Z", "08:00:00.1234567890Z"), at("08:00:00Z", "08:00:00,5Z"), at("08:00:00Z", "08:00Z"), at("03-02", "02-30"), at("2026", "1500"), at("2026", "2300"),
		at("2026-03-02T08", "1970-01-01T00"), stateOfA1 + `,"status":"fine"}`, stateOfA1 + `,"status":3}`} {
		r := New(strings.NewReader(""), northfield(t))
		if got, ok := r.plain.read([]byte(line)); ok {
			t.Errorf("%s: got %+v, want it refused", line, got)
		}
	}
}

func TestATagThatThePlantDoesNotKnowNeedsJSONOnce(t *testing.T) {
	r := New(strings.NewReader(""), northfield(t))
	line := []byte(strings.Replace(stateOfA1, "A1", "A9", 1) + "}")
	want, err := r.parse(line)
	if got, ok := r.plain.read(line); err != nil || !ok || typed(got) != want {
		t.Errorf("got %+v (plain %t), want %+v (%v)", typed(got), ok, want, err)
	}
}

func TestReadingARecordingNeedsNoMemoryPerSample(t *testing.T) {
	const lines = 1000
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, `{"tag":"%s/vibration","ts":"2026-03-02T08:%02d:%02d.5Z","value":%d.125}`+"\n", productiontest.A1, i/60, i%60, i)
	}
	tree := northfield(t)
	got := testing.AllocsPerRun(5, func() {
		r := New(strings.NewReader(text.String()), tree)
		for range lines {
			if s, err := r.Next(); err != nil || s.Value.Kind() != plant.KindFloat {
				t.Fatalf("got %+v, %v; want a float", s, err)
			}
		}
	})
	if got > lines/10 {
		t.Errorf("got %v allocations for %d samples, want at most %d", got, lines, lines/10)
	}
}

// FuzzPlainLine wants the same sample of what it reads as encoding/json gives.
func FuzzPlainLine(f *testing.F) {
	for _, line := range plainLines() {
		f.Add([]byte(line))
	}
	f.Add([]byte(strings.Replace(stateOfA1, "A1", `A\u0031`, 1) + "}"))
	f.Add([]byte(stateOfA1 + `,"value":7,"status":"\u0067ood"}`))
	tree := northfield(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		r := New(strings.NewReader(""), tree)
		got, ok := r.plain.read(line)
		if !ok {
			return
		}
		if want, err := r.parseJSON(line); err != nil || typed(got) != want {
			t.Fatalf("%s: got %+v, want %+v (%v)", line, typed(got), want, err)
		}
	})
}
