package bus

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the bus does, by area.
type Metrics struct {
	messages  *prometheus.CounterVec // published, by kind too
	samples   *prometheus.CounterVec
	bytes     *prometheus.CounterVec
	commit    *prometheus.HistogramVec
	waiting   *prometheus.GaugeVec
	retries   *prometheus.CounterVec
	oversized *prometheus.CounterVec
	unrouted  prometheus.Counter

	decodeErrors *prometheus.CounterVec
	skipped      *prometheus.CounterVec
	damaged      *prometheus.CounterVec
	read         *prometheus.CounterVec
	restarts     prometheus.Counter

	streamBytes    *prometheus.GaugeVec
	streamMessages *prometheus.GaugeVec
	streamFirst    *prometheus.GaugeVec
	streamLast     *prometheus.GaugeVec
}

// NewMetrics makes the collectors and registers them with reg, unless that is
// nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		messages:     counters("published_messages_total", "Messages acknowledged by the stream.", "area", "kind"),
		samples:      counters("published_samples_total", "Samples acknowledged by the stream.", "area"),
		bytes:        counters("published_bytes_total", "Encoded bytes acknowledged by the stream.", "area"),
		waiting:      gauges("puts_waiting", "Puts that wait for the stream to have their samples on disk."),
		retries:      counters("publish_retries_total", "Messages published again for want of an acknowledgement.", "area"),
		oversized:    counters("oversized_texts_total", "Text values dropped because they were too long.", "area"),
		decodeErrors: counters("decode_errors_total", "Messages of the stream that could not be read.", "area"),
		skipped:      counters("skipped_messages_total", "Messages that retention removed before they were read, by who did not read them.", "area", "reader"),
		damaged:      counters("damaged_messages_total", "Messages that a reader did not get because a file of the stream is damaged.", "area"),
		read:         counters("read_messages_total", "Messages handed to readers.", "area"),
		unrouted: prometheus.NewCounter(prometheus.CounterOpts{Name: "andon_bus_unrouted_contacts_total",
			Help: "Contacts of sources that read no equipment, and gaps of places that the plant does not have."}),
		restarts: prometheus.NewCounter(prometheus.CounterOpts{Name: "andon_bus_server_restarts_total",
			Help: "Times our own NATS server was started again because it took no messages."}),
		streamBytes:    gauges("stream_bytes", "Bytes in the stream."),
		streamMessages: gauges("stream_messages", "Messages in the stream."),
		streamFirst:    gauges("stream_first_position", "Position of the first message left in the stream."),
		streamLast:     gauges("stream_last_position", "Position of the last message of the stream."),
	}
	m.commit = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "andon_bus_commit_duration_seconds",
		Help:    "Time from publishing a message to its acknowledgement, with all retries.",
		Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16)}, []string{"area"})
	if reg != nil {
		reg.MustRegister(m.messages, m.samples, m.bytes, m.commit, m.waiting, m.retries, m.oversized, m.unrouted,
			m.decodeErrors, m.skipped, m.damaged, m.read, m.restarts, m.streamBytes, m.streamMessages, m.streamFirst, m.streamLast)
	}
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_bus_" + name, Help: help}, labels)
}

func gauges(name, help string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_bus_" + name, Help: help}, []string{"area"})
}
