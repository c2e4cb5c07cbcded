package production_test

import (
	"syscall"
	"testing"
	"time"

	"andon/plant"
	"andon/production/productiontest"
)

// BenchmarkLiveLoad is a minute of 1,000 machines that change their state and
// count once a second, with ticks and everything drained. It reports the
// share of one core that the minute takes.
func BenchmarkLiveLoad(b *testing.B) {
	const machines, seconds = 1000, 60
	codes := []int64{6, 6, 11, 11, 11, 6, 9, 5}
	var used time.Duration
	for b.Loop() {
		tree, a := hallOf(b, machines)
		batch := make([]plant.Sample, 0, 2*machines)
		before := cpuTime(b)
		for s := range seconds {
			now := productiontest.Start + plant.Instant(s)*second
			batch = batch[:0]
			for i, eq := range tree.Equipment() {
				batch = append(batch, plant.Sample{Tag: eq.Tags[0], Time: now, Value: plant.Int(codes[(s+i)%len(codes)])},
					plant.Sample{Tag: eq.Tags[1], Time: now, Value: plant.Int(int64(s))})
			}
			a.Apply(now, batch, nil)
			a.Tick(now)
			a.Drain()
		}
		used += cpuTime(b) - before
	}
	b.ReportMetric(100*used.Seconds()/float64(b.N*seconds), "%core")
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N*seconds*machines), "ns/change")
}

// cpuTime is what the process has used of all cores so far, which is the same
// on a busy machine.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
