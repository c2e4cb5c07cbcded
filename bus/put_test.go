package bus_test

import (
	"sync"
	"testing"

	"andon/bus"
	"andon/plant"
)

func TestSamplesSurviveARestart(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b := s.open(t)
		reader(t, b, s.area("packing"), 0) // not drained
		for i := range 20 {
			put(t, b, s.counts("packing/lineA/A1/total", i*50, 50))
		}
		closeBus(t, b)

		got := readSamples(t, reader(t, s.open(t), s.area("packing"), 0), 1000)
		checkCounts(t, got, 0, 1000)
	})
}

func TestSourcesKeepTheirOrderWhenTheyPutAtOnce(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		const puts, size = 60, 7
		b := s.open(t)
		paths := []string{"packing/lineA/A1/total", "packing/lineA/A2/total", "packing/lineA/A3/total", "packing/lineA/A4/total"}
		var sources sync.WaitGroup
		for _, path := range paths {
			sources.Go(func() {
				for i := range puts {
					if err := b.Put(t.Context(), s.counts(path, i*size, size)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		sources.Wait()
		all := readSamples(t, reader(t, b, s.area("packing"), 0), len(paths)*puts*size)
		for _, path := range paths {
			var own []plant.Sample
			for _, sample := range all {
				if sample.Tag.Path == "northfield/"+path {
					own = append(own, sample)
				}
			}
			checkCounts(t, own, 0, puts*size)
		}
	})
}

// putAll puts samples from 16 sources at once, as fast as the disk goes.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{10, 100, 1000} {
		b.Run(map[int]string{10: "10", 100: "100", 1000: "1000"}[size], func(b *testing.B) {
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
