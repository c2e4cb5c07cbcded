package influx

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Stored says how one side keeps the samples of a load.
type Stored struct {
	// Measurement holds all samples of the load.
	Measurement string
	// Counts says whether a field holds values of samples; nil takes all but
	// the fields that end in _status.
	Counts func(field string) bool
	// Probes are statements that select one field of some series, without a
	// condition on time: they end in a WHERE clause that AND can follow. One
	// statement for many series is cheaper than many.
	Probes []string
}

func (s Stored) counts(field string) bool {
	if s.Counts != nil {
		return s.Counts(field)
	}
	return !strings.HasSuffix(field, "_status")
}

// Count returns how many values of samples with a time stamp in [from, to)
// have arrived. A boolean is not counted by InfluxDB 1.8.
func (s *Server) Count(ctx context.Context, of Stored, from, to time.Time) (int64, error) {
	q := fmt.Sprintf(`SELECT COUNT(*) FROM %q WHERE time >= %d AND time < %d`, of.Measurement, from.UnixNano(), to.UnixNano())
	results, err := s.Query(ctx, q)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, r := range results {
		for _, series := range r.Series {
			n, err := sumCounts(of, series)
			if err != nil {
				return 0, err
			}
			sum += n
		}
	}
	return sum, nil
}

func sumCounts(of Stored, s Series) (sum int64, err error) {
	for _, row := range s.Values {
		for i, column := range s.Columns {
			field, ok := strings.CutPrefix(column, "count_")
			if !ok || row[i] == "" || !of.counts(field) {
				continue
			}
			n, err := row[i].Int64()
			if err != nil {
				return 0, fmt.Errorf("read the count of %s: %w", field, err)
			}
			sum += n
		}
	}
	return sum, nil
}
