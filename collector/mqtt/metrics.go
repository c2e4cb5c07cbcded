package mqtt

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what all MQTT sources do, by source.
type Metrics struct {
	messages *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	samples  *prometheus.CounterVec
	rejected *prometheus.CounterVec
	queued   *prometheus.GaugeVec
}

// NewMetrics makes the metrics and registers them with reg, unless that is
// nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"source"}, labels...))
	}
	m := &Metrics{
		messages: counter("andon_mqtt_messages_total", "Messages that came from the broker."),
		bytes:    counter("andon_mqtt_payload_bytes_total", "Bytes of their payloads."),
		samples:  counter("andon_mqtt_samples_total", "Samples that the bus took from them."),
		rejected: counter("andon_mqtt_rejected_total", "Messages, or values in them, that could not be taken, by reason.", "reason"),
		queued: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_mqtt_queued_messages",
			Help: "Messages waiting for the bus."}, []string{"source"}),
	}
	if reg != nil {
		reg.MustRegister(m.messages, m.bytes, m.samples, m.rejected, m.queued)
	}
	return m
}

// sourceMetrics are the Metrics of one source, looked up once.
type sourceMetrics struct {
	messages, bytes, samples prometheus.Counter
	rejected                 [reasonCount]prometheus.Counter
	queued                   prometheus.Gauge
}

func (m *Metrics) of(source string) sourceMetrics {
	s := sourceMetrics{
		messages: m.messages.WithLabelValues(source),
		bytes:    m.bytes.WithLabelValues(source),
		samples:  m.samples.WithLabelValues(source),
		queued:   m.queued.WithLabelValues(source),
	}
	for r := reasonNone + 1; r < reasonCount; r++ {
		s.rejected[r] = m.rejected.WithLabelValues(source, r.String())
	}
	return s
}
