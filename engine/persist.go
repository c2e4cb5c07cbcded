package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"andon/bus"
)

// persist tries until everything is on disk or ctx is done.
func (r *runner) persist(ctx context.Context, p *prepared) error {
	failing := ""
	for {
		err := r.persistOnce(ctx, p)
		if err == nil {
			r.unwritten.Store(nil)
			if failing != "" {
				r.log.Info("records are written again")
			}
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		r.unwritten.Store(&err)
		r.o.Metrics.failures.WithLabelValues(r.area.Name).Inc()
		if text := err.Error(); text != failing {
			r.log.Error("records not written, trying again", "err", err)
			failing = text
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(commitBackoff):
		}
	}
}

func (r *runner) persistOnce(ctx context.Context, p *prepared) error {
	// Derived points go to the stream first: a crash between the two makes
	// them come twice, which InfluxDB does not notice, never not at all.
	if len(p.lines) > 0 {
		sum := fnv.New64a()
		sum.Write(p.lines) // never fails
		id := fmt.Sprintf("%s@%d-%x-%s", r.area.Path, p.row.Pos, sum.Sum64(), r.process)
		if err := r.tooLong(r.o.Bus.Derived(ctx, r.area, id, p.lines)); err != nil {
			return err
		}
	}
	start := time.Now()
	if err := p.write(ctx, p.row); err != nil {
		return err
	}
	r.o.Metrics.commits.WithLabelValues(r.area.Name).Inc()
	r.o.Metrics.commit.WithLabelValues(r.area.Name).Observe(time.Since(start).Seconds())
	return nil
}

// tooLong passes err on, unless it says that points can never be written.
// Such ones are counted, and logged the first time.
func (r *runner) tooLong(err error) error {
	if !errors.Is(err, bus.ErrTooLong) {
		return err
	}
	r.o.Metrics.leftOut.WithLabelValues(r.area.Name).Inc()
	if !r.leftOut {
		r.leftOut = true
		r.log.Warn("derived points are too long for the stream, leaving them out", "err", err)
	}
	return nil
}
