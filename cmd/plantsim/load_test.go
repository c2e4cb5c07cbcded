package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/collector/mqtt/mqtttest"
	"andon/plant"
)

// A loadLine is a line of the ground truth.
type loadLine struct {
	Tag   string        `json:"tag"`
	Time  plant.Instant `json:"ts"`
	Value plant.Value   `json:"value"`
}

func readLoad(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(b)); dec.More(); {
		var l loadLine
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprintf("%s %d", l.Tag, int64(l.Time)/1e6)
		if _, twice := all[key]; twice {
			t.Fatalf("%s stands there twice", key)
		}
		all[key] = l.Value.String()
	}
	return all
}

// tagsOf takes a message of the load apart.
func tagsOf(t *testing.T, m message) map[string]string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(m.payload, &fields); err != nil {
		t.Fatalf("%s: %v", m.payload, err)
	}
	at, err := strconv.ParseInt(string(fields["ts"]), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", m.payload, err)
	}
	delete(fields, "ts")
	all := map[string]string{}
	for name, raw := range fields {
		var v plant.Value
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprintf("%s/%s %d", m.topic, name, at)] = v.String()
	}
	return all
}

func TestUnderLoadEveryValueReachesTheBrokerThoughConnectionsBreak(t *testing.T) {
	broker := mqtttest.Start(t, mqtttest.Options{})
	way := mqtttest.StartProxy(t, broker)
	got := subscribe(t, broker.URL(), "load/#")
	file := filepath.Join(t.TempDir(), "truth.ndjson")
	p := launch(t, "load", "--mqtt-url", way.URL(), "--machines", "30", "--tags", "12", "--rate", "3600", "--duration", "3s", "--truth", file)
	p.until(t, "ready ")
	cut := time.NewTicker(500 * time.Millisecond)
	defer cut.Stop()
	for range 4 {
		<-cut.C
		way.Cut()
	}
	p.until(t, "told 10800 samples in 900 messages; the broker has acknowledged all of them")
	if code := p.wait(t); code != 0 {
		t.Fatalf("got exit code %d, want 0: %s", code, p.errors.String())
	}
	missing := readLoad(t, file)
	if len(missing) != 10800 {
		t.Errorf("the ground truth has %d values, want 10800", len(missing))
	}
	seen := map[string]string{}
	for timeout := time.After(20 * time.Second); len(missing) > 0; {
		select {
		case m := <-got:
			for key, value := range tagsOf(t, m) {
				if want, ok := missing[key]; ok && value != want {
					t.Fatalf("%s: got %s, want %s", key, value, want)
				} else if before, again := seen[key]; !ok && (!again || before != value) {
					t.Fatalf("%s %s: the ground truth has no such value", key, value)
				}
				seen[key] = value
				delete(missing, key)
			}
		case <-timeout:
			t.Fatalf("%d values did not reach the broker", len(missing))
		}
	}
}

func TestALoadThatNoMachinesCanTellIsRefused(t *testing.T) {
	p := launch(t, "load", "--mqtt-url", "tcp://"+listener(t), "--rate", "0")
	if code := p.wait(t); code != 1 || !strings.Contains(p.errors.String(), "--rate 0: want 1 to 200000") {
		t.Errorf("got exit code %d and %q, want 1 and what is wrong", code, p.errors.String())
	}
}
