package influx_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
)

// A rewriting is a Rewriter at work.
type rewriting struct {
	*influx.Rewriter
	t      *testing.T
	cancel context.CancelFunc
	done   chan error
}

func rewriter(t *testing.T, s *stream, w *running) *rewriting {
	t.Helper()
	return rewriterThat(t, s, w, func(after uint64) influx.ReadCloser { return &reader{stream: s, next: int(after)} })
}

func rewriterThat(t *testing.T, s *stream, w *running, reads func(after uint64) influx.ReadCloser) *rewriting {
	t.Helper()
	r := &rewriting{t: t, done: make(chan error, 1)}
	r.Rewriter = influx.NewRewriter(influx.RewriterOptions{
		Options: influx.Options{Config: w.config, Area: "packing", Tree: northfield(t), Positions: s, Last: s.last},
		Writer:  w.Writer,
		Open:    func(_ context.Context, after uint64) (influx.ReadCloser, error) { return reads(after), nil },
	})
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() { r.done <- r.Run(ctx) }()
	t.Cleanup(r.stop)
	return r
}

func (r *rewriting) stop() {
	r.t.Helper()
	r.cancel()
	if err := <-r.done; err != nil {
		r.t.Errorf("rewriter: got %v, want nil", err)
	}
	r.done <- nil
}

func (r *rewriting) start(next uint64) {
	r.t.Helper()
	if err := r.Start(r.t.Context(), next); err != nil {
		r.t.Fatal(err)
	}
}

// finished waits until all is written again.
func (r *rewriting) finished(s *stream) {
	r.t.Helper()
	eventually(r.t, "all is written again", func() bool {
		_, busy := r.Rewriting()
		next, _ := s.LoadPosition(r.t.Context(), "rewrite.packing")
		return !busy && next == 0
	})
}

// stopPoint is a stop as it was known at some position.
func stopPoint(open bool) plant.Message {
	return plant.Message{Kind: plant.KindDerived, Points: influx.AppendPoint(nil, influx.Point{Measurement: "stop",
		Tags: []influx.Label{{Key: "equipment", Value: "A1"}}, Fields: []influx.Field{{Key: "open", Value: plant.Bool(open)}}, Time: start})}
}

// The plant's InfluxDB came back from a backup that lacks the last hours.
func TestADatabaseThatLostItsLastHoursGetsThemAgain(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	for i := range 30 {
		s.samples(speeds(t, i*100, 100)...)
		if i == 10 {
			s.put(stopPoint(true))
		}
	}
	s.put(stopPoint(false))
	w := run(t, s, config(t, db.URL()))
	w.written(32)
	before := everything(db)
	db.Query("plant", `DROP MEASUREMENT "telemetry"`)
	db.Query("plant", `DROP MEASUREMENT "stop"`)

	r := rewriter(t, s, w)
	r.start(1)
	last := s.samples(speeds(t, 5000, 1)...) // the plant works on
	r.finished(s)
	w.written(last)
	got := everything(db)
	if len(got) != len(before)+1 {
		t.Fatalf("rows: got %d, want %d", len(got), len(before)+1)
	}
	if stop := got[len(got)-1]; stop["open"] != "false" {
		t.Errorf("the stop: got %v, want what was known of it last", stop)
	}
}

func TestWhatIsNewDoesNotWaitForWhatIsWrittenAgain(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	for i := range 1000 {
		s.samples(speeds(t, i*100, 100)...)
	}
	w := run(t, s, config(t, server.URL))
	w.written(1000)
	slow := make(chan struct{})
	r := rewriterThat(t, s, w, func(after uint64) influx.ReadCloser {
		return &slowReader{reader{stream: s, next: int(after)}, slow}
	})
	r.start(1)
	eventually(t, "writing again begins", func() bool { _, busy := r.Rewriting(); return busy })
	for i := range 5 {
		w.written(s.samples(speeds(t, 1_000_000+i, 1)...))
	}
	if x, busy := r.Rewriting(); !busy || x.Position != 0 {
		t.Errorf("got %+v, %t; want it still before the first message", x, busy)
	}
	close(slow)
	r.finished(s)
	if got, want := len(server.Lines()), 200_005; got < want {
		t.Errorf("lines: got %d, want at least %d", got, want)
	}
}

// A slowReader gives nothing until begin is closed.
type slowReader struct {
	reader
	begin chan struct{}
}

func (r *slowReader) Fetch(ctx context.Context, max int, wait time.Duration) ([]plant.Message, error) {
	select {
	case <-r.begin:
		return r.reader.Fetch(ctx, max, wait)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestWritingAgainGoesOnAfterARestart(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	for i := range 600 {
		s.samples(speeds(t, i*100, 100)...)
	}
	cfg := config(t, server.URL)
	w := run(t, s, cfg)
	w.written(600)
	server.AnswerAlways(influxtest.Answer{Status: 503})
	r := rewriter(t, s, w)
	r.start(101)
	eventually(t, "the outage shows", func() bool {
		x, busy := r.Rewriting()
		return busy && !x.Trouble.Since.IsZero()
	})
	r.stop()
	w.stop()
	if next, _ := s.LoadPosition(t.Context(), "rewrite.packing"); next != 101 {
		t.Fatalf("after the stop: got %d, want to go on with 101", next)
	}
	server.Recover()
	before := len(server.Lines())
	w = run(t, s, cfg)
	r = rewriter(t, s, w)
	r.finished(s)
	if got := len(server.Lines()) - before; got != 50_000 {
		t.Errorf("lines after the restart: got %d, want the 50,000 of 500 messages", got)
	}
}

func TestWritingAgainCanBeStopped(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	for i := range 20 {
		s.samples(speeds(t, i*100, 100)...)
	}
	w := run(t, s, config(t, server.URL))
	w.written(20)
	server.AnswerAlways(influxtest.Answer{Status: 503})
	r := rewriter(t, s, w)
	r.start(1)
	if err := r.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.finished(s)
	server.Recover()
	before := len(server.Lines())
	w.written(s.samples(speeds(t, 5000, 1)...))
	if got := len(server.Lines()) - before; got != 1 {
		t.Errorf("lines after it was stopped: got %d, want the new one", got)
	}
}

func TestNothingToWriteAgainEndsAtOnce(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	w := run(t, s, config(t, server.URL))
	r := rewriter(t, s, w)
	for _, next := range []uint64{0, 1, 1000} {
		r.start(next)
		r.finished(s)
	}
	w.written(s.samples(speeds(t, 0, 1)...))
}

// An outage that lasts since before andon started is known by its oldest
// sample all the same.
func TestTheOldestUnwrittenIsKnownWhenAndonStartsInAnOutage(t *testing.T) {
	server := influxtest.NewServer(t)
	server.AnswerAlways(influxtest.Answer{Status: 503})
	server.RefuseQueries(503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503, 503)
	s := newStream()
	s.put(plant.Message{Kind: plant.KindTick})
	s.samples(speeds(t, 0, 1)...)
	w := run(t, s, config(t, server.URL))
	want := plant.Instant(1772439520e9).Add(2 * time.Second)
	eventually(t, "the oldest sample is known", func() bool { return w.Lag().Oldest == want })
	if got := w.metric("oldest_unwritten_timestamp_seconds"); got != float64(want)/1e9 {
		t.Errorf("metric: got %v, want %v", got, float64(want)/1e9)
	}
	server.Recover()
	w.written(2)
	if got := fmt.Sprint(w.Lag().Oldest); got != "" {
		t.Errorf("after the outage: got %s, want none", got)
	}
}
