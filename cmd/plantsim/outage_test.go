package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/cmd/plantsim/scenarios"
)

// withOutage writes the hour with a restart of the OPC UA server after 3 s.
func withOutage(t *testing.T) string {
	t.Helper()
	b, err := scenarios.Files.ReadFile("hour.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "length: 60m\n",
		"length: 60m\nopcua_outages: [{at: 3s, away: 1s, settle: 8s}]\n", 1)
	file := filepath.Join(t.TempDir(), "outage.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A collector that loses its connection and subscribes anew while values
// still stand misses nothing of the ground truth.
func TestReconnectingClientMissesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "truth.ndjson")
	p := launch(t, "--scenario", withOutage(t), "--start", "2026-03-02T08:00:00Z", "--speed", "2", "--duration", "16s",
		"--wait", "--opcua-listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0", "--truth", file)
	endpoint, _ := endpoints(t, p.until(t, "ready "))
	before := monitorAll(t, endpoint)
	p.until(t, "08:00:04 OPC UA server accepts connections again")
	after := monitorAll(t, endpoint)
	p.until(t, "told ")
	truth := readLines(t, file)
	for l := range truth {
		if !strings.Contains(l, "/A1/") && !strings.Contains(l, "/A2/") && !strings.Contains(l, "/B1/") {
			delete(truth, l)
		}
	}
	seen := map[string]int{}
	for timeout := time.After(20 * time.Second); missing(truth, seen) > 0; {
		select {
		case v := <-before:
			seen[v]++
		case v := <-after:
			seen[v]++
		case <-timeout:
			t.Fatalf("%d of %d values not seen, such as %s", missing(truth, seen), len(truth), first(truth, seen))
		}
	}
	if len(truth) < 30 {
		t.Errorf("got %d values on OPC UA, want those before, at 12 s and after", len(truth))
	}
	if got := p.wait(t); got != 0 {
		t.Errorf("got exit code %d, want 0: %s", got, p.errors.String())
	}
}
