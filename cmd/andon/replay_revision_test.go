package main

import (
	"path/filepath"
	"testing"
)

func TestKPIsOfAReplaySayWhatTheyComeFrom(t *testing.T) {
	dir := replayInto(t, recordHour(t, "hour.ndjson"), "--from", "2026-03-02T08:00:00Z", "--to", "2026-03-02T09:00:00Z")
	type revision struct {
		Path, Window string
		Revision     *int
		Standing     string
		ComputedAt   string  `json:"computed_at"`
		Hash         string  `json:"inputs_hash"`
		Why          *string `json:"why"`
	}
	read := func(dir string) []revision { return readJSON[[]revision](t, filepath.Join(dir, "kpis.json")) }
	all := read(dir)
	for _, r := range all {
		if r.Revision == nil || *r.Revision != 0 || r.Standing != "provisional" || r.ComputedAt == "" || len(r.Hash) != 64 || r.Why == nil {
			t.Errorf("%s %s: got %+v, want one that is not kept, with its time and the hash of its inputs", r.Path, r.Window, r)
		}
	}
	again := read(replayInto(t, recordHour(t, "again.ndjson"), "--from", "2026-03-02T08:00:00Z", "--to", "2026-03-02T09:00:00Z"))
	if len(all) == 0 || len(again) != len(all) {
		t.Fatalf("got %d and %d KPIs, want the same of both", len(all), len(again))
	}
	for i, r := range again {
		if r.Hash != all[i].Hash || r.ComputedAt != all[i].ComputedAt {
			t.Errorf("%s %s, again: got %+v, want %+v", r.Path, r.Window, r, all[i])
		}
	}
}
