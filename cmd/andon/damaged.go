package main

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"andon/bus"
	"andon/configs"
	"andon/store"
)

// sure is how old a message must have been for it to have reached its contact
// before the records of that were lost.
const sure = 5 * time.Minute

// sentBefore returns the time before which messages are not sent: they come
// from working through the stream again after the records were lost, and went
// out back then. It is zero when no records were lost.
func sentBefore(records string) time.Time {
	at := store.DamagedAt(records)
	if at.IsZero() {
		return at
	}
	return at.Add(-sure)
}

// setAside says which damaged files lie beside the data, until somebody has
// removed them.
func setAside(cfg *configs.Config) []string {
	var notes []string
	dir := strings.TrimRight(string(cfg.Bus.Dir), `/\`)
	for _, x := range []struct{ what, path string }{
		{"the records", string(cfg.Store.Path) + store.DamagedSuffix},
		{"the stream", dir + bus.DamagedSuffix},
		{"the stream", filepath.Join(dir, filepath.Base(dir)) + bus.DamagedSuffix},
	} {
		found, err := filepath.Glob(literally(x.path) + "*Z") // not what belongs to a database
		if err != nil {
			continue // literally leaves no bad pattern
		}
		for _, f := range found {
			notes = append(notes, x.what+": a damaged part was set aside as "+f+"; see docs/operations.md, and remove it when done")
		}
	}
	slices.Sort(notes)
	return notes
}

// literally makes a path a pattern that only itself matches.
func literally(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
