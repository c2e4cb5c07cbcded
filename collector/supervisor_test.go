package collector_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/plant"
)

// A scriptedSource calls attempt for every Run.
type scriptedSource struct {
	name    string
	attempt func(n int, ctx context.Context, sink collector.Sink, status *collector.Status) error

	mu     sync.Mutex // guards starts
	starts []time.Time
}

var _ collector.Source = (*scriptedSource)(nil)

func (s *scriptedSource) Name() string { return s.name }

func (s *scriptedSource) Run(ctx context.Context, sink collector.Sink, status *collector.Status) error {
	s.mu.Lock()
	s.starts = append(s.starts, time.Now())
	n := len(s.starts)
	s.mu.Unlock()
	return s.attempt(n, ctx, sink, status)
}

func (s *scriptedSource) started() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.starts...)
}

// steady is up until ctx ends.
func steady(_ int, ctx context.Context, _ collector.Sink, status *collector.Status) error {
	status.Up(time.Now())
	<-ctx.Done()
	return nil
}

var errDown = errors.New("connection refused")

func down(int, context.Context, collector.Sink, *collector.Status) error { return errDown }

// A stage is a Supervisor that runs until its test ends.
type stage struct {
	*collector.Supervisor
	log  *bytes.Buffer
	reg  *prometheus.Registry
	sink *collectortest.Sink
	stop func() error
}

func start(t *testing.T, cfg collector.Config, sources ...collector.Source) stage {
	t.Helper()
	x := stage{log: &bytes.Buffer{}, reg: prometheus.NewRegistry(), sink: &collectortest.Sink{}}
	s, err := collector.NewSupervisor(collector.Options{
		Config: cfg, Sources: sources, Sink: x.sink,
		Log: slog.New(slog.NewTextHandler(x.log, nil)), Metrics: collector.NewMetrics(x.reg),
	})
	if err != nil {
		t.Fatal(err)
	}
	x.Supervisor = s
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	x.stop = func() error {
		cancel()
		return <-done
	}
	return x
}

func TestAServerThatIsAwayIsTriedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &scriptedSource{name: "press", attempt: down}
		x := start(t, collector.DefaultConfig(), src)
		time.Sleep(5 * time.Minute) // synctest's clock
		if err := x.stop(); err != nil {
			t.Errorf("Run: got error %v, want nil", err)
		}
		starts := src.started()
		if len(starts) < 8 {
			t.Fatalf("attempts in 5 min: got %d, want at least 8", len(starts))
		}
		want := time.Second
		for i := 1; i < len(starts); i++ {
			got := starts[i].Sub(starts[i-1])
			if got < want/2-1 || got > want {
				t.Errorf("wait %d: got %v, want from %v to %v", i, got, want/2, want)
			}
			want = min(2*want, 5*time.Second)
		}
	})
}

// People are promised that values flow within ten seconds after a fault is over.
// Half of that is for the wait before the next attempt, however long it lasted;
// the rest is for what an attempt takes.
func TestHoweverLongAServerWasAwayItIsTriedSoonAfterItIsBack(t *testing.T) {
	for _, outage := range []time.Duration{time.Second, 10 * time.Second, 47 * time.Second, 10 * time.Minute, 8 * time.Hour} {
		for _, hangs := range []time.Duration{0, 10 * time.Second} { // each attempt, until it is given up
			synctest.Test(t, func(t *testing.T) {
				back := time.Now().Add(outage)
				var first time.Time
				src := &scriptedSource{name: "press"}
				src.attempt = func(n int, ctx context.Context, sink collector.Sink, status *collector.Status) error {
					if time.Now().Before(back) {
						time.Sleep(min(hangs, time.Until(back)))
						return errDown
					}
					first = time.Now()
					return steady(n, ctx, sink, status)
				}
				x := start(t, collector.DefaultConfig(), src)
				time.Sleep(outage + time.Minute)
				x.stop()
				if got := first.Sub(back); first.IsZero() || got > 5*time.Second {
					t.Errorf("attempt after %v: got it %v after the server is back, want at most 5s", outage, got)
				}
			})
		}
	}
}

