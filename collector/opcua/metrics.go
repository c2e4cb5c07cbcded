package opcua

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what all Sources of this package count, by source.
type Metrics struct {
	counters   *prometheus.CounterVec   // source, event
	faults     *prometheus.CounterVec   // source, service
	items      *prometheus.GaugeVec     // source, state, reason
	limits     *prometheus.GaugeVec     // source, operation
	reconnects *prometheus.CounterVec   // source, cause
	latency    *prometheus.HistogramVec // source
	servers    serverMetrics
	skew       *prometheus.GaugeVec // source
}

// sourceMetrics are the Metrics of one source.
type sourceMetrics struct {
	all    *Metrics
	source string

	sessions      prometheus.Counter
	transfers     prometheus.Counter
	resubscribed  prometheus.Counter
	reactivated   prometheus.Counter
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
	changes       prometheus.Counter
	gaps          prometheus.Counter
	backfilled    prometheus.Counter

	events, malformed, eventOverflows, refreshes prometheus.Counter

	latency prometheus.Observer
}

// NewMetrics makes the metrics and registers them at reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		counters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "andon_opcua_events_total",
			Help: "What happened in OPC UA sessions: session, reactivated (a session that went on after a cut), transfer (a subscription taken over after a cut), " +
				"resubscribed (one of several subscriptions that ended, followed by another), notification, keep_alive, republished, " +
				"lost (a notification the server no longer had), overflow (a value after which the server's queue lost others), " +
				"type_mismatch, bad_time, unknown_handle, poll, poll_missed, server_change, event (of a condition, or of a refresh), event_malformed, " +
				"event_overflow (the server's queue lost events), refresh (the server was asked for all its conditions), " +
				"gap (a time of which something is missing for good), backfilled (a value read from the server's history).",
		}, []string{"source", "event"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "andon_opcua_faults_total",
			Help: "Requests that the server answered with a fault or not in time.",
		}, []string{"source", "service"}),
		items: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_items",
			Help: "Subscribed and polled nodes by state: ok, pending (not yet asked for), trouble; with the reason of trouble: " +
				"unknown_node, denied, filter, namespace, subscription (the server refuses one more), other.",
		}, []string{"source", "state", "reason"}),
		limits: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_items_per_call",
			Help: "Most items that one call may have, by operation: read, monitor, register.",
		}, []string{"source", "operation"}),
	}
	m.reconnects = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "andon_opcua_reconnects_total",
		Help: "Sessions that ended or could not be made, so that another is tried, by cause: connect, connection, silent, session, subscription, sink, panic, other.",
	}, []string{"source", "cause"})
	m.latency = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "andon_opcua_publish_seconds",
		Help:    "Time from the arrival of a notification until it is on disk, so that it may be acknowledged.",
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5, 30},
	}, []string{"source"})
	m.skew = newSkewGauge()
	reg.MustRegister(m.counters, m.faults, m.items, m.limits, m.reconnects, m.latency, m.skew)
	m.servers = newServerMetrics(reg)
	return m
}

func (m *Metrics) forSource(name string) sourceMetrics {
	event := func(e string) prometheus.Counter { return m.counters.WithLabelValues(name, e) }
	return sourceMetrics{
		all:           m,
		source:        name,
		sessions:      event("session"),
		transfers:     event("transfer"),
		resubscribed:  event("resubscribed"),
		reactivated:   event("reactivated"),
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
		changes:       event("server_change"),
		gaps:          event("gap"),
		backfilled:    event("backfilled"),

		events: event("event"), malformed: event("event_malformed"), eventOverflows: event("event_overflow"), refreshes: event("refresh"),

		latency: m.latency.WithLabelValues(name),
	}
}

func (m sourceMetrics) fault(service string) {
	m.all.faults.WithLabelValues(m.source, service).Inc()
}

func (m sourceMetrics) reconnect(cause string) {
	m.all.reconnects.WithLabelValues(m.source, cause).Inc()
}

func (m sourceMetrics) setItems(state, reason string, n int) {
	m.all.items.WithLabelValues(m.source, state, reason).Set(float64(n))
}

func (m sourceMetrics) setLimit(operation string, n int) {
	m.all.limits.WithLabelValues(m.source, operation).Set(float64(n))
}
