package engine_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/production/productiontest"
	"andon/store"
)

// benchmarkReplay replays a file of samples into records on disk.
func benchmarkReplay(b *testing.B, tree *plant.Tree, samples []plant.Sample) {
	dir := b.TempDir()
	file := filepath.Join(dir, "recording.ndjson")
	if err := os.WriteFile(file, engine.Recorded(b, samples), 0o600); err != nil {
		b.Fatal(err)
	}
	n, used := 0, cpuTime(b)
	b.ReportAllocs()
	for b.Loop() {
		n++
		f, err := os.Open(file)
		if err != nil {
			b.Fatal(err)
		}
		records, err := store.Open(b.Context(), filepath.Join(dir, fmt.Sprintf("%d.db", n)))
		if err != nil {
			b.Fatal(err)
		}
		r, err := engine.Replay(b.Context(), engine.ReplayOptions{Config: engine.NorthfieldConfig(), Tree: tree, Store: records,
			Samples: recording.New(bufio.NewReaderSize(f, 1<<20), tree)})
		if err != nil || r.Samples != len(samples) {
			b.Fatalf("got %+v and %v, want %d samples", r, err, len(samples))
		}
		if err := records.Close(); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	used = cpuTime(b) - used
	b.ReportMetric(float64(n*len(samples))/used.Seconds(), "samples/cpu-s")
	b.ReportMetric(float64(used.Nanoseconds())/float64(n*len(samples)), "cpu-ns/sample")
}

// cpuTime is what the process has used of all cores so far, collecting
// garbage too, which is the same on a busy machine.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReplay is ten minutes of Northfield with the infeed jam, every tag
// of its seven equipment written down each 100 ms, counters and states too.
func BenchmarkReplay(b *testing.B) {
	tree := instrumented(b)
	benchmarkReplay(b, tree, densely(tree, 4*time.Minute, 14*time.Minute, 100*time.Millisecond))
}

// BenchmarkReplaySparse is the hour with what changed, and a sample each ten
// seconds of what counts or is measured.
func BenchmarkReplaySparse(b *testing.B) {
	tree := engine.Northfield(b)
	benchmarkReplay(b, tree, productiontest.Northfield(tree, productiontest.Start))
}
