package collector

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what the Supervisor counts, by source.
type Metrics struct {
	up       *prometheus.GaugeVec
	failures *prometheus.CounterVec
	panics   *prometheus.CounterVec
	samples  *prometheus.CounterVec
	refused  *prometheus.CounterVec
	put      *prometheus.HistogramVec
}

// NewMetrics makes the metrics and registers them at reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"source"})
	}
	m := &Metrics{
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_collector_up",
			Help: "1 while data can flow from the source.",
		}, []string{"source"}),
		failures: counter("andon_collector_failures_total", "Sessions that ended or could not be made."),
		panics:   counter("andon_collector_panics_total", "Failures that were panics; each is a bug."),
		samples:  counter("andon_collector_samples_total", "Samples that the bus took."),
		refused:  counter("andon_collector_refused_batches_total", "Batches that the bus did not take."),
		put: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "andon_collector_put_seconds",
			Help:    "Time that the bus took to have a batch on disk.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5, 30},
		}, []string{"source"}),
	}
	reg.MustRegister(m.up, m.failures, m.panics, m.samples, m.refused, m.put)
	return m
}
