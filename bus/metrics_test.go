package bus_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"andon/bus"
	"andon/plant"
)

// figures returns the values of all counters, gauges and histogram counts by
// name and labels.
func figures(t *testing.T, reg prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetName() + "=" + l.GetValue()
			}
			out[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return out
}

func TestMetricsTellWhatWentThrough(t *testing.T) {
	s := embedded(t)
	reg := prometheus.NewPedanticRegistry()
	b, err := bus.Open(t.Context(), bus.Options{Config: s.config, Tree: s.tree, Metrics: bus.NewMetrics(reg)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeBus(t, b)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 7500))
	if err := b.Tick(t.Context(), s.area("packing")); err != nil {
		t.Fatal(err)
	}
	put(t, b, plant.Batch{Contacts: []plant.Contact{{Source: "nobody"}}})
	readMessages(t, reader(t, b, s.area("packing"), 0), 3)
	eventually(t, "the figures of the streams are known", func() bool {
		return figures(t, reg)["andon_bus_stream_last_position area=packing"] == 3
	})
	got := figures(t, reg)
	for name, want := range map[string]float64{
		"andon_bus_published_messages_total area=packing kind=telemetry": 2,
		"andon_bus_published_messages_total area=packing kind=clock":     1,
		"andon_bus_published_samples_total area=packing":                 7500,
		"andon_bus_published_samples_total area=moulding":                0,
		"andon_bus_commit_duration_seconds area=packing":                 2,
		"andon_bus_puts_waiting area=packing":                            0,
		"andon_bus_publish_retries_total area=packing":                   0,
		"andon_bus_read_messages_total area=packing":                     3,
		"andon_bus_decode_errors_total area=packing":                     0,
		"andon_bus_unrouted_contacts_total":                              1,
		"andon_bus_server_restarts_total":                                0,
		"andon_bus_stream_messages area=packing":                         3,
		"andon_bus_stream_first_position area=packing":                   1,
	} {
		if got[name] != want {
			t.Errorf("got %s %v, want %v", name, got[name], want)
		}
	}
	if got["andon_bus_published_bytes_total area=packing"] < 15_000 {
		t.Errorf("got %v bytes, want some for 7500 samples", got["andon_bus_published_bytes_total area=packing"])
	}
}
