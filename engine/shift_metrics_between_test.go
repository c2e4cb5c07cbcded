package engine

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"andon/production"
	"andon/production/productiontest"
)

func TestWhatLiesBetweenNeighboursIsAMetric(t *testing.T) {
	reg := prometheus.NewRegistry()
	line := Northfield(t).Areas[0].Lines[0]
	shift := NewMetrics(reg).shift
	for _, difference := range []float64{7, 4} {
		shift.show(production.Live{Line: line, Equipment: line.Constraint, KPI: production.KPI{Rollup: &production.Rollup{
			Neighbours: []production.Conserved{{From: productiontest.A3, To: productiontest.A4, Out: 3310, In: 3310 - difference, Difference: difference}}}}})
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "andon_engine_shift_units_between" {
			continue
		}
		labels := map[string]string{}
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		if labels["area"] != "packing" || labels["line"] != "lineA" || labels["from"] != "A3" || labels["to"] != "A4" {
			t.Errorf("labels: got %v, want those of A3 and A4", labels)
		}
		if got := f.GetMetric()[0].GetGauge().GetValue(); got != 4 || len(f.GetMetric()) != 1 {
			t.Errorf("got %v in %d series, want 4 bottles between A3 and A4", got, len(f.GetMetric()))
		}
		return
	}
	t.Error("there is no such metric")
}
