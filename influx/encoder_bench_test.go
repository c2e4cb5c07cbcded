package influx

import (
	"fmt"
	"testing"

	"andon/plant"
)

func BenchmarkEncodeSamples(b *testing.B) {
	cfg := plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{{Name: "l"}}}}}
	line := &cfg.Areas[0].Lines[0]
	for i := range 10 {
		eq := plant.EquipmentConfig{Name: fmt.Sprintf("E%d", i)}
		for j := range 10 {
			eq.Tags = append(eq.Tags, plant.TagConfig{Name: fmt.Sprintf("tag%d", j)})
		}
		line.Equipment = append(line.Equipment, eq)
	}
	tree, err := plant.NewTree(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct {
		name     string
		together bool
	}{{"ten tags a line", true}, {"one tag a line", false}} {
		var in []plant.Sample
		for i, tag := range tree.Tags() {
			for k := range 10 {
				at := plant.Instant(1772439520000000000 + k*1e9)
				if !bench.together {
					at += plant.Instant(i)
				}
				in = append(in, plant.Sample{Tag: tag, Value: plant.Float(float64(i*k) * 1.37), Time: at})
			}
		}
		b.Run(bench.name, func(b *testing.B) {
			e := newEncoder(tree)
			dst, _ := e.samples(nil, in, 1)
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = e.samples(dst[:0], in, 1)
				e.commit()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in)), "ns/sample")
			b.ReportMetric(float64(len(dst))/float64(len(in)), "bytes/sample")
		})
	}
}
