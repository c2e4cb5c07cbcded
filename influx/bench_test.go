//go:build unix

package influx_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
	"andon/plant/setting"
)

// BenchmarkBacklogToInfluxDB writes a backlog to the real InfluxDB on the
// same machine. cpu-ns/sample is the processor time of this process, client
// and compression included, that of influxd not.
func BenchmarkBacklogToInfluxDB(b *testing.B) {
	for _, gzip := range []influx.Compression{influx.CompressOn, influx.CompressOff} {
		b.Run(fmt.Sprintf("gzip=%s", gzip), func(b *testing.B) { benchmarkBacklog(b, gzip) })
	}
}

func benchmarkBacklog(b *testing.B, gzip influx.Compression) {
	db := influxtest.Start(b)
	db.CreateDatabase("plant")
	s := newStream()
	tags := benchTags(b)
	const perMessage = 1000
	for n := 0; n < b.N; n += perMessage {
		samples := make([]plant.Sample, perMessage)
		for i := range samples {
			// Ten readings of each of a hundred tags.
			at := start.Add(time.Duration(n/perMessage*10+i/len(tags)) * 100 * time.Millisecond)
			samples[i] = plant.Sample{Tag: tags[i%len(tags)], Value: plant.Float(rand.NormFloat64()), Time: at}
		}
		s.samples(samples...)
	}
	last, _ := s.last(b.Context())
	cfg := influx.DefaultConfig()
	cfg.URL, cfg.Gzip, cfg.DeadLetter.Dir = db.URL(), gzip, setting.File(b.TempDir())
	w, err := influx.New(influx.Options{Config: cfg, Area: "packing", Reader: s.reader(), Positions: s})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ReportAllocs()
	b.ResetTimer()
	before := cpuTime(b)
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for w.Lag().Position < last {
		<-tick.C
	}
	b.StopTimer()
	b.ReportMetric(float64(cpuTime(b)-before)/float64(last*perMessage), "cpu-ns/sample")
	b.ReportMetric(float64(last*perMessage)/b.Elapsed().Seconds(), "samples/s")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchTags(b *testing.B) []*plant.Tag {
	b.Helper()
	line := plant.LineConfig{Name: "lineA"}
	for i := range 10 {
		eq := plant.EquipmentConfig{Name: fmt.Sprintf("E%d", i)}
		for j := range 10 {
			eq.Tags = append(eq.Tags, plant.TagConfig{Name: fmt.Sprintf("tag%d", j)})
		}
		line.Equipment = append(line.Equipment, eq)
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{line}}}})
	if err != nil {
		b.Fatal(err)
	}
	return tree.Tags()
}
