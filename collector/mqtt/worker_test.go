package mqtt

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"andon/collector"
	"andon/collector/collectortest"
)

// newTestIntake reads scalars of x/<tag>.
func newTestIntake(t testing.TB, inbox int) *intake {
	t.Helper()
	d := newTestDecoder(t, Subscription{Topic: "x/{tag}", Equipment: "s/a/l/e", Payload: PayloadScalar})
	return &intake{inbox: newInbox(inbox), status: &collector.Status{}, log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		metrics: NewMetrics(prometheus.NewRegistry()).of("test"), decoder: d}
}

// A bench is a worker behind an intake; the test stands for the broker.
type bench struct {
	*worker
	intake *intake
	acked  []byte
}

func newBench(t testing.TB, sink collector.Sink) *bench {
	t.Helper()
	k := newTestIntake(t, 4)
	b := &bench{intake: k}
	b.worker = &worker{in: k.inbox, sink: sink, metrics: k.metrics, window: window{narrow: &atomic.Bool{}},
		acknowledge: func(acks []byte) error {
			b.acked = append(b.acked, acks...)
			return nil
		}}
	return b
}

// gets takes one message as the connection does.
func (b *bench) gets(t *testing.T, topic, payload string) {
	t.Helper()
	if err := b.intake.take(told(topic, payload), now); err != nil {
		t.Fatal(err)
	}
	if err := b.intake.pass(); err != nil {
		t.Fatal(err)
	}
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
	l := newLoud(t)
	at := func(after time.Duration, payload string) string {
		l.gets(after, "x/speed", payload)
		return l.status.Health("").Troubles["x/speed"]
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
	b := newBench(t, &collectortest.Sink{})
	b.in.size = 5
	for _, m := range []struct{ topic, payload string }{{"x/speed", "fast"}, {"x/none", "1"}, {"y", "1"}, {"x/total", ""}, {"x/total", "7"}} {
		b.gets(t, m.topic, m.payload)
	}
	if err := b.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if got := len(b.acked) / ackSize; got != 5 {
		t.Errorf("acknowledged: got %d, want all 5, for what cannot be read would come back for ever", got)
	}
	for reason, want := range map[reason]float64{reasonTypeMismatch: 1, reasonUnknownTag: 1, reasonUnrouted: 1, reasonEmpty: 1, reasonMalformed: 0} {
		if got := counted(t, b.metrics.rejected[reason]); got != want {
			t.Errorf("rejected as %s: got %v, want %v", reason, got, want)
		}
	}
	if got := counted(t, b.metrics.samples); got != 2 {
		t.Errorf("samples: got %v, want 2", got)
	}
	if got := counted(t, b.metrics.messages); got != 5 {
		t.Errorf("messages: got %v, want 5", got)
	}
}

func TestNothingIsAcknowledgedWhenTheBusRefuses(t *testing.T) {
	sink := &collectortest.Sink{}
	refusal := errors.New("bus is closed")
	sink.Fail(refusal)
	b := newBench(t, sink)
	b.gets(t, "x/total", "7")
	if err := b.run(t.Context()); !errors.Is(err, refusal) {
		t.Errorf("run: got error %v, want %v", err, refusal)
	}
	if len(b.acked) != 0 {
		t.Errorf("acknowledged: got % x, want nothing", b.acked)
	}
}

func TestBusThatTakesNothingEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox(1)
		if err := in.push(load{messages: 1}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := in.push(load{messages: 1}); !errors.Is(err, errStalled) || !errors.Is(in.err, errStalled) {
			t.Errorf("inbox: got errors %v and %v, want %v", err, in.err, errStalled)
		}
		if got := time.Since(began); got != stallLimit {
			t.Errorf("waited: got %v, want %v", got, stallLimit)
		}
		if err := in.push(load{messages: 1}); err == nil {
			t.Error("after the end: got no error")
		}
		if got := time.Since(began); got != stallLimit {
			t.Errorf("waited after the end: got %v, want %v", got, stallLimit)
		}
	})
}

