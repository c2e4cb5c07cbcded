package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/queue"
)

func TestQueueStatOfAStoppedAndonTellsWhatInfluxDBLacks(t *testing.T) {
	p := newQueuePlant(t)
	p.put("packing", 20)
	for range 2 { // looking changes nothing
		s := p.stat("packing")
		if len(s.Areas) != 1 || s.Running {
			t.Fatalf("got %+v, want one area of a stopped andon", s)
		}
		a := s.Areas[0]
		r := p.influx("packing")
		if a.Messages != 20 || a.First != 1 || a.Last != 20 || a.MaxBytes != p.cfg.Bus.MaxBytes || r.Position != 0 || r.LagMessages != 20 ||
			r.Oldest != a.FirstTime || r.State != "stopped" || r.LostBy != "max_age" {
			t.Errorf("got %+v with %+v, want 20 messages that InfluxDB lacks", a, r)
		}
		if lost := plant.Instant(r.LostAt).Sub(plant.Instant(r.Oldest)); lost != p.cfg.Bus.MaxAge {
			t.Errorf("lost after %s, want %s", lost, p.cfg.Bus.MaxAge)
		}
	}
	table := p.do("queue", "stat")
	for _, want := range []string{"s/packing: 20 messages", "s/moulding: 0 messages", "influx", "stopped", "(max_age)"} {
		if !strings.Contains(table, want) {
			t.Errorf("table:\n%s\nwant %q in it", table, want)
		}
	}
	if _, _, err := p.try("queue", "stat", "--check"); err != nil {
		t.Errorf("check: got %v, want that there is time", err)
	}
}

func TestQueueStatOfARunningAndonTellsWhyInfluxDBLacksIt(t *testing.T) {
	p := newQueuePlant(t)
	p.db.Stop()
	p.put("packing", 5)
	p.andon()
	eventually(t, 30*time.Second, "the outage shows", func() error {
		if r := p.influx("packing"); r.State != "retrying" || r.Oldest == 0 || r.LagSeconds <= 0 || r.Since == 0 || !strings.Contains(r.Why, "connection refused") {
			return fmt.Errorf("got %+v, want it retried", r)
		}
		return nil
	})
	if _, _, err := p.try("queue", "stat", "--check"); err == nil {
		t.Error("check: got no error in an outage, want one")
	}
	if s := p.stat("packing"); !s.Running || s.Areas[0].BytesPerSecond <= 0 {
		t.Errorf("got %+v, want a running andon with a rate", s)
	}
	p.db.Restart()
	p.written("packing")
	eventually(t, 30*time.Second, "all is well", func() error {
		out, errs, err := p.try("queue", "stat", "--check")
		if err != nil {
			return fmt.Errorf("%w %s\n%s", err, errs, out)
		}
		return nil
	})
	if got := p.rows("packing"); got != 5 {
		t.Errorf("rows: got %d, want 5", got)
	}
}

// samples reads an exported recording.
func samples(t *testing.T, file string) []plant.Instant {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var times []plant.Instant
	for d := json.NewDecoder(in); d.More(); {
		var s struct {
			Tag string        `json:"tag"`
			TS  plant.Instant `json:"ts"`
		}
		if err := d.Decode(&s); err != nil || !strings.HasSuffix(s.Tag, "/l/e/x") {
			t.Fatalf("got %+v, %v; want a sample", s, err)
		}
		times = append(times, s.TS)
	}
	return times
}

func TestQueueExportIsARecordingWhetherAndonRunsOrNot(t *testing.T) {
	p := newQueuePlant(t)
	p.put("packing", 30)
	p.put("moulding", 10)
	p.db.Stop() // all stays unwritten
	dir := t.TempDir()
	export := func(name string) {
		t.Helper()
		file := filepath.Join(dir, name)
		p.do("queue", "export", "--unwritten", "--out", file)
		got := samples(t, file)
		if len(got) != 40 {
			t.Errorf("%s: got %d samples, want 40", name, len(got))
		}
		for i := 1; i < len(got); i++ {
			if got[i] < got[i-1] {
				t.Errorf("%s: sample %d at %s comes after %s", name, i, got[i], got[i-1])
			}
		}
		if _, err := os.Stat(file + ".part"); err == nil {
			t.Errorf("%s: the part is left", name)
		}
	}
	export("stopped.ndjson.gz")
	stop := p.andon()
	export("running.ndjson")
	lines := p.do("queue", "export", "--area", "packing", "--format", "line-protocol")
	if n := strings.Count(lines, "telemetry,area=packing,equipment=e,line=l,site=s x="); n != 30 {
		t.Errorf("line protocol: got %d lines of %.300q, want 30", n, lines)
	}
	if out := p.do("queue", "export", "--from", "2020-01-01T00:00:00Z", "--to", "2020-01-02T00:00:00Z"); out != "" {
		t.Errorf("a time before the stream: got %q, want nothing", out)
	}
	stop()
	out := p.do("replay", "--samples", filepath.Join(dir, "stopped.ndjson.gz"), "--out", filepath.Join(dir, "report"))
	if !strings.HasPrefix(out, "40 samples") {
		t.Errorf("replay of the export: got %q, want it to take 40 samples", out)
	}
}

