package opcua

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what all Sources of this package count, by source.
type Metrics struct {
	counters *prometheus.CounterVec // source, event
	faults   *prometheus.CounterVec // source, service
	items    *prometheus.GaugeVec   // source, state
	limits   *prometheus.GaugeVec   // source, operation
}

// sourceMetrics are the Metrics of one source.
type sourceMetrics struct {
	all    *Metrics
	source string

	sessions      prometheus.Counter
	transfers     prometheus.Counter
	notifications prometheus.Counter
	keepAlives    prometheus.Counter
	republished   prometheus.Counter
	lost          prometheus.Counter
	overflows     prometheus.Counter
	mismatches    prometheus.Counter
	badTimes      prometheus.Counter
	unknown       prometheus.Counter
	polls         prometheus.Counter
	pollsMissed   prometheus.Counter
}

// NewMetrics makes the metrics and registers them at reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		counters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "andon_opcua_events_total",
			Help: "What happened in OPC UA sessions: session, transfer (a subscription taken over after a cut), notification, keep_alive, republished, " +
				"lost (a notification the server no longer had), overflow (a value after which the server's queue lost others), " +
				"type_mismatch, bad_time, unknown_handle, poll, poll_missed.",
		}, []string{"source", "event"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "andon_opcua_faults_total",
			Help: "Requests that the server answered with a fault or not in time.",
		}, []string{"source", "service"}),
		items: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_items",
			Help: "Subscribed tags by state: ok, unknown_node, denied, filter, namespace, other.",
		}, []string{"source", "state"}),
		limits: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_items_per_call",
			Help: "Most items that one call may have, by operation: read, monitor.",
		}, []string{"source", "operation"}),
	}
	reg.MustRegister(m.counters, m.faults, m.items, m.limits)
	return m
}

func (m *Metrics) forSource(name string) sourceMetrics {
	event := func(e string) prometheus.Counter { return m.counters.WithLabelValues(name, e) }
	return sourceMetrics{
		all:           m,
		source:        name,
		sessions:      event("session"),
		transfers:     event("transfer"),
		notifications: event("notification"),
		keepAlives:    event("keep_alive"),
		republished:   event("republished"),
		lost:          event("lost"),
		overflows:     event("overflow"),
		mismatches:    event("type_mismatch"),
		badTimes:      event("bad_time"),
		unknown:       event("unknown_handle"),
		polls:         event("poll"),
		pollsMissed:   event("poll_missed"),
	}
}

func (m sourceMetrics) fault(service string) {
	m.all.faults.WithLabelValues(m.source, service).Inc()
}

func (m sourceMetrics) setItems(state string, n int) {
	m.all.items.WithLabelValues(m.source, state).Set(float64(n))
}

func (m sourceMetrics) setLimit(operation string, n int) {
	m.all.limits.WithLabelValues(m.source, operation).Set(float64(n))
}