func TestFullInboxIsReadAgainOnceTheBusTookWhatItHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &collectortest.Sink{})
		for range b.in.size {
			b.gets(t, "x/total", "1")
		}
		pushed := make(chan error, 1)
		go func() { pushed <- b.in.push(load{messages: 1}) }()
		synctest.Wait()
		if err := b.flush(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if err := <-pushed; err != nil {
			t.Errorf("push: got error %v, want it to go on", err)
		}
	})
}

// runs starts the worker and returns what stops it and shows the sizes of the
// batches that it put.
func (b *bench) runs(t *testing.T, sink *collectortest.Sink) (stop func() []int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.run(ctx) }()
	return func() []int {
		time.Sleep(time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: got error %v, want nil", err)
		}
		var sizes []int
		for _, x := range sink.Batches() {
			sizes = append(sizes, len(x.Samples))
		}
		return sizes
	}
}

func TestBatchIsPutWhenNothingMoreComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &collectortest.Sink{}
		b := newBench(t, sink)
		stop := b.runs(t, sink)
		for i, pause := range []time.Duration{0, maxIdle / 2, maxIdle / 2, 3 * maxIdle} {
			time.Sleep(pause)
			b.gets(t, "x/total", string(rune('0'+i)))
		}
		if got, want := stop(), []int{3, 1}; !slices.Equal(got, want) {
			t.Errorf("batches: got sizes %v, want %v", got, want)
		}
		if got := len(b.acked) / ackSize; got != 4 {
			t.Errorf("acknowledged: got %d, want 4", got)
		}
	})
}

func TestMessagesThatKeepComingArePutAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &collectortest.Sink{}
		b := newBench(t, sink)
		b.in.size = 1000
		stop := b.runs(t, sink)
		for range 100 {
			b.gets(t, "x/total", "1")
			time.Sleep(time.Millisecond)
		}
		if got := len(stop()); got < 4 || got > 6 {
			t.Errorf("batches for 100 ms: got %d, want one in %v", got, maxGather)
		}
	})
}

func TestBrokerThatWaitsForAcknowledgementsIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &collectortest.Sink{}
		b := newBench(t, sink)
		b.in.size = 1000
		const inFlight, rounds = 20, 100
		answered := make(chan struct{})
		b.acknowledge = func([]byte) error {
			answered <- struct{}{}
			return nil
		}
		stop := b.runs(t, sink)
		began := time.Now()
		for range rounds {
			for range inFlight {
				b.gets(t, "x/total", "1")
			}
			<-answered
		}
		if got, most := time.Since(began), 2*(sureAfter+1)*maxIdle; got > most {
			t.Errorf("%d rounds: took %v beside the bus, want at most %v until the broker is known", rounds, got, most)
		}
		if sizes := stop(); len(sizes) != rounds {
			t.Errorf("batches: got %d, want one for each of %d rounds", len(sizes), rounds)
		}
		if batches := sink.Batches(); batches[0].Prompt || !batches[len(batches)-1].Prompt {
			t.Error("batches: want the last to be prompt, and the first not, as nothing was known of the broker")
		}
	})
}

func TestWindowOfTheBrokerIsFoundAndForgotten(t *testing.T) {
	w := window{narrow: &atomic.Bool{}}
	at := time.Unix(0, 0)
	for i, step := range []struct {
		unacked int
		silent  bool
		after   time.Duration
		want    int
	}{
		{20, true, 0, 0}, {20, true, 0, 0}, {19, true, 0, 0}, // not sure yet
		{20, true, 0, 0}, {20, true, 0, 0}, {20, true, 0, 20},
		{20, false, 0, 20}, {7, true, 0, 20}, // less goes on
		{3, true, 2 * forgetAfter, 0},                                      // it does not limit any more
		{3, true, 0, 0}, {3, true, 0, 0}, {3, true, 0, 0}, {3, true, 0, 0}, // one by one
		{20, true, 0, 0}, {20, true, 0, 0}, {20, true, 0, 20}, {25, false, 0, 0}, // it was no limit
		{900, true, 0, 0}, {900, true, 0, 0}, {900, true, 0, 900}, // large
	} {
		at = at.Add(step.after)
		if got := w.see(step.unacked, step.silent, at); got != step.want || w.narrow.Load() != (step.want == 20) {
			t.Errorf("step %d: got window %d (narrow %v), want %d", i, got, w.narrow.Load(), step.want)
		}
	}
}
