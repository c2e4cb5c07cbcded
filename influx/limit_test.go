package influx_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
)

// A slowDatabase takes a request after a time for each of its lines.
type slowDatabase struct {
	*httptest.Server
	perLine atomic.Int64 // nanoseconds
	written atomic.Int64 // lines
	largest atomic.Int64 // lines of a request that was written
}

func newSlowDatabase(t *testing.T) *slowDatabase {
	s := &slowDatabase{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		lines := int64(bytes.Count(body, []byte{'\n'}))
		select {
		case <-time.After(time.Duration(lines * s.perLine.Load())):
			s.written.Add(lines)
			s.largest.Store(max(s.largest.Load(), lines))
			w.WriteHeader(http.StatusNoContent)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// A batch that takes longer than the timeout would never be taken: it must not be
// tried again as it is.
func TestSlowInfluxDBGetsAsMuchAtOnceAsItTakesInTime(t *testing.T) {
	t.Parallel()
	db, s := newSlowDatabase(t), newStream()
	for i := range 10 {
		s.samples(speeds(t, i*1000, 1000)...)
	}
	db.perLine.Store(int64(time.Millisecond / 2)) // 2.5 s for a full batch
	c := config(t, db.URL)
	c.Gzip, c.Timeout = influx.CompressOff, time.Second
	w := run(t, s, c)
	w.written(5)
	db.perLine.Store(0)
	db.largest.Store(0)
	for i := range 10 {
		s.samples(speeds(t, 10_000+i*1000, 1000)...)
	}
	w.written(20)
	if n := len(w.deadLetters()); n > 0 {
		t.Errorf("%d dead letters, want none", n)
	}
	if n := db.largest.Load(); n < 5000 {
		t.Errorf("the largest request after InfluxDB was fast again: got %d lines, want full batches", n)
	}
}

// What one refusal taught does not shrink with every batch that is divided
// because of it.
func TestTheSizeOfRequestsStaysAfterARefusal(t *testing.T) {
	t.Parallel()
	server := influxtest.NewServer(t)
	const limit = 64 << 10
	server.LimitBytes(limit)
	s := newStream()
	c := config(t, server.URL)
	c.Gzip = influx.CompressOff
	w := run(t, s, c)
	for i := range 60 { // one batch each, of some 40 to 150 kB
		s.samples(speeds(t, i*1000, 400+i*331%600)...)
		w.written(uint64(i + 1))
	}
	requests := server.Requests()
	largest := 0
	for _, r := range requests[len(requests)-20:] {
		largest = max(largest, r.Bytes)
	}
	if largest < limit/4 {
		t.Errorf("the largest of the last 20 requests has %d bytes, want at least %d", largest, limit/4)
	}
}
