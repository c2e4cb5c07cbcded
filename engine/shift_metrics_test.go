package engine

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"andon/production/productiontest"
)

func TestTheRunningShiftOfALineIsAMetric(t *testing.T) {
	s := newStation(t, "packing")
	reg := prometheus.NewRegistry()
	s.r.o.Metrics = NewMetrics(reg)
	s.feed(s.hour(), 100)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if len(m.GetLabel()) == 2 && m.GetLabel()[1].GetValue() == "lineA" {
				got[f.GetName()] = m.GetGauge().GetValue()
			}
		}
	}
	for _, l := range s.r.core.present() {
		if l.Line == nil {
			continue
		}
		for name, want := range map[string]float64{"andon_engine_oee_ratio": l.KPI.OEEIndex.Value, "andon_engine_availability_ratio": l.KPI.Availability.Value,
			"andon_engine_shift_good_units": float64(l.Good()), "andon_engine_shift_rejected_units": float64(l.Reject()),
			"andon_engine_shift_downtime_seconds": 870} {
			if got[name] != want || want == 0 {
				t.Errorf("%s of %s: got %v, want %v", name, productiontest.A1, got[name], want)
			}
		}
	}
}
