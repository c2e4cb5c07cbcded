package influx_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"andon/influx/influxtest"
	"andon/plant"
)

func TestDeadLettersThatCannotBeKeptHoldTheStream(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Refuse(influxtest.Refusal{Bad: func(line string) bool { return strings.Contains(line, "speed=0.5 ") }, Partial: true})
	cfg := config(t, server.URL)
	blocked := filepath.Join(string(cfg.DeadLetter.Dir), "influx-packing.ndjson")
	if err := os.Mkdir(blocked, 0o755); err != nil {
		t.Fatal(err)
	}
	s := newStream()
	s.samples(speeds(t, 0, 2)...)
	w := run(t, s, cfg)
	eventually(t, "the failure shows", func() bool { return w.Healthy() != nil })
	if got := s.saved(); got != 0 {
		t.Errorf("position: got %d, want 0", got)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	w.written(1)
	if dead := w.deadLetters(); len(dead) != 1 {
		t.Errorf("dead letters: got %v, want 1", dead)
	}
}

func TestDeadLettersStayBounded(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Refuse(influxtest.Refusal{Bad: func(string) bool { return true }})
	cfg := config(t, server.URL)
	cfg.DeadLetter.MaxBytes = 1 << 20
	s := newStream()
	long := strings.Repeat("x", 50_000)
	for i := range 40 {
		s.samples(sample(t, a1+"alarm_id", plant.Text(long), i))
	}
	w := run(t, s, cfg)
	w.written(40)
	total := int64(0)
	files, err := os.ReadDir(string(cfg.DeadLetter.Dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if len(files) != 2 || total > 1<<20 || total < 1<<19 {
		t.Errorf("got %d files of %d bytes, want 2 of at most 1 MiB", len(files), total)
	}
}
