package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	// mostResident is what andon may have of the machine's memory with 100,000
	// tags and 10,000 rule instances, in bytes. It is meant to have 300 MB at
	// most; a machine that has too much else to do, where messages wait, may
	// see some more.
	mostResident = 320e6
	// workedThrough is how many samples are a day like any other: each tag
	// three times, screens between them. A snapshot of them all is among them
	// only on a machine that takes two minutes for it, the time between two.
	workedThrough = 300_000
	// scrapeEvery is how often the metrics are asked for, which for so large a
	// plant is work of its own: oftener than Prometheus does, every 15 s.
	scrapeEvery = 5 * time.Second
)

func TestAPlantOfAHundredThousandTagsHasNoMoreThan320MBOfTheMachine(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("runs a large plant for a minute")
	}
	andon, metric := largeDaemon(t)
	most := 0.0
	look := func(when string) {
		now := statusOf(t, andon, "VmRSS")
		most = max(most, now)
		if when != "" { // also read by the table of budgets, bench/internal/report
			t.Logf("%s: %.0f MB resident, at most %.0f seen, %.0f with the start", when, now/1e6, most/1e6, statusOf(t, andon, "VmHWM")/1e6)
		}
	}
	eventually(t, 4*time.Minute, "the first samples", func() error {
		if n := metric("andon_engine_samples_total"); n == 0 {
			return fmt.Errorf("none yet")
		}
		return nil
	})
	look("after the start")
	var samples float64
	var asked time.Time
	eventually(t, 10*time.Minute, "the work of a minute", func() error {
		look("")
		if time.Since(asked) >= scrapeEvery {
			samples, asked = metric("andon_engine_samples_total"), time.Now()
		}
		if samples < workedThrough {
			return fmt.Errorf("%.0f samples", samples)
		}
		return nil
	})
	look("after the work")
	t.Logf("the heap has %.0f MB, and %.0f at the next collection; snapshots until then: %.0f",
		metric("go_memstats_heap_alloc_bytes")/1e6, metric("go_memstats_next_gc_bytes")/1e6, metric("andon_engine_snapshots_total"))
	if most > mostResident {
		t.Errorf("resident: got %.0f MB, want no more than %d", most/1e6, int(mostResident/1e6))
	}
	andon.stop()
}

// largeDaemon starts the plant, a database that takes everything, and andon,
// of which it also returns how to read a metric.
func largeDaemon(t *testing.T) (andon *child, metric func(name string) float64) {
	t.Helper()
	dir, port, broker := t.TempDir(), freePort(t), freePort(t)
	database := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(database.Close)
	load := []string{"load", "--machines", "10000", "--tags", "10", "--rate", "10000", "--mqtt-listen", fmt.Sprintf("127.0.0.1:%d", broker)}
	launch(t, nil, program(t, "plantsim"), append(load, "--config-out", filepath.Join(dir, "load.yaml"))...).ended(time.Minute)
	config := filepath.Join(dir, "andon.yaml")
	text := fmt.Sprintf(`include: [load.yaml]
data_dir: data
influx: {url: %q}
web: {listen: "127.0.0.1:%d"}
rules:
  - {id: hot, class: maintenance, kind: threshold, priority: high, equipment: load/**, tag: temperature, raise: "> 500", response: Look at it.}
`, database.URL, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	launch(t, nil, program(t, "plantsim"), append(load, "--data", filepath.Join(dir, "broker"))...)
	andon = launch(t, nil, program(t, "andon"), "run", "-c", config)
	return andon, func(name string) float64 {
		return metricOf(t.Context(), fmt.Sprintf("http://127.0.0.1:%d/metrics", port), name)
	}
}

// statusOf returns a size of a process, in bytes, as the kernel has it.
func statusOf(t *testing.T, c *child, name string) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes float64
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscan(rest, &kilobytes); err == nil {
				return kilobytes * 1024
			}
		}
	}
	t.Fatalf("no %s in %q", name, text)
	return 0
}

// metricOf returns a metric, the sum of all its labels, 0 while there is none.
func metricOf(ctx context.Context, url, name string) float64 {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	sum := 0.0
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		line := lines.Text()
		value := line[strings.LastIndexByte(line, ' ')+1:]
		var v float64
		if rest, ok := strings.CutPrefix(line, name); ok && (rest[0] == '{' || rest[0] == ' ') {
			if _, err := fmt.Sscan(value, &v); err == nil {
				sum += v
			}
		}
	}
	return sum
}