// Servers lock users out that try too often.
func TestASourceThatIsRefusedTriesMoreAndMoreSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		src := &scriptedSource{name: "press"}
		src.attempt = func(int, context.Context, collector.Sink, *collector.Status) error {
			attempts++
			return fmt.Errorf("start: %w", collector.Refused{Err: errDown})
		}
		x := start(t, collector.DefaultConfig(), src)
		time.Sleep(10 * time.Minute)
		x.stop()
		if attempts < 20 || attempts > 20+5+20 { // each 15 to 30 s, once the wait has grown
			t.Errorf("attempts in ten minutes: got %d, want one in 15 to 30 seconds", attempts)
		}
	})
}

// A server that starts may refuse everybody first.
func TestASourceThatWasRefusedIsTriedSoonAfterAnotherError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed, again time.Time
		began := time.Now()
		src := &scriptedSource{name: "press"}
		src.attempt = func(n int, ctx context.Context, sink collector.Sink, status *collector.Status) error {
			switch {
			case time.Since(began) < 10*time.Minute:
				return collector.Refused{Err: errDown}
			case failed.IsZero():
				failed = time.Now()
				return errDown
			}
			again = time.Now()
			return steady(n, ctx, sink, status)
		}
		x := start(t, collector.DefaultConfig(), src)
		time.Sleep(15 * time.Minute)
		x.stop()
		if got := again.Sub(failed); got > 5*time.Second {
			t.Errorf("next attempt: got it after %v, want within 5s", got)
		}
	})
}

func TestASourceThatWasUpLongReturnsQuickly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bad = 8
		src := &scriptedSource{name: "press"}
		src.attempt = func(n int, ctx context.Context, _ collector.Sink, status *collector.Status) error {
			if n == bad {
				status.Up(time.Now())
				time.Sleep(time.Minute)
			}
			return errDown
		}
		x := start(t, collector.DefaultConfig(), src)
		time.Sleep(10 * time.Minute)
		x.stop()
		starts := src.started()
		if got := starts[bad].Sub(starts[bad-1]) - time.Minute; got > time.Second {
			t.Errorf("wait after a minute up: got %v, want at most 1s", got)
		}
	})
}

func TestAPanicOfOneSourceLeavesTheOthersRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := &scriptedSource{name: "broken"}
		broken.attempt = func(int, context.Context, collector.Sink, *collector.Status) error { panic("nil session") }
		good := &scriptedSource{name: "good", attempt: steady}
		x := start(t, collector.DefaultConfig(), broken, good)
		time.Sleep(time.Minute)
		synctest.Wait()
		health := x.Health()
		if health[0].Source != "broken" || health[0].Up || health[0].Error != "panic: nil session" || health[0].Attempts < 3 {
			t.Errorf("health of the broken source: got %+v", health[0])
		}
		if !health[1].Up || len(good.started()) != 1 {
			t.Errorf("health of the good source: got %+v after %d starts, want up after 1", health[1], len(good.started()))
		}
		x.stop()
		if got := metric(t, x.reg, "andon_collector_panics_total", "broken"); got < 3 {
			t.Errorf("panics counted: got %v, want at least 3", got)
		}
		if got := strings.Count(x.log.String(), "source failed"); got != 1 {
			t.Errorf("log lines for the same failure: got %d, want 1\n%s", got, x.log)
		}
	})
}

func TestFailuresAreLoggedOnChangeAndCountedAlways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &scriptedSource{name: "press"}
		src.attempt = func(n int, _ context.Context, _ collector.Sink, status *collector.Status) error {
			switch n {
			case 4:
				return errors.New("wrong password")
			case 5:
				status.Up(time.Now())
			}
			return errDown
		}
		x := start(t, collector.DefaultConfig(), src)
		time.Sleep(5 * time.Minute)
		x.stop()
		// refused, wrong password, up, refused again
		if got := strings.Count(x.log.String(), "source failed"); got != 3 {
			t.Errorf("failures logged: got %d, want 3\n%s", got, x.log)
		}
		if got, want := metric(t, x.reg, "andon_collector_failures_total", "press"), float64(len(src.started())); got != want {
			t.Errorf("failures counted: got %v, want %v", got, want)
		}
	})
}

func TestASourceThatReturnsWithoutReasonIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &scriptedSource{name: "press"}
		src.attempt = func(int, context.Context, collector.Sink, *collector.Status) error { return nil }
		x := start(t, collector.DefaultConfig(), src)
		time.Sleep(time.Minute)
		synctest.Wait()
		if h := x.Health()[0]; h.Error == "" || h.Attempts < 2 {
			t.Errorf("health: got %+v, want an error and several attempts", h)
		}
		x.stop()
	})
}

func TestStoppingIsBoundedAndNamesTheSourceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		stuck := &scriptedSource{name: "stuck"}
		stuck.attempt = func(int, context.Context, collector.Sink, *collector.Status) error { <-free; return nil }
		x := start(t, collector.DefaultConfig(), stuck, &scriptedSource{name: "good", attempt: steady})
		synctest.Wait()
		began := time.Now()
		err := x.stop()
		if err == nil || !strings.Contains(err.Error(), "stuck") || strings.Contains(err.Error(), "good") {
			t.Errorf("Run: got error %v, want one that names stuck only", err)
		}
		if got := time.Since(began); got != 3*time.Second {
			t.Errorf("time to stop: got %v, want 3s", got)
		}
		close(free)
	})
}

func TestSamplesAreCountedBySource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tag, err := plant.Detached("northfield/packing/lineA/A1/total")
		if err != nil {
			t.Fatal(err)
		}
		src := &scriptedSource{name: "press"}
		src.attempt = func(_ int, ctx context.Context, sink collector.Sink, status *collector.Status) error {
			status.Up(time.Now())
			if err := sink.Put(ctx, plant.Batch{Samples: make([]plant.Sample, 3)}); err != nil {
				return err
			}
			if err := sink.Put(ctx, plant.Batch{Samples: []plant.Sample{{Tag: tag}}}); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		}
		x := start(t, collector.DefaultConfig(), src)
		synctest.Wait()
		if got := metric(t, x.reg, "andon_collector_up", "press"); got != 1 {
			t.Errorf("up: got %v, want 1", got)
		}
		x.stop()
		if got := metric(t, x.reg, "andon_collector_samples_total", "press"); got != 4 {
			t.Errorf("samples: got %v, want 4", got)
		}
		if got := metric(t, x.reg, "andon_collector_up", "press"); got != 0 {
			t.Errorf("up after the stop: got %v, want 0", got)
		}
	})
}

func TestTwoSourcesMayNotShareAName(t *testing.T) {
	_, err := collector.NewSupervisor(collector.Options{
		Config:  collector.DefaultConfig(),
		Sources: []collector.Source{&scriptedSource{name: "press"}, &scriptedSource{name: "press"}},
		Log:     slog.New(slog.DiscardHandler), Metrics: collector.NewMetrics(prometheus.NewRegistry()),
	})
	if err == nil || !strings.Contains(err.Error(), `"press"`) {
		t.Errorf("NewSupervisor: got error %v, want one that names press", err)
	}
}

func TestConfigReportsEveryProblem(t *testing.T) {
	got := collector.Config{RetryInitial: -1, RetryMax: -2, RetryReset: -1}.Validate()
	if len(got) != 4 {
		t.Errorf("problems: got %v, want 4", got)
	}
	if got := collector.DefaultConfig().Validate(); got != nil {
		t.Errorf("default configuration: got %v, want no problem", got)
	}
}

func metric(t *testing.T, reg *prometheus.Registry, name, source string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() != source {
				continue
			}
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Fatalf("metric %s{source=%q}: not found", name, source)
	return 0
}
