package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// whatPeopleDid: somebody took the filler's fault after 90 s, and 8 of the
// rejects of the slow run were reworked.
const whatPeopleDid = `
{"id":"ack","verb":"alarm.ack","target":"fault@northfield/packing/lineA/A1","user":"Anna","time":"2026-03-02T08:20:10Z"}
{"id":"rework","verb":"count.adjust","target":"northfield/packing/lineA/A1","user":"Ben","time":"2026-03-02T08:35:00Z","args":{"from":"2026-03-02T08:24:00Z","to":"2026-03-02T08:30:00Z","scrap":-8,"rework":8}}
`

func readText(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func writeText(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// northfieldConfig writes the example configuration with other words in it
// and returns the file; edits are pairs of old and new.
func northfieldConfig(t *testing.T, edits ...string) string {
	t.Helper()
	dir := t.TempDir()
	found := make([]bool, len(edits)/2)
	for _, name := range []string{"andon.yaml", "plant.yaml", "production.yaml", "rules.yaml"} {
		text := string(readText(t, filepath.Join("../../configs/northfield", name)))
		for i := range found {
			found[i] = found[i] || strings.Contains(text, edits[2*i])
			text = strings.ReplaceAll(text, edits[2*i], edits[2*i+1])
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if i := slices.Index(found, false); i >= 0 {
		t.Fatalf("the configuration of Northfield has no %q", edits[2*i])
	}
	return filepath.Join(dir, "andon.yaml")
}

// An hourReplay is one replay of the scripted hour.
type hourReplay struct {
	config, samples, commands string // files; the usual ones when empty
	start                     time.Time
	from, to                  time.Duration // the range; the hour when to is 0
}

// A hourReport is what a replay wrote.
type hourReport struct {
	t     *testing.T
	dir   string
	start time.Time
	kpis  []json.RawMessage
}

func (h hourReplay) run(t *testing.T) *hourReport {
	t.Helper()
	if h.start.IsZero() {
		h.start = northfieldStart
	}
	if h.to == 0 {
		h.to = time.Hour
	}
	if h.config == "" {
		h.config = northfield
	}
	if h.samples == "" {
		h.samples = recordFrom(t, h.start)
	}
	r := &hourReport{t: t, dir: t.TempDir(), start: h.start}
	args := []string{"replay", "-c", h.config, "--samples", h.samples, "--out", r.dir,
		"--from", h.start.Add(h.from).Format(time.RFC3339), "--to", h.start.Add(h.to).Format(time.RFC3339)}
	if h.commands != "" {
		args = append(args, "--commands", h.commands)
	}
	var out, errs strings.Builder
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatalf("replay: %v\n%s", err, errs.String())
	}
	r.kpis = readJSON[[]json.RawMessage](t, filepath.Join(r.dir, "kpis.json"))
	return r
}

// recordFrom writes the scripted hour as if it began at start.
func recordFrom(t *testing.T, start time.Time) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hour.ndjson")
	c := launch(t, nil, program(t, "plantsim"), "record", "--scenario", "hour", "--start", start.Format(time.RFC3339), "--out", file)
	c.ended(time.Minute)
	return file
}

// kpi returns the KPIs of a place over the range.
func (r *hourReport) kpi(path string) json.RawMessage {
	r.t.Helper()
	for _, k := range r.kpis {
		var head struct{ Path, Window string }
		if err := json.Unmarshal(k, &head); err != nil {
			r.t.Fatal(err)
		}
		if head.Path == path && head.Window == "range" {
			return k
		}
	}
	r.t.Fatalf("no KPIs of %s over the range", path)
	return nil
}

func (r *hourReport) check(path string, w figures) {
	r.t.Helper()
	w.check(r.t, path, r.kpi(path), r.start)
}

// order returns how far an order is.
func (r *hourReport) order(name string) json.RawMessage {
	r.t.Helper()
	return named(r.t, name, readJSON[[]json.RawMessage](r.t, filepath.Join(r.dir, "orders.json")))
}

// named returns the order of that name.
func named(t *testing.T, name string, orders []json.RawMessage) json.RawMessage {
	t.Helper()
	for _, o := range orders {
		var head struct{ Order string }
		if err := json.Unmarshal(o, &head); err != nil {
			t.Fatal(err)
		}
		if head.Order == name {
			return o
		}
	}
	t.Fatalf("no order %s among %s", name, orders)
	return nil
}

func (r *hourReport) stops() []toldStop {
	r.t.Helper()
	return readJSON[[]toldStop](r.t, filepath.Join(r.dir, "stops.json"))
}

func TestTheHourOfNorthfieldReplayed(t *testing.T) {
	table := readTable(t)
	r := hourReplay{commands: writeText(t, "commands.ndjson", whatPeopleDid)}.run(t)
	for path, w := range table.KPIs {
		r.check(path, w)
	}
	for path, w := range table.WhenItHappened {
		r.check(path, w)
	}
	for name, w := range table.Orders {
		w.check(t, name, r.order(name), r.start)
	}
	for name, w := range table.OrdersAtTheEnd {
		w.check(t, name, r.order(name), r.start)
	}
	table.checkStops(t, r.stops(), r.start)
	sameList(t, "alarms", r.alarms(), table.Alarms)
}

// alarms returns all transitions of alarms at the time of the plant.
func (r *hourReport) alarms() []string {
	r.t.Helper()
	var got []string
	for _, a := range readJSON[[]struct {
		Rule, Equipment string
		Transitions     []struct {
			Event string
			Time  struct{ Event time.Time }
		}
	}](r.t, filepath.Join(r.dir, "alarms.json")) {
		for _, x := range a.Transitions {
			got = append(got, fmt.Sprintf("%s %s %s %s", x.Time.Event.Sub(r.start), x.Event, a.Rule, lastName(a.Equipment)))
		}
	}
	return got
}
