package engine

import (
	"path"

	"github.com/prometheus/client_golang/prometheus"

	"andon/production"
)

// shiftMetrics are the figures of the running shift of each line, labelled
// with area and line. What does not exist, such as the OEE in a break, has no
// value.
type shiftMetrics struct {
	oee, availability, performance, quality *prometheus.GaugeVec
	good, rejected, downtime                *prometheus.GaugeVec
	between                                 *prometheus.GaugeVec // labelled with from and to besides
}

func newShiftMetrics() shiftMetrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_engine_" + name, Help: help}, []string{"area", "line"})
	}
	return shiftMetrics{
		oee:          gauge("oee_ratio", "OEE index of the running shift of each line; absent when there is none."),
		availability: gauge("availability_ratio", "Availability of the running shift of each line; absent when there is none."),
		performance:  gauge("performance_ratio", "Effectiveness of the running shift of each line; absent when there is none."),
		quality:      gauge("quality_ratio", "Quality ratio of the running shift of each line; absent when there is none."),
		good:         gauge("shift_good_units", "Good units of the running shift of each line."),
		rejected:     gauge("shift_rejected_units", "Rejected units of the running shift of each line."),
		downtime:     gauge("shift_downtime_seconds", "Downtime of the running shift of each line: changeovers and unplanned stops that are not micro-stops."),
		between: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_engine_shift_units_between",
			Help: "Good units of one equipment of a line less those that the next took in the running shift, in units of the first."},
			[]string{"area", "line", "from", "to"}),
	}
}

func (m shiftMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.oee, m.availability, m.performance, m.quality, m.good, m.rejected, m.downtime, m.between}
}

// show sets the figures of one line.
func (m shiftMetrics) show(l production.Live) {
	labels := []string{l.Line.Area.Name, l.Line.Name}
	for _, r := range []struct {
		gauge *prometheus.GaugeVec
		ratio production.Ratio
	}{{m.oee, l.KPI.OEEIndex}, {m.availability, l.KPI.Availability}, {m.performance, l.KPI.Effectiveness}, {m.quality, l.KPI.QualityRatio}} {
		if !r.ratio.OK {
			r.gauge.DeleteLabelValues(labels...)
			continue
		}
		r.gauge.WithLabelValues(labels...).Set(r.ratio.Value)
	}
	m.good.WithLabelValues(labels...).Set(float64(l.Good()))
	m.rejected.WithLabelValues(labels...).Set(float64(l.Reject()))
	m.downtime.WithLabelValues(labels...).Set(l.KPI.Downtime.Float())
	if l.KPI.Rollup == nil {
		return
	}
	for _, n := range l.KPI.Rollup.Neighbours { // the same ones of a line always
		m.between.WithLabelValues(l.Line.Area.Name, l.Line.Name, path.Base(n.From), path.Base(n.To)).Set(n.Difference)
	}
}
