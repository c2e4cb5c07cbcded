package outbox

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what a Worker counts. Labels are bounded by the configured
// contacts.
type Metrics struct {
	messages *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	sending  prometheus.Gauge
	errors   prometheus.Counter
}

// NewMetrics makes the metrics and registers them at reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "andon_outbox_messages_total",
			Help: "Attempts to deliver a message, by what came of them: sent, retry, rejected, expired or no_contact.",
		}, []string{"contact", "result"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "andon_outbox_latency_seconds",
			Help:    "Time from the making of a message until the other side had it.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 5, 30, 300, 3600},
		}, []string{"contact"}),
		sending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "andon_outbox_sending_messages",
			Help: "Messages that are being handed over now.",
		}),
		errors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "andon_outbox_queue_errors_total",
			Help: "Failures to read or mark the queue of messages.",
		}),
	}
	reg.MustRegister(m.messages, m.latency, m.sending, m.errors)
	return m
}
