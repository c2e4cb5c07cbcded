package bus

import (
	"cmp"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// keptDamaged is how many folders of damaged files are kept: a disk that goes
// on to damage them must not be filled with what it damaged.
const keptDamaged = 5

// keepNewest removes all folders of damaged files of dir but the newest,
// beside it and, where they lie there, in it.
func keepNewest(dir string, log *slog.Logger) {
	dir = strings.TrimRight(dir, `/\`)
	for _, parent := range []string{filepath.Dir(dir), dir} {
		found := damagedIn(parent, filepath.Base(dir)+DamagedSuffix)
		for _, name := range found[:max(0, len(found)-keptDamaged)] {
			if err := os.RemoveAll(name); err != nil {
				log.Warn("older damaged files of the stream cannot be removed", "aside", name, "err", err)
				continue
			}
			log.Warn("older damaged files of the stream are removed, the newest are kept", "aside", name, "kept", keptDamaged)
		}
	}
}

// damagedIn returns the folders in parent with a prefix and a time, oldest
// first. A time to come is that of a clock that was wrong: such a one counts
// as older than all others.
func damagedIn(parent, prefix string) []string {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil // what is kept too long harms less than not to start
	}
	type aside struct {
		name string
		at   time.Time
	}
	var found []aside
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), prefix)
		at, err := time.Parse(damagedStamp, text)
		if !ok || err != nil {
			continue
		}
		if time.Until(at) > time.Minute {
			at = time.Time{}
		}
		found = append(found, aside{filepath.Join(parent, e.Name()), at})
	}
	slices.SortFunc(found, func(a, b aside) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	var names []string
	for _, f := range found {
		names = append(names, f.name)
	}
	return names
}
