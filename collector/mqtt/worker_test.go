package mqtt

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"andon/collector"
	"andon/collector/collectortest"
)

// A delivered message, as the library hands it over.
type delivered struct {
	paho.Message
	topic, payload string
	acked          *int
}

func (m delivered) Topic() string   { return m.topic }
func (m delivered) Payload() []byte { return []byte(m.payload) }
func (m delivered) Ack()            { *m.acked++ }

func newTestWorker(t *testing.T, sink collector.Sink) (*worker, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	d := newTestDecoder(t, Subscription{Topic: "x/{tag}", Equipment: "s/a/l/e", Payload: PayloadScalar})
	return &worker{in: newInbox(4), sink: sink, status: &collector.Status{}, log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		metrics: NewMetrics(reg).of("test"), decoder: d}, reg
}

func counted(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

func TestTopicIsWellAgainAfterTenSecondsWithoutTrouble(t *testing.T) {
	w, _ := newTestWorker(t, &collectortest.Sink{})
	acked := 0
	at := func(after time.Duration, payload string) string {
		w.take(arrival{delivered{topic: "x/speed", payload: payload, acked: &acked}, now.Add(after)})
		return w.status.Health("").Troubles["x/speed"]
	}
	const bad = "tag speed: want float, got text"
	for _, c := range []struct {
		after   time.Duration
		payload string
		want    string
	}{{0, "1", ""}, {time.Second, "fast", bad}, {2 * time.Second, "1", bad}, {9 * time.Second, "slow", bad},
		{12 * time.Second, "1", bad}, {19 * time.Second, "1", ""}} {
		if got := at(c.after, c.payload); got != c.want {
			t.Errorf("after %v with %s: got trouble %q, want %q", c.after, c.payload, got, c.want)
		}
	}
}

func TestRejectionsAreCountedByReason(t *testing.T) {
	w, reg := newTestWorker(t, &collectortest.Sink{})
	acked := 0
	for _, m := range []struct{ topic, payload string }{{"x/speed", "fast"}, {"x/none", "1"}, {"y", "1"}, {"x/total", ""}, {"x/total", "7"}} {
		w.take(arrival{delivered{topic: m.topic, payload: m.payload, acked: &acked}, now})
	}
	if err := w.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if acked != 5 {
		t.Errorf("acknowledged: got %d, want all 5, for what cannot be read would come back for ever", acked)
	}
	for reason, want := range map[reason]float64{reasonTypeMismatch: 1, reasonUnknownTag: 1, reasonUnrouted: 1, reasonEmpty: 1, reasonMalformed: 0} {
		if got := counted(t, w.metrics.rejected[reason]); got != want {
			t.Errorf("rejected as %s: got %v, want %v", reason, got, want)
		}
	}
	if got := counted(t, w.metrics.samples); got != 2 {
		t.Errorf("samples: got %v, want 2", got)
	}
	if _, err := reg.Gather(); err != nil {
		t.Error(err)
	}
}

func TestNothingIsAcknowledgedWhenTheBusRefuses(t *testing.T) {
	sink := &collectortest.Sink{}
	refusal := errors.New("bus is closed")
	sink.Fail(refusal)
	w, _ := newTestWorker(t, sink)
	acked := 0
	w.in.push(t.Context(), arrival{delivered{topic: "x/total", payload: "7", acked: &acked}, now})
	if err := w.run(t.Context()); !errors.Is(err, refusal) {
		t.Errorf("run: got error %v, want %v", err, refusal)
	}
	if acked != 0 {
		t.Errorf("acknowledged: got %d, want 0", acked)
	}
}

func TestBusThatTakesNothingEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox(1)
		in.push(t.Context(), arrival{})
		began := time.Now()
		in.push(t.Context(), arrival{})
		if !errors.Is(in.err, errStalled) {
			t.Errorf("inbox: got error %v, want %v", in.err, errStalled)
		}
		if got := time.Since(began); got != stallLimit {
			t.Errorf("waited: got %v, want %v", got, stallLimit)
		}
		in.push(t.Context(), arrival{}) // must not wait again
		if got := time.Since(began); got != stallLimit {
			t.Errorf("waited after the end: got %v, want %v", got, stallLimit)
		}
	})
}

func TestBatchIsPutWhenNothingMoreComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &collectortest.Sink{}
		w, _ := newTestWorker(t, sink)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.run(ctx) }()
		acked := 0
		for i, pause := range []time.Duration{0, maxIdle / 2, maxIdle / 2, 3 * maxIdle} {
			time.Sleep(pause)
			w.in.push(ctx, arrival{delivered{topic: "x/total", payload: string(rune('0' + i)), acked: &acked}, now})
		}
		time.Sleep(time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: got error %v, want nil", err)
		}
		var sizes []int
		for _, b := range sink.Batches() {
			sizes = append(sizes, len(b.Samples))
		}
		if len(sizes) != 2 || sizes[0] != 3 || sizes[1] != 1 {
			t.Errorf("batches: got sizes %v, want 3 and 1", sizes)
		}
		if acked != 4 {
			t.Errorf("acknowledged: got %d, want 4", acked)
		}
	})
}
