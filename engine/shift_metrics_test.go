package engine

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"andon/plant"
	"andon/production"
)

func TestTheRunningShiftOfALineIsAMetric(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	reg := prometheus.NewRegistry()
	s.r.o.Metrics = NewMetrics(reg)
	s.feed(s.hour(), 100)
	s.r.screen = newScreen(len(s.area.Lines)) // it is time to work it out
	s.r.publishLive()
	s.r.drawAll()
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
	for _, l := range s.present() {
		if l.Line == nil {
			continue
		}
		seen := map[float64]string{}
		for name, want := range map[string]float64{"oee_ratio": l.KPI.OEEIndex.Value, "availability_ratio": l.KPI.Availability.Value,
			"performance_ratio": l.KPI.Effectiveness.Value, "quality_ratio": l.KPI.QualityRatio.Value,
			"shift_good_units": float64(l.Good()), "shift_rejected_units": float64(l.Reject()), "shift_downtime_seconds": 870} {
			if value, ok := got["andon_engine_"+name]; !ok || value != want || want == 0 {
				t.Errorf("andon_engine_%s of %s: got %v (there %t), want %v", name, l.Line.Path, value, ok, want)
			}
			if seen[want] != "" {
				t.Errorf("%s and %s are both %v: want a shift that tells them apart", name, seen[want], want)
			}
			seen[want] = name
		}
	}
}

func TestWhatAShiftDoesNotHaveIsNoMetric(t *testing.T) {
	m := newShiftMetrics()
	line := &plant.Line{Name: "lineA", Area: &plant.Area{Name: "packing"}}
	ratio := production.Ratio{Value: .5, OK: true}
	live := production.Live{Line: line, KPI: production.KPI{OEEIndex: ratio, Availability: ratio, Effectiveness: ratio, QualityRatio: ratio}}
	m.show(live)
	for name, without := range map[string]func(*production.KPI) *production.Ratio{
		"oee_ratio":          func(k *production.KPI) *production.Ratio { return &k.OEEIndex },
		"availability_ratio": func(k *production.KPI) *production.Ratio { return &k.Availability },
		"performance_ratio":  func(k *production.KPI) *production.Ratio { return &k.Effectiveness },
		"quality_ratio":      func(k *production.KPI) *production.Ratio { return &k.QualityRatio },
	} {
		now := live
		*without(&now.KPI) = production.Ratio{}
		m.show(now)
		if got := shown(t, m); got["andon_engine_"+name] || len(got) != 6 {
			t.Errorf("no %s: got %v, want all but that", name, got)
		}
		m.show(live)
	}
	if got := shown(t, m); len(got) != 7 {
		t.Errorf("got %v, want all seven", got)
	}
}

// shown returns the names of the gauges that have a value.
func shown(t *testing.T, m shiftMetrics) map[string]bool {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.all()...)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range families {
		names[f.GetName()] = true
	}
	return names
}
