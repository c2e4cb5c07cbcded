package influx

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Watch notes when samples of some series become visible to a query. It is
// for one goroutine.
type Watch struct {
	server *Server
	from   int64   // ns
	probes []probe // one for each statement
}

// A probe is a statement with the newest time stamp seen of each series in it,
// in ns.
type probe struct {
	statement string
	newest    map[string]int64
}

// since is the time after which the statement must look: that of the series
// that is furthest behind.
func (p probe) since(from int64) int64 {
	if len(p.newest) == 0 {
		return from - 1
	}
	return slices.Min(slices.Collect(maps.Values(p.newest)))
}

// NewWatch watches the probes of what is stored for samples from a time on.
func NewWatch(s *Server, of Stored, from time.Time) *Watch {
	w := &Watch{server: s, from: from.UnixNano()}
	for _, p := range of.Probes {
		w.probes = append(w.probes, probe{statement: p, newest: map[string]int64{}})
	}
	return w
}

// A Sighting is a sample that became visible.
type Sighting struct {
	// Source is its time stamp, Age how old that was then.
	Source time.Time
	Age    time.Duration
}

// Look asks once and returns the samples that it sees for the first time. It
// misses a sample older than the newest one seen of its series, and of a
// series that appears later than others what is older than all of those.
func (w *Watch) Look(ctx context.Context) (seen []Sighting, err error) {
	if len(w.probes) == 0 {
		return nil, nil
	}
	statements := make([]string, len(w.probes))
	for i, p := range w.probes {
		statements[i] = fmt.Sprintf("%s AND time > %d GROUP BY *", p.statement, p.since(w.from))
	}
	results, err := w.server.Query(ctx, strings.Join(statements, "; "))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, r := range results {
		if r.ID >= len(w.probes) {
			return nil, fmt.Errorf("InfluxDB answered statement %d of %d", r.ID, len(w.probes))
		}
		for _, series := range r.Series {
			of, err := w.probes[r.ID].take(series, now)
			if err != nil {
				return nil, err
			}
			seen = append(seen, of...)
		}
	}
	return seen, nil
}

// take returns the samples of a series that are new, at the time now.
func (p probe) take(series Series, now time.Time) (seen []Sighting, err error) {
	key := fmt.Sprint(series.Tags)
	newest := p.newest[key]
	for _, row := range series.Values {
		at, err := row[0].Int64()
		if err != nil {
			return nil, fmt.Errorf("read the time of a probe: %w", err)
		}
		if at > newest {
			newest = at
			source := time.Unix(0, at)
			seen = append(seen, Sighting{Source: source, Age: now.Sub(source)})
		}
	}
	p.newest[key] = newest
	return seen, nil
}
