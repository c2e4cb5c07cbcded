package influx

import (
	"context"
	"errors"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// restoreStatuses asks which tags were not good when the last Run ended, so
// that the first good sample of each says so. It waits for InfluxDB to be
// there. One that does not let andon read is written to all the same: then a
// tag that was bad before a restart and is good after it keeps its last
// status.
func (w *Writer) restoreStatuses(ctx, work context.Context) error {
	fields, err := w.awaitStatusFields(ctx, work)
	if err != nil || len(fields) == 0 {
		return err
	}
	statuses, err := w.client.lastStatuses(work, w.options.Area, fields)
	if err != nil {
		w.log.Debug("last statuses not known", "err", err)
		return nil
	}
	w.encoder.restored = statuses
	return nil
}

func (w *Writer) awaitStatusFields(ctx, work context.Context) ([]string, error) {
	for tries := 0; ; tries++ {
		fields, err := w.client.statusFields(work)
		if err == nil {
			w.recovered()
			return fields, nil
		}
		var answer *influxhttp.Error
		v := judge(err, time.Now())
		if !errors.As(err, &answer) || v.action != actionWait {
			w.recovered() // it is there; what it refuses will show with the first write
			w.log.Debug("fields of the database not known", "err", err)
			return nil, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.trouble(v)
		w.measureLag(work)
		if err := w.peek(ctx); err != nil {
			return nil, err
		}
		if err := pause(ctx, w.backoff(v, tries)); err != nil {
			return nil, err
		}
	}
}

// peek looks at the first messages, so that the oldest that waits is known
// although none is written.
func (w *Writer) peek(ctx context.Context) error {
	if len(w.pending) > 0 {
		return nil
	}
	var err error
	if w.pending, err = w.options.Reader.Fetch(ctx, fetchMessages, moreWait); err != nil {
		return err
	}
	for _, m := range w.pending {
		if m.Pos > w.position && len(m.Samples)+len(m.Points) > 0 {
			w.state.waiting(m.Time)
			w.gauge(w.metrics.oldest, float64(m.Time)/1e9)
			return nil
		}
	}
	return nil
}
