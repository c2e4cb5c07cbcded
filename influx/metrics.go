package influx

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count what the writers do, by area.
type Metrics struct {
	lines, samples, bytes *prometheus.CounterVec
	write                 *prometheus.HistogramVec
	retries               *prometheus.CounterVec
	deadLetters           *prometheus.CounterVec
	dropped               *prometheus.CounterVec
	relearned             *prometheus.CounterVec
	lag                   *prometheus.GaugeVec
	oldest                *prometheus.GaugeVec
	held                  *prometheus.GaugeVec
	waiting               *prometheus.GaugeVec
	rewritten             *prometheus.CounterVec
	rewriteLeft           *prometheus.GaugeVec
}

// NewMetrics makes the collectors and registers them with reg, unless that is
// nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		lines:       counters("written_lines_total", "Lines that InfluxDB took."),
		samples:     counters("written_samples_total", "Samples in messages that are done: in InfluxDB, but for what is counted as dropped or dead."),
		bytes:       counters("written_bytes_total", "Bytes of line protocol that InfluxDB took, before compression."),
		retries:     counters("retries_total", "Requests to be repeated, by what went wrong.", "reason"),
		deadLetters: counters("dead_letters_total", "Lines that InfluxDB refused for good, by reason.", "reason"),
		dropped:     counters("dropped_values_total", "Values that InfluxDB cannot hold or no longer keeps, by reason.", "reason"),
		relearned:   counters("learned_fields_total", "Fields that go elsewhere because the database has them with another type."),
		lag:         gauges("lag_messages", "Messages of the stream not yet in InfluxDB."),
		oldest:      gauges("oldest_unwritten_timestamp_seconds", "Stream time of the oldest message that waits for InfluxDB, 0 when none does."),
		held:        gauges("held", "1 while InfluxDB refuses everything and a person must act."),
		waiting:     gauges("dead_letters_waiting", "Dead letters in the files, for somebody to look at and to write again."),
		rewritten:   counters("rewritten_messages_total", "Messages of the stream that were written again because a person asked for it."),
		rewriteLeft: gauges("rewrite_left_messages", "Messages still to be written again, 0 while nobody asked for it."),
		write: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "andon_influx_write_seconds", Help: "Time that one request to InfluxDB took.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}}, []string{"area"}),
	}
	if reg != nil {
		reg.MustRegister(m.lines, m.samples, m.bytes, m.retries, m.deadLetters, m.dropped, m.relearned, m.lag, m.oldest, m.held, m.write,
			m.waiting, m.rewritten, m.rewriteLeft)
	}
	return m
}

// ofRewriter returns the metrics of a writer that writes messages again beside
// the one that m belongs to: what says how far InfluxDB is stays that one's.
func (m *Metrics) ofRewriter() *Metrics {
	own := NewMetrics(nil)
	own.write, own.retries, own.deadLetters, own.relearned = m.write, m.retries, m.deadLetters, m.relearned
	return own
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_influx_" + name, Help: help}, append([]string{"area"}, labels...))
}

func gauges(name, help string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_influx_" + name, Help: help}, []string{"area"})
}

// count adds the samples of the batch to the metrics.
func (w *Writer) count() {
	area := w.options.Area
	w.metrics.samples.WithLabelValues(area).Add(float64(w.batch.samples))
	dropped := w.encoder.commit()
	w.metrics.dropped.WithLabelValues(area, "not_finite").Add(float64(dropped.notFinite))
	w.metrics.dropped.WithLabelValues(area, "out_of_range").Add(float64(dropped.outOfRange))
}

// countWritten adds lines that InfluxDB took to the metrics.
func (w *Writer) countWritten(v verdict, lines, bytes int) {
	area := w.options.Area
	w.metrics.lines.WithLabelValues(area).Add(float64(max(lines-v.expired, 0)))
	w.metrics.bytes.WithLabelValues(area).Add(float64(bytes))
	if v.expired > 0 {
		w.metrics.dropped.WithLabelValues(area, v.reason).Add(float64(v.expired))
		w.log.Debug("influxdb dropped points beyond its retention policy", "points", v.expired)
	}
}

func (w *Writer) gauge(g *prometheus.GaugeVec, value float64) {
	g.WithLabelValues(w.options.Area).Set(value)
}

// lettersEvery is how often the dead letters are counted.
const lettersEvery = 10 * time.Second

// measureLetters counts the dead letters now and then: people take them away.
func (w *Writer) measureLetters() {
	if time.Since(w.lettersAt) < lettersEvery {
		return
	}
	w.lettersAt = time.Now()
	n, err := w.letters.waiting()
	if err != nil {
		w.log.Debug("dead letters not counted", "err", err)
		return
	}
	w.gauge(w.metrics.waiting, float64(n))
}
