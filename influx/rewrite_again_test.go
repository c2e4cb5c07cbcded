package influx_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
)

// A brokenReader is one of a stream that is away.
type brokenReader struct{}

func (brokenReader) Fetch(context.Context, int, time.Duration) ([]plant.Message, error) {
	return nil, errors.New("the stream is away")
}

func (brokenReader) Close() {}

// What somebody wants written again must not end what is new: whoever runs
// both ends them together.
func TestWritingAgainThatFailsIsTriedAgain(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	s.samples(speeds(t, 0, 5)...)
	w := run(t, s, config(t, server.URL))
	w.written(1)
	var tries atomic.Int32
	r := rewriterThat(t, s, w, func(after uint64) influx.ReadCloser {
		if tries.Add(1) == 1 {
			return brokenReader{}
		}
		return &reader{stream: s, next: int(after)}
	})
	r.start(1)
	r.finished(s)
	if got := tries.Load(); got != 2 {
		t.Errorf("got %d tries, want 2", got)
	}
}
