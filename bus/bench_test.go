package bus_test

import (
	"fmt"
	"testing"
	"time"

	"andon/bus"
)

// BenchmarkPut puts samples from 16 sources at once, as fast as the disk goes.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := embedded(b)
			stream := s.open(b)
			benchPut(b, s, stream, size)
		})
	}
}

func benchPut(b *testing.B, s *site, stream *bus.Bus, size int) {
	b.ReportAllocs()
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := stream.Put(b.Context(), s.counts("packing/lineA/A1/total", 0, size)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "samples/s")
}

// BenchmarkReplay reads recorded messages of 100 samples.
func BenchmarkReplay(b *testing.B) {
	for _, size := range []int{20, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchReplay(b, embedded(b), size) })
	}
}

func benchReplay(b *testing.B, s *site, size int) {
	const messages = 1000
	stream := s.open(b)
	s.config.Gather = 0
	for range messages {
		put(b, stream, s.counts("packing/lineA/A1/total", 0, size))
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := stream.Reader(b.Context(), s.area("packing"), 0)
		if err != nil {
			b.Fatal(err)
		}
		for n := 0; n < messages*size; {
			got, err := r.Fetch(b.Context(), 256, time.Second)
			if err != nil {
				b.Fatal(err)
			}
			n += len(samplesOf(got))
		}
		r.Close()
	}
	b.ReportMetric(float64(b.N*messages*size)/b.Elapsed().Seconds(), "samples/s")
}
