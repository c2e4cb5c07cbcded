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
			w.log.Debug("fields of the database not known", "err", err)
			return nil, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.trouble(v)
		w.measureLag(work)
		if err := pause(ctx, w.backoff(v, tries)); err != nil {
			return nil, err
		}
	}
}
