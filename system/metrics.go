package system

import "github.com/prometheus/client_golang/prometheus"

// Metrics show what the Watcher found.
type Metrics struct {
	active *prometheus.GaugeVec
}

// NewMetrics registers the metrics with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{active: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_system_condition_active",
		Help: "1 while a condition of andon itself holds, with its delays."}, []string{"subject", "rule"})}
	reg.MustRegister(m.active)
	return m
}
