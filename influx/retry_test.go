package influx_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
)

// letters returns the dead letters of the packing area.
func letters(t *testing.T, c influx.Config) []influx.DeadLetter {
	t.Helper()
	var all []influx.DeadLetter
	if _, err := influx.EachDeadLetter(c.DeadLetter, "packing", func(l influx.DeadLetter) error {
		all = append(all, l)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// bury puts lines among the dead letters, the first into the older file.
func bury(t *testing.T, c influx.Config, lines ...string) {
	t.Helper()
	for i, line := range lines {
		name := filepath.Join(string(c.DeadLetter.Dir), "influx-packing.ndjson")
		if i == 0 {
			name += ".1"
		}
		text, err := json.Marshal(influx.DeadLetter{Time: start.Time().Add(time.Duration(i) * time.Hour), Area: "packing", Reason: "it was Monday", Line: line})
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Write(append(text, '\n'))
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func retry(t *testing.T, o influx.RetryOptions) influx.Retried {
	t.Helper()
	o.Area = "packing"
	sum, err := influx.RetryDeadLetters(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestDeadLettersThatInfluxDBTakesNowAreGone(t *testing.T) {
	db := realInfluxDB(t)
	cfg := config(t, db.URL())
	bury(t, cfg, series+"speed=1 1772438400000000000", series+"speed=2 1772438401000000000", `stop,equipment=A1 duration_s="x" 1772438400000000000`)
	sum := retry(t, influx.RetryOptions{Config: cfg})
	if sum != (influx.Retried{Taken: 3}) {
		t.Errorf("got %+v, want three taken", sum)
	}
	if left := letters(t, cfg); len(left) > 0 {
		t.Errorf("left: got %v, want none", left)
	}
	if got := len(everything(db)); got != 3 {
		t.Errorf("rows: got %d, want 3", got)
	}
}

// The database has speed as a number and knows no words there; the rest of
// the line is as good as any.
func TestWhatInfluxDBRefusesOfADeadLetterStaysWithTheNewReason(t *testing.T) {
	db := realInfluxDB(t)
	cfg := config(t, db.URL())
	stop := func(fields string) string { return "stop,equipment=A1 " + fields + " 1772438400000000000" }
	bury(t, cfg, stop("duration_s=5"))
	retry(t, influx.RetryOptions{Config: cfg})
	bury(t, cfg, stop("end_ms=1i"), stop(`category="fault",duration_s="long"`), stop("micro=true"), "nonsense")
	if sum := retry(t, influx.RetryOptions{Config: cfg}); sum != (influx.Retried{Taken: 2, Refused: 2}) {
		t.Errorf("got %+v, want two taken and two refused", sum)
	}
	left := letters(t, cfg)
	if len(left) != 2 || left[0].Line != stop(`duration_s="long"`) || !strings.Contains(left[0].Reason, "conflict") ||
		left[1].Line != "nonsense" || !strings.Contains(left[1].Reason, "parse") || !left[0].Time.Equal(start.Time().Add(time.Hour)) {
		t.Errorf("left: got %q, want the bad field and the nonsense with new reasons", left)
	}
	rows := db.Query("plant", `SELECT * FROM "stop"`)
	if len(rows) != 1 || rows[0]["category"] != "fault" || rows[0]["end_ms"] != "1" || rows[0]["micro"] != "true" || rows[0]["duration_s"] != "5" {
		t.Errorf("rows: got %v, want everything but the bad field", rows)
	}
}

func TestOnlyTheDeadLettersThatAreMeantAreWritten(t *testing.T) {
	server := influxtest.NewServer(t)
	cfg := config(t, server.URL)
	bury(t, cfg, "a x=1", "b x=1", "c x=1")
	match := func(l influx.DeadLetter) bool { return l.Line[0] == 'b' }
	if sum := retry(t, influx.RetryOptions{Config: cfg, Match: match}); sum != (influx.Retried{Taken: 1, Other: 2}) {
		t.Errorf("got %+v, want one taken", sum)
	}
	if got := server.Lines(); !slices.Equal(got, []string{"b x=1"}) {
		t.Errorf("written: got %q, want the one that was meant", got)
	}
	if left := letters(t, cfg); len(left) != 2 || left[0].Line != "a x=1" || left[1].Line != "c x=1" {
		t.Errorf("left: got %v, want the others", left)
	}
}

func TestAnInfluxDBThatIsAwayLosesNoDeadLetter(t *testing.T) {
	server := influxtest.NewServer(t)
	cfg := config(t, server.URL)
	bury(t, cfg, "a x=1", "b x=1")
	for status, want := range map[int]string{503: "does not take data now", 401: "a person must act"} {
		server.AnswerAlways(influxtest.Answer{Status: status})
		sum, err := influx.RetryDeadLetters(t.Context(), influx.RetryOptions{Config: cfg, Area: "packing"})
		if err == nil || !strings.Contains(err.Error(), want) || sum.Taken != 0 {
			t.Errorf("%d: got %+v, %v; want an error with %q", status, sum, err, want)
		}
	}
	if left := letters(t, cfg); len(left) != 2 {
		t.Errorf("left: got %v, want both", left)
	}
}

func TestALineThatIsNoDeadLetterIsPutAside(t *testing.T) {
	server := influxtest.NewServer(t)
	cfg := config(t, server.URL)
	bury(t, cfg, "a x=1", "b x=1")
	file := filepath.Join(string(cfg.DeadLetter.Dir), "influx-packing.ndjson")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	const torn = `{"time":"2026-03-02T08:00:00Z","area":"pack`
	if _, err := f.WriteString(torn); err != nil { // andon was killed here
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	// A letter that comes after it is not spoiled.
	server.Refuse(influxtest.Refusal{Bad: func(line string) bool { return strings.Contains(line, "speed=0.5 ") }, Partial: true})
	s := newStream()
	s.samples(speeds(t, 0, 2)...)
	w := run(t, s, cfg)
	w.written(1)
	w.stop()
	unreadable, err := influx.EachDeadLetter(cfg.DeadLetter, "packing", func(influx.DeadLetter) error { return nil })
	if unreadable != 1 || err != nil || len(letters(t, cfg)) != 3 {
		t.Errorf("got %d unreadable, %v, and %v; want one and three letters", unreadable, err, letters(t, cfg))
	}
	server.Refuse(influxtest.Refusal{Bad: func(string) bool { return false }})
	sum := retry(t, influx.RetryOptions{Config: cfg})
	if sum.Taken != 3 || sum.Unreadable != 1 || sum.UnreadableFile != file+".unreadable" {
		t.Errorf("got %+v, want three taken and one put aside", sum)
	}
	if text, err := os.ReadFile(file + ".unreadable"); string(text) != torn+"\n" || err != nil {
		t.Errorf("put aside: got %q, %v; want the line as it was", text, err)
	}
	if unreadable, err := influx.EachDeadLetter(cfg.DeadLetter, "packing", func(influx.DeadLetter) error { return nil }); unreadable != 0 || err != nil {
		t.Errorf("afterwards: got %d, %v; want none", unreadable, err)
	}
}

// A power cut leaves a file with the length that it was to have and nothing
// in it, without an end of a line.
func TestAHoleInTheFileKeepsNoDeadLetterFromBeingWritten(t *testing.T) {
	server := influxtest.NewServer(t)
	cfg := config(t, server.URL)
	bury(t, cfg, "a x=1", "b x=1")
	file := filepath.Join(string(cfg.DeadLetter.Dir), "influx-packing.ndjson")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const hole = 70 << 20
	if err := os.WriteFile(file, slices.Concat(good, make([]byte, hole), []byte{'\n'}, good), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := retry(t, influx.RetryOptions{Config: cfg})
	if sum.Taken != 3 || sum.Unreadable == 0 {
		t.Errorf("got %+v, want the letters before and behind the hole taken", sum)
	}
	aside, err := os.ReadFile(file + ".unreadable")
	if n := bytes.Count(aside, []byte{0}); n != hole || err != nil {
		t.Errorf("%d bytes of the hole are put aside, %v; want all %d", n, err, hole)
	}
	if left := letters(t, cfg); len(left) != 0 {
		t.Errorf("left: got %v, want none", left)
	}
}

// andon keeps refusing lines while somebody has others written again.
func TestNoDeadLetterIsLostBesideARunningWriter(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Refuse(influxtest.Refusal{Bad: func(line string) bool { return strings.HasPrefix(line, "telemetry") }, Partial: true})
	cfg := config(t, server.URL)
	cfg.BatchLines = 1
	s := newStream()
	w := run(t, s, cfg)
	done := make(chan struct{})
	go func() { // waited for below
		defer close(done)
		for i := range 60 {
			s.samples(sample(t, a1+"speed", plant.Float(1), i))
		}
	}()
	taken := 0
	for i := range 20 {
		bury(t, cfg, "old x=1", "new x="+string(rune('a'+i)))
		taken += retry(t, influx.RetryOptions{Config: cfg, Match: func(l influx.DeadLetter) bool { return !strings.HasPrefix(l.Line, "telemetry") }}).Taken
	}
	<-done
	w.written(60)
	if left := letters(t, cfg); len(left) != 60 || taken != 40 {
		t.Errorf("got %d left and %d taken, want the 60 of the plant and 40", len(left), taken)
	}
	w.stop()
	w = run(t, s, cfg)
	eventually(t, "they are counted", func() bool { return w.metric("dead_letters_waiting") == 60 })
}

func TestAPlantWithoutDeadLetters(t *testing.T) {
	cfg := config(t, "http://127.0.0.1:1")
	cfg.DeadLetter.Dir += "/none"
	if got := letters(t, cfg); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
	if _, err := os.Stat(string(cfg.DeadLetter.Dir)); err == nil {
		t.Error("listing made the folder, want it to change nothing")
	}
	if sum := retry(t, influx.RetryOptions{Config: cfg}); sum != (influx.Retried{}) {
		t.Errorf("got %+v, want nothing done", sum)
	}
}
