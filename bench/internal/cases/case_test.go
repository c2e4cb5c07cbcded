package cases_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/bench/internal/andon"
	"andon/bench/internal/broker"
	"andon/bench/internal/cases"
	"andon/bench/internal/measure"
)

func TestEveryCaseHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases.All() {
		if c.Name == "" || c.Title == "" || seen[c.Name] {
			t.Errorf("case %q (%q) has no name or title, or that of another", c.Name, c.Title)
		}
		seen[c.Name] = true
		if (c.Feed == nil) == (c.Limit == nil) {
			t.Errorf("case %s has both a feed and a limit, or none", c.Name)
		}
		if c.Feed != nil && (c.Rate == 0) == (len(c.Rates) == 0) {
			t.Errorf("case %s has both a rate and rates, or none", c.Name)
		}
	}
}

func TestCasesAreChosenByName(t *testing.T) {
	chosen, err := cases.Named([]string{"mqtt-q1-40k", "mqtt-q0-10k"})
	if err != nil || len(chosen) != 2 || chosen[0].Name != "mqtt-q0-10k" {
		t.Errorf("chosen %v, %v", chosen, err)
	}
	if _, err := cases.Named([]string{"mqtt-q3"}); err == nil || !strings.Contains(err.Error(), "mqtt-q3") {
		t.Errorf("error %v, want one that names the unknown case", err)
	}
}

func TestEverySampleOfASmallLoadArrivesThroughAndon(t *testing.T) {
	rig := newRig(t)
	result, err := rig.Measure(t.Context(), cases.Case{
		Name: "small", Title: "small", Feed: cases.MQTT{QoS: 1}, Rate: 1000, Sides: []measure.Side{measure.Andon},
	})
	if err != nil {
		t.Fatal(err)
	}
	run := result.Of(measure.Andon)[0]
	if run.Arrived != 2000 || run.Sent != 2000 || run.Planned != 2000 {
		t.Errorf("%d arrived of %d sent of %d planned, want 2000", run.Arrived, run.Sent, run.Planned)
	}
	if run.CPU <= 0 || run.Peak < 10<<20 {
		t.Errorf("andon cost %v µs per sample and %d bytes: not measured", run.CPU, run.Peak)
	}
	if run.Probes == 0 || run.P50 == nil || *run.P50 <= 0 || *run.P99 < *run.P50 {
		t.Errorf("latency p50 %v, p99 %v of %d probes", run.P50, run.P99, run.Probes)
	}
}

// newRig builds everything but Telegraf.
func newRig(t *testing.T) *cases.Rig {
	t.Helper()
	work := t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	built, err := andon.Build(t.Context(), root, work, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	self := filepath.Join(work, "bench")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", self, "andon/bench").CombinedOutput(); err != nil {
		t.Fatalf("build bench: %v\n%s", err, out)
	}
	return &cases.Rig{
		Self: self, Broker: broker.Find(self, false), Work: work, Andon: built.Andon, Influxd: built.Influxd, Pairs: 1,
		Warmup: time.Second, Window: time.Second, Say: func(line string) { t.Log(line) },
	}
}
