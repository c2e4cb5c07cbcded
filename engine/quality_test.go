package engine

import (
	"testing"

	"andon/plant"
	"andon/production/productiontest"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

func TestOddCountersOfTheHourAreCounted(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs := s.hour()
	late := plant.Sample{Tag: s.tree.Tag(productiontest.A1 + "/state"), Value: plant.Int(6), Time: start.Add(-1000 * 60 * minute)}
	total := s.tree.Tag(productiontest.A1 + "/total")
	msgs = append(msgs[:len(msgs):len(msgs)], plant.Message{Time: at(60, 0), Kind: plant.KindTelemetry, Samples: []plant.Sample{late}})
	for i, m := range msgs {
		for k, x := range m.Samples {
			if x.Tag == total && x.Time >= at(35, 0) && x.Time < at(44, 0) {
				m.Samples[k].Value = plant.Uint(102675) // three units in the break
			}
		}
		msgs[i].Pos = uint64(i + 1)
	}
	s.feed(msgs, 500)
	s.commit(true)
	m := s.r.o.Metrics
	for kind, want := range map[string]float64{"reset": 1, "rollover": 1, "contradiction": 1, "glitch": 0} {
		if got := counted(t, m.quality.WithLabelValues("packing", kind)); got != want {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
	if got := counted(t, m.unused.WithLabelValues("packing", "too_late")); got != 1 {
		t.Errorf("too late: got %v, want 1", got)
	}
}

func counted(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.Counter.GetValue()
}
