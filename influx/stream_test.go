package influx_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/influx"
	"andon/plant"
	"andon/plant/setting"
)

// A stream is an area's messages in memory, with the positions of its
// readers.
type stream struct {
	mu       sync.Mutex // guards all below
	messages []plant.Message
	grown    chan struct{} // closed and replaced when messages come
	position uint64
	rewrite  uint64 // where a Rewriter goes on
	noSaving bool   // positions cannot be saved
}

func newStream() *stream { return &stream{grown: make(chan struct{})} }

// put appends a message and returns its position.
func (s *stream) put(m plant.Message) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Pos = uint64(len(s.messages) + 1)
	m.Time = plant.Instant(1772439520e9).Add(time.Duration(m.Pos) * time.Second)
	s.messages = append(s.messages, m)
	close(s.grown)
	s.grown = make(chan struct{})
	return m.Pos
}

func (s *stream) samples(samples ...plant.Sample) uint64 {
	return s.put(plant.Message{Kind: plant.KindTelemetry, Samples: samples})
}

func (s *stream) LoadPosition(_ context.Context, name string) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "rewrite.packing" {
		return s.rewrite, nil
	}
	return s.position, nil
}

func (s *stream) SavePosition(_ context.Context, name string, pos uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "rewrite.packing" {
		s.rewrite = pos
		return nil
	}
	if s.noSaving || name != "influx.packing" {
		return errors.New("the disk is full")
	}
	s.position = pos
	return nil
}

func (s *stream) saved() uint64 {
	pos, _ := s.LoadPosition(context.Background(), "")
	return pos
}

func (s *stream) setNoSaving(no bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noSaving = no
}

func (s *stream) last(context.Context) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint64(len(s.messages)), nil
}

// reader begins at the first message, as after a position that was lost.
func (s *stream) reader() *reader { return &reader{stream: s} }

type reader struct {
	stream *stream
	next   int
}

// Close implements influx.ReadCloser.
func (r *reader) Close() {}

func (r *reader) Fetch(ctx context.Context, max int, wait time.Duration) ([]plant.Message, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		r.stream.mu.Lock()
		have, grown := r.stream.messages[r.next:], r.stream.grown
		r.stream.mu.Unlock()
		if len(have) > 0 {
			have = have[:min(len(have), max)]
			r.next += len(have)
			return have, nil
		}
		select {
		case <-grown:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

var _ influx.Reader = (*reader)(nil)
var _ influx.Positions = (*stream)(nil)

// config is a configuration for tests: short pauses, dead letters in a folder
// of the test.
func config(t *testing.T, url string) influx.Config {
	c := influx.DefaultConfig()
	c.URL = url
	c.Backoff = influx.BackoffConfig{Initial: 5 * time.Millisecond, Max: 20 * time.Millisecond}
	c.DeadLetter.Dir = setting.File(t.TempDir())
	return c
}

// A running is a writer that copies a stream.
type running struct {
	*influx.Writer
	t        *testing.T
	registry *prometheus.Registry
	config   influx.Config
	cancel   context.CancelFunc
	done     chan error
}

func run(t *testing.T, s *stream, c influx.Config) *running {
	t.Helper()
	r := &running{t: t, registry: prometheus.NewRegistry(), config: c, done: make(chan error, 1)}
	var err error
	r.Writer, err = influx.New(influx.Options{Config: c, Area: "packing", Tree: northfield(t), Reader: s.reader(), Positions: s,
		Last: s.last, Metrics: influx.NewMetrics(r.registry)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() { r.done <- r.Run(ctx) }()
	t.Cleanup(r.stop)
	return r
}

// stop ends the writer; more than once does nothing.
func (r *running) stop() {
	r.t.Helper()
	r.cancel()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("run: got %v, want nil", err)
		}
		r.done <- nil
	case <-time.After(10 * time.Second):
		r.t.Error("writer did not stop within 10 s")
	}
}

// written waits until the writer is done with the message at pos.
func (r *running) written(pos uint64) {
	r.t.Helper()
	eventually(r.t, "the message is written", func() bool { return r.Lag().Position >= pos })
}

// metric returns the sum of a metric over its labels.
func (r *running) metric(name string) float64 {
	r.t.Helper()
	families, err := r.registry.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "andon_influx_"+name {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// deadLetters returns what is in the files of the dead letters.
func (r *running) deadLetters() []influx.DeadLetter {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(string(r.config.DeadLetter.Dir), "*"))
	if err != nil {
		r.t.Fatal(err)
	}
	var all []influx.DeadLetter
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			r.t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			var l influx.DeadLetter
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				r.t.Fatalf("dead letter %q: %v", line, err)
			}
			all = append(all, l)
		}
	}
	return all
}

// eventually waits for what happens in other goroutines and processes.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited 20 s until %s", what)
		}
	}
}

// northfield is a small packing line.
func northfield(t testing.TB) *plant.Tree {
	t.Helper()
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{
			{Name: "A1", Tags: []plant.TagConfig{{Name: "state", Type: "int"}, {Name: "speed", Type: "float"}, {Name: "total", Type: "uint"},
				{Name: "estop", Type: "bool"}, {Name: "alarm_id", Type: "text"}}},
			{Name: "A3", Tags: []plant.TagConfig{{Name: "state", Type: "text"}, {Name: "total", Type: "uint"}}},
		}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const (
	a1     = "northfield/packing/lineA/A1/"
	a3     = "northfield/packing/lineA/A3/"
	series = "telemetry,area=packing,equipment=A1,line=lineA,site=northfield "
)

// start is a Monday morning.
const start = plant.Instant(1772438400e9)

// sample is a good value of a tag, n seconds after start.
func sample(t testing.TB, path string, v plant.Value, n int) plant.Sample {
	t.Helper()
	tag := northfield(t).Tag(path)
	if tag == nil {
		t.Fatalf("tag %s is not in the tree", path)
	}
	return plant.Sample{Tag: tag, Value: v, Time: start.Add(time.Duration(n) * time.Second)}
}

// speeds are n samples of A1's speed, a second apart, from the given one on.
func speeds(t testing.TB, from, n int) []plant.Sample {
	t.Helper()
	tag := northfield(t).Tag(a1 + "speed")
	samples := make([]plant.Sample, n)
	for i := range samples {
		samples[i] = plant.Sample{Tag: tag, Value: plant.Float(float64(from+i) + 0.5), Time: start.Add(time.Duration(from+i) * time.Second)}
	}
	return samples
}
