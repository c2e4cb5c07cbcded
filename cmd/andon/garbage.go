package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// roomy is how large the heap may become by itself. By itself Go lets as
	// much be thrown away as is in use before it collects, which doubles what
	// a large plant takes.
	roomy = 190 << 20
	// leastPercent is the least that may be thrown away, in percent of what is
	// in use: collecting costs as much as there is in use, each time.
	leastPercent = 25
	// garbageEvery is how often it is looked how large the plant is.
	garbageEvery = 10 * time.Second
)

// keepGarbageLow has a large plant's garbage collected before it is as much as
// the plant, until ctx is done. A plant that has less than half of roomy in use
// is left as it is. Who sets GOGC decides alone.
func keepGarbageLow(ctx context.Context) error {
	if os.Getenv("GOGC") != "" {
		<-ctx.Done()
		return nil
	}
	const usual = 100
	percent := usual
	defer debug.SetGCPercent(usual)
	tick := time.NewTicker(garbageEvery)
	defer tick.Stop()
	for {
		if p := garbagePercent(inUse()); p != percent {
			percent = p
			debug.SetGCPercent(p)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// inUse returns how many bytes were still in use at the last collection.
func inUse() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return live[0].Value.Uint64()
}

// garbagePercent is what GOGC is to be for that much in use, in steps of five:
// each change stops everything for a moment.
func garbagePercent(inUse uint64) int {
	switch {
	case inUse <= roomy/2:
		return 100
	case inUse >= roomy:
		return leastPercent
	}
	return max(leastPercent, int((roomy-inUse)*20/inUse)*5)
}
