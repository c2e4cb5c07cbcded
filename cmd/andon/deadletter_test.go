package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bury puts lines among the dead letters of the packing area.
func (p *queuePlant) bury(lines ...string) {
	p.t.Helper()
	dir := string(p.cfg.Influx.DeadLetter.Dir)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		p.t.Fatal(err)
	}
	var text string
	for i, line := range lines {
		text += fmt.Sprintf(`{"time":"2026-03-0%dT08:00:00Z","area":"packing","reason":"400 Bad Request: it was day %d","line":%q}`+"\n", i+1, i+1, line)
	}
	if err := os.WriteFile(filepath.Join(dir, "influx-packing.ndjson"), []byte(text+"torn {\n"), 0o640); err != nil {
		p.t.Fatal(err)
	}
}

func TestDeadLettersAreListedAndWrittenAgain(t *testing.T) {
	p := newQueuePlant(t)
	p.db.CreateDatabase("plant")
	p.bury(`telemetry,area=packing x=1 1772438400000000000`, `telemetry,area=packing x=2 1772438401000000000`, `no line at all`)
	out, errs, err := p.try("deadletter", "list", "--reason", "DAY", "--since", "2026-03-02T00:00:00Z")
	if err != nil || strings.Contains(out, "day 1") || !strings.Contains(out, "day 2") || !strings.Contains(out, "2 dead letters") || !strings.Contains(errs, "1 lines of the files are no dead letters") {
		t.Errorf("list: got %q, %q, %v; want days 2 and 3, and the torn line told", out, errs, err)
	}
	if out := p.do("deadletter", "list", "--json", "--area", "s/packing"); strings.Count(out, "\n") != 3 {
		t.Errorf("json: got %q, want three lines", out)
	}
	if out := p.do("deadletter", "list", "--area", "moulding"); !strings.Contains(out, "0 dead letters") {
		t.Errorf("moulding: got %q, want none", out)
	}
	if out := p.do("deadletter", "retry", "--dry-run"); !strings.Contains(out, "3 dead letters would be written again") || p.rows("packing") != 0 {
		t.Errorf("dry run: got %q, want three counted and none written", out)
	}
	out, _, err = p.try("deadletter", "retry")
	if err == nil || !strings.Contains(out, "packing: 2 taken, 1 refused again, 0 left alone") || !strings.Contains(out, ".unreadable") {
		t.Errorf("retry: got %q, %v; want two taken, one refused, one put aside", out, err)
	}
	if got := p.rows("packing"); got != 2 {
		t.Errorf("rows: got %d, want 2", got)
	}
	if out := p.do("deadletter", "list"); !strings.Contains(out, "unable to parse") || !strings.Contains(out, "1 dead letters") {
		t.Errorf("what is left: got %q, want the one with its new reason", out)
	}
	p.db.Stop()
	if _, errs, err := p.try("deadletter", "retry"); err == nil || !strings.Contains(errs, "influxdb does not take data now") {
		t.Errorf("InfluxDB away: got %q, %v; want it told", errs, err)
	}
}

func TestQueueSaysWhatIsWrongWithWhatItIsAsked(t *testing.T) {
	p := newQueuePlant(t)
	if _, errs, err := p.try("queue", "stat"); err == nil || !strings.Contains(errs, "did andon run with this configuration?") {
		t.Errorf("never run: got %q, %v", errs, err)
	}
	p.put("packing", 1)
	for want, args := range map[string][]string{
		"the plant has packing, moulding":   {"queue", "stat", "--area", "paking"},
		"want a time after --from":          {"queue", "export", "--from", "2026-03-02T08:00:00Z", "--to", "2026-03-02T07:00:00Z"},
		"want a time such as":               {"queue", "export", "--from", "yesterday"},
		"either --unwritten or --from":      {"queue", "export", "--from", "1h", "--unwritten"},
		"want ndjson or line-protocol":      {"queue", "export", "--format", "csv"},
		"want --from with the time":         {"queue", "replay"},
		"--area: no such area \"paking\"":   {"deadletter", "list", "--area", "paking"},
		"--since: want a time such as 2026": {"deadletter", "retry", "--since", "Monday"},
	} {
		if out, errs, err := p.try(args...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%v: got %q, %q, %v; want an error with %q", args, out, errs, err, want)
		}
	}
	p.andon()
	for want, args := range map[string][]string{
		"the token is wrong":              {"queue", "export", "--token", "another token of the plant"},
		"token is wrong":                  {"queue", "replay", "--from", "1h", "--token", "another token of the plant"},
		"the plant has packing, moulding": {"queue", "replay", "--from", "1h", "--area", "paking"},
		"no such area":                    {"queue", "export", "--area", "paking"},
	} {
		if out, errs, err := p.try(args...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%v: got %q, %q, %v; want an error with %q", args, out, errs, err, want)
		}
	}
	var out, errs strings.Builder
	if err := run(t.Context(), []string{"queue", "stat", "--url", "http://127.0.0.1:1"}, &out, &errs); err == nil || !strings.Contains(errs.String(), "is andon running there?") {
		t.Errorf("nobody there: got %q, %v", errs.String(), err)
	}
}
