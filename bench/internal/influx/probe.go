package influx

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Watch notes when samples of some series become visible to a query. It is
// for one goroutine.
type Watch struct {
	server *Server
	probes []string
	newest []int64 // time stamp of the newest sample seen of each series, ns
}

// NewWatch watches the probes of what is stored for samples from a time on.
func NewWatch(s *Server, of Stored, from time.Time) *Watch {
	w := &Watch{server: s, probes: of.Probes, newest: make([]int64, len(of.Probes))}
	for i := range w.newest {
		w.newest[i] = from.UnixNano() - 1
	}
	return w
}

// Look asks once and returns, for every sample that it sees for the first
// time, the time stamp of its source and how old that was when the answer was
// there. A sample older than the newest one seen of its series is missed.
func (w *Watch) Look(ctx context.Context) (seen []Sighting, err error) {
	if len(w.probes) == 0 {
		return nil, nil
	}
	statements := make([]string, len(w.probes))
	for i, p := range w.probes {
		statements[i] = fmt.Sprintf("%s AND time > %d", p, w.newest[i])
	}
	results, err := w.server.Query(ctx, strings.Join(statements, "; "))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, r := range results {
		if r.ID >= len(w.newest) {
			return nil, fmt.Errorf("InfluxDB answered statement %d of %d", r.ID, len(w.newest))
		}
		for _, series := range r.Series {
			for _, row := range series.Values {
				at, err := row[0].Int64()
				if err != nil {
					return nil, fmt.Errorf("read the time of a probe: %w", err)
				}
				w.newest[r.ID] = max(w.newest[r.ID], at)
				source := time.Unix(0, at)
				seen = append(seen, Sighting{Source: source, Age: now.Sub(source)})
			}
		}
	}
	return seen, nil
}

// A Sighting is a sample that became visible.
type Sighting struct {
	Source time.Time
	Age    time.Duration
}
