package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"andon/bus"
	"andon/bus/bustest"
	"andon/plant"
	"andon/plant/setting"
)

// programs names the folder of the programs that tests build.
const programs = "ANDON_BUS_TEST_PROGRAMS"

// natsd is the program of a NATS server of its own, built when first needed.
var natsd = sync.OnceValues(func() (string, error) { return bustest.Build(os.Getenv(programs)) })

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(runChild(dir, os.Getenv(childTask)))
	}
	dir, err := os.MkdirTemp("", "andon-bus-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv(programs, dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// northfield is a site with the areas packing and moulding, read by one
// source each.
func northfield(tb testing.TB) *plant.Tree {
	tb.Helper()
	tree, err := plant.NewTree(northfieldConfig())
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

func northfieldConfig() plant.Config {
	return plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{
			equipment("A1", "packing-opcua"), equipment("A2", "packing-opcua"),
			equipment("A3", "mqtt"), equipment("A4", "mqtt")}}}},
		{Name: "moulding", Lines: []plant.LineConfig{{Name: "lineB", Equipment: []plant.EquipmentConfig{
			equipment("B1", "moulding-opcua"), equipment("B2", "mqtt")}}}},
	}}
}

func equipment(name, source string) plant.EquipmentConfig {
	eq := plant.EquipmentConfig{Name: name, Source: source}
	for _, tag := range []string{"state", "total", "reject", "speed", "energy"} {
		eq.Tags = append(eq.Tags, plant.TagConfig{Name: tag})
	}
	return eq
}

// A site is a plant whose bus can be opened again and again on the same
// stream.
type site struct {
	tree   *plant.Tree
	config bus.Config
	nats   *bustest.Server // nil with the server of our own
}

// everyNATS runs a test with the server of our own and with an external one.
func everyNATS(t *testing.T, test func(t *testing.T, s *site)) {
	t.Run("embedded", func(t *testing.T) { test(t, embedded(t)) })
	t.Run("external", func(t *testing.T) { test(t, external(t)) })
}

func embedded(tb testing.TB) *site {
	s := &site{tree: northfield(tb), config: bus.DefaultConfig()}
	s.config.Dir = setting.File(tb.TempDir())
	return s
}

// smallStream is what the streams of a NATS that is not ours may get in tests:
// it reserves it, and the disk may have less than is usual.
const smallStream = 1 << 30

func external(tb testing.TB, args ...string) *site {
	tb.Helper()
	program, err := natsd()
	if err != nil {
		tb.Fatal(err)
	}
	s := &site{tree: northfield(tb), config: bus.DefaultConfig(), nats: bustest.Start(tb, program, args...)}
	s.config.URL = "nats://" + s.nats.Addr()
	s.config.MaxBytes = smallStream
	return s
}

// open opens the bus and closes it with the test, if it still is open then.
func (s *site) open(tb testing.TB) *bus.Bus {
	tb.Helper()
	log := slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := bus.Open(patience(tb), bus.Options{Config: s.config, Tree: s.tree, Log: log})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeBus(tb, b) })
	return b
}

func closeBus(tb testing.TB, b *bus.Bus) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		tb.Errorf("close: %v", err)
	}
}

// patience is a context that outlasts everything a test waits for.
func patience(tb testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	tb.Cleanup(cancel)
	return ctx
}

func timeout(tb testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	tb.Helper()
	return context.WithTimeout(context.Background(), d)
}

func (s *site) area(name string) *plant.Area { return s.tree.FindArea(name) }

// counts returns n samples of a tag with values and times from first on.
func (s *site) counts(path string, first, n int) plant.Batch {
	tag := s.tree.Tag("northfield/" + path)
	batch := plant.Batch{Samples: make([]plant.Sample, n)}
	for i := range batch.Samples {
		batch.Samples[i] = plant.Sample{Tag: tag, Value: plant.Uint(uint64(first + i)), Time: plant.Instant(first + i)}
	}
	return batch
}

func put(tb testing.TB, b *bus.Bus, batch plant.Batch) {
	tb.Helper()
	if err := b.Put(patience(tb), batch); err != nil {
		tb.Fatalf("put: %v", err)
	}
}

func reader(tb testing.TB, b *bus.Bus, area *plant.Area, after uint64) *bus.Reader {
	tb.Helper()
	r, err := b.Reader(patience(tb), area, after)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return r
}

// read fetches until enough says so and returns everything in order.
func read(tb testing.TB, r *bus.Reader, enough func([]plant.Message) bool) []plant.Message {
	tb.Helper()
	var all []plant.Message
	ctx := patience(tb)
	for !enough(all) {
		got, err := r.Fetch(ctx, 256, time.Second)
		if err != nil {
			tb.Fatalf("fetch after %d messages with %d samples: %v", len(all), len(samplesOf(all)), err)
		}
		all = append(all, got...)
	}
	return all
}

func readSamples(tb testing.TB, r *bus.Reader, n int) []plant.Sample {
	tb.Helper()
	return samplesOf(read(tb, r, func(m []plant.Message) bool { return len(samplesOf(m)) >= n }))
}

func readMessages(tb testing.TB, r *bus.Reader, n int) []plant.Message {
	tb.Helper()
	return read(tb, r, func(m []plant.Message) bool { return len(m) >= n })
}

func samplesOf(messages []plant.Message) []plant.Sample {
	var out []plant.Sample
	for _, m := range messages {
		out = append(out, m.Samples...)
	}
	return out
}

// ofTag returns the samples of one tag.
func ofTag(samples []plant.Sample, path string) []plant.Sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s plant.Sample) bool { return s.Tag.Path != "northfield/"+path })
}

// checkCounts wants the values from first on, each once and in order.
func checkCounts(tb testing.TB, got []plant.Sample, first, n int) {
	tb.Helper()
	if len(got) != n {
		tb.Errorf("got %d samples, want %d", len(got), n)
	}
	for i, s := range got {
		if v, _ := s.Value.Int(); v != int64(first+i) {
			tb.Fatalf("sample %d has value %d, want %d", i, v, first+i)
		}
	}
}

func describe(m plant.Message) string {
	return fmt.Sprintf("%d kind %d: %d samples, %d contacts", m.Pos, m.Kind, len(m.Samples), len(m.Contacts))
}
