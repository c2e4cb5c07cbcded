package main

import (
	"context"
	"os"
	"regexp"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/prometheus/client_golang/prometheus/collectors"
)

const (
	// roomy is what andon may take of the machine without minding its garbage.
	roomy = 220 << 20
	// liveName is what was in use at the last collection, as the runtime calls
	// it.
	liveName = "/gc/heap/live:bytes"
	// garbageEvery is how often it is looked how large the plant is.
	garbageEvery = time.Second
)

// keepGarbageLow has a large plant's garbage collected before it is as much as
// the plant, until ctx is done. By itself Go lets as much be thrown away as is
// in use before it collects, and keeps the room; near a limit it collects
// earlier and gives back.
func keepGarbageLow(ctx context.Context) error {
	tick := time.NewTicker(garbageEvery)
	defer tick.Stop()
	for {
		limitMemory(inUse())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// limitMemory sets the limit for that much in use. Who sets GOMEMLIMIT decides
// alone.
func limitMemory(inUse uint64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit(inUse))
	}
}

// inUse returns how many bytes were still in use at the last collection.
func inUse() uint64 {
	live := []metrics.Sample{{Name: liveName}}
	metrics.Read(live)
	if live[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return live[0].Value.Uint64()
}

// liveHeap has the same among the metrics, as go_gc_heap_live_bytes: what a
// leak shows in, and no garbage.
func liveHeap() collectors.GoRuntimeMetricsRule {
	return collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile("^" + regexp.QuoteMeta(liveName) + "$")}
}

// memoryLimit is what andon is to take of the machine with that much in use.
// There is always room for garbage of more than a quarter of it: each
// collection goes through all that is in use.
func memoryLimit(inUse uint64) int64 { return int64(max(roomy, inUse/5*7)) }
