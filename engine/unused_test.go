package engine_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"andon/engine"
	"andon/engine/recording"
	"andon/production/productiontest"
)

func TestAReplayTellsWhatItCouldNotUse(t *testing.T) {
	t.Parallel()
	lines := linesOf(t, theHour(t))
	want := mustReplay(t, lines)
	if want.Unused != (engine.Unused{}) || want.Samples != len(theHour(t)) {
		t.Fatalf("the whole hour: got %d samples, unused %+v; want all used", want.Samples, want.Unused)
	}
	at := func(tag, value string) string {
		return `{"tag":"` + tag + `","ts":"2026-03-02T08:00:00Z","value":` + value + "}\n"
	}
	strange := []string{at("osnabrueck/packing/lineA/A1/state", "6"), at("northfield/packing/lineA/A9/state", "6"),
		at("northfield/packing/lineA/A9/state", "6"), at(productiontest.A1+"/torque", "1.5"), at("a/b/c/d/e", "1"),
		at(productiontest.A1+"/total", `"many"`), at(productiontest.A1+"/speed", `"fast"`)}
	got := mustReplay(t, append(strange, lines...))
	u := got.Unused
	if u.UnknownTags != 5 || u.Mismatches != 2 || u.OutOfOrder+u.TooLate != 0 {
		t.Errorf("unused: got %+v, want 5 of unknown tags and 2 of another type", u)
	}
	if got, want := strings.Join(u.UnknownExamples[:], " "),
		"osnabrueck/packing/lineA/A1/state northfield/packing/lineA/A9/state "+productiontest.A1+"/torque"; got != want {
		t.Errorf("examples of unknown tags: got %s, want %s", got, want)
	}
	if got, want := strings.Join(u.MismatchExamples[:], " "), productiontest.A1+"/total "+productiontest.A1+"/speed "; got != want {
		t.Errorf("examples of other types: got %s, want %s", got, want)
	}
	got.Unused = want.Unused
	same(t, want, got)
}

func TestAShuffledRecordingIsToldFromOneInOrder(t *testing.T) {
	lines := linesOf(t, theHour(t))
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if u := mustReplay(t, lines).Unused; u.OutOfOrder < len(lines)/2 || u.TooLate != 0 {
		t.Errorf("unused: got %+v of %d, want most out of order", u, len(lines))
	}
}

func TestARecordingWithoutAUsableSampleHasAnEmptyReport(t *testing.T) {
	strange := strings.Replace(line1, "northfield", "osnabrueck", 1) + "}\n"
	text := strings.Replace(line1, ":6", `:"six"`, 1) + "}\n"
	for name, lines := range map[string][]string{"empty": nil, "of another site": {strange}, "of other types": {text, text}} {
		if r := mustReplay(t, lines); r.Samples != 0 || len(r.KPIs) != 0 || r.Unused.UnknownTags+r.Unused.Mismatches != len(lines) {
			t.Errorf("%s: got %d samples, %d KPIs, unused %+v", name, r.Samples, len(r.KPIs), r.Unused)
		}
	}
}

func TestARecordingThatIsCutOffSaysSo(t *testing.T) {
	var whole bytes.Buffer
	z := gzip.NewWriter(&whole)
	if _, err := z.Write(engine.Recorded(t, theHour(t))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	cut, err := gzip.NewReader(bytes.NewReader(whole.Bytes()[:whole.Len()/2]))
	if err != nil {
		t.Fatal(err)
	}
	r, n := recording.New(cut, engine.Northfield(t)), 0
	for err == nil {
		_, err = r.Next()
		n++
	}
	if err == io.EOF || n < 100 || !strings.Contains(err.Error(), "unexpected end: the file is cut off") {
		t.Errorf("after %d samples: got %v, want that the file is cut off", n, err)
	}
}