func TestQueueReplayGivesADatabaseThatWasRestoredWhatItLacks(t *testing.T) {
	p := newQueuePlant(t)
	p.put("packing", 25)
	p.put("moulding", 5)
	stop := p.andon()
	p.written("packing")
	p.written("moulding")
	lose := func() {
		t.Helper()
		p.db.Query("plant", `DROP MEASUREMENT "telemetry"`)
		if n := p.rows("packing"); n != 0 {
			t.Fatalf("rows: got %d, want none", n)
		}
	}
	back := func(area string, want int) {
		t.Helper()
		eventually(t, 30*time.Second, "the rows are back", func() error {
			if n := p.rows(area); n != want {
				return fmt.Errorf("got %d of %d", n, want)
			}
			return nil
		})
	}
	lose()
	if out := p.do("queue", "replay", "--from", "1h", "--dry-run"); !strings.Contains(out, "s/packing") || !strings.Contains(out, "nothing done") || p.rows("packing") != 0 {
		t.Errorf("dry run: got %q, want a plan alone", out)
	}
	if out := p.do("queue", "replay", "--from", "1h", "--area", "packing", "--wait"); !strings.Contains(out, "all is written again") {
		t.Errorf("got %q, want it done", out)
	}
	back("packing", 25)
	if n := p.rows("moulding"); n != 0 {
		t.Errorf("moulding: got %d rows, want none: nobody asked for it", n)
	}
	p.do("queue", "replay", "--stop")

	// A stopped andon does it with its next start.
	stop()
	lose()
	if out := p.do("queue", "replay", "--from", "1h"); !strings.Contains(out, "begins when it starts") {
		t.Errorf("stopped: got %q, want it kept for the next start", out)
	}
	if s := p.stat("packing"); s.Areas[0].Rewrite == nil || s.Areas[0].Rewrite.State != "stopped" {
		t.Errorf("got %+v, want it waiting for the start", s.Areas[0].Rewrite)
	}
	p.andon()
	back("packing", 25)
	back("moulding", 5)
	eventually(t, 30*time.Second, "it is done", func() error {
		if s := p.stat(""); s.Areas[0].Rewrite != nil || s.Areas[1].Rewrite != nil {
			return fmt.Errorf("got %+v", s)
		}
		return nil
	})
	if out := p.do("queue", "replay", "--from", "2100-01-01T00:00:00Z"); !strings.Contains(out, "nothing to write again") {
		t.Errorf("of the future: got %q, want nothing", out)
	}
}

func TestQueueExportThatIsCutOffLeavesNoFileAndSaysSo(t *testing.T) {
	for name, ends := range map[string]func(){
		"the connection breaks": func() { panic(http.ErrAbortHandler) },
		"the answer just ends":  func() {},
	} {
		t.Run(name, func(t *testing.T) {
			served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintln(w, `{"tag":"s/packing/l/e/x","ts":"2026-03-02T06:00:00Z","value":1}`)
				_ = http.NewResponseController(w).Flush()
				ends()
			}))
			defer served.Close()
			file := filepath.Join(t.TempDir(), "out.ndjson.gz")
			side := &runningQueue{client: client{url: served.URL, token: "x"}}
			err := exportTo(t.Context(), side, queue.Export{Format: queue.FormatNDJSON}, exportFile{name: file, stdout: io.Discard, told: io.Discard})
			if err == nil || !strings.Contains(err.Error(), "cut off") {
				t.Errorf("got %v, want an error that says so", err)
			}
			if left, _ := filepath.Glob(file + "*"); len(left) > 0 {
				t.Errorf("%v is left, which looks like an export", left)
			}
		})
	}
}
