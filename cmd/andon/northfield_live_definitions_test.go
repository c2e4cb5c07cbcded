package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// asksRecords asks the records under another configuration for the KPIs of a
// place up to the end of the hour, or of the window that began meanwhile.
func (n *liveNorthfield) asksRecords(config, path, window string, from time.Duration) json.RawMessage {
	n.t.Helper()
	c := launch(n.t, n.env, program(n.t, "andon"), "kpi", "-c", config, "--equipment", path, "--window", window, "--format", "json",
		"--from", n.at(from).Format(time.RFC3339), "--to", n.at(time.Hour).Format(time.RFC3339))
	c.ended(30 * time.Second)
	var all []json.RawMessage
	if err := json.Unmarshal(readText(n.t, c.log), &all); err != nil || len(all) != 1 {
		n.t.Fatalf("andon kpi of %s: got %d KPIs (%v), want one:\n%s", path, len(all), err, c.output(20))
	}
	return all[0]
}

// with returns the configuration with a setting of production more.
func (n *liveNorthfield) with(setting string) string {
	n.t.Helper()
	dir, from := n.t.TempDir(), filepath.Dir(n.config)
	for _, name := range []string{"andon.yaml", "plant.yaml", "production.yaml", "rules.yaml"} {
		text := strings.Replace(string(readText(n.t, filepath.Join(from, name))), "  micro_stop: ", "  "+setting+"\n  micro_stop: ", 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			n.t.Fatal(err)
		}
	}
	return filepath.Join(dir, "andon.yaml")
}

// underOtherDefinitions asks the records that the daemon left how the hour was
// under definitions that change KPIs and not the timeline.
func (n *liveNorthfield) underOtherDefinitions(table northfieldTable) {
	n.t.Helper()
	for name, setting := range map[string]string{
		"unknown time counts as down":         "unknown: as_down",
		"unknown time counts as down, ISO":    "unknown: as_down\n  oee_mode: iso22400",
		"availability of ISO 22400":           "oee_mode: iso22400",
		"the minute without data is left out": "unknown: exclude",
	} {
		w, ok := table.Variants[name][a1]
		if !ok {
			n.t.Fatalf("the table has no variant %q", name)
		}
		w.check(n.t, name, n.asksRecords(n.with(setting), a1, "range", 0), n.start)
	}
}
