package engine

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the engine's counters and gauges, one label each: the area.
type Metrics struct {
	messages  *prometheus.CounterVec
	samples   *prometheus.CounterVec
	commits   *prometheus.CounterVec
	failures  *prometheus.CounterVec
	commit    *prometheus.HistogramVec
	lag       *prometheus.GaugeVec
	shift     shiftMetrics
	snapshots *prometheus.CounterVec
	leftOut   *prometheus.CounterVec
	revisions prometheus.Counter
	unused    *prometheus.CounterVec // by reason
	quality   *prometheus.CounterVec // by kind
}

// NewMetrics registers the engine's metrics with reg.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	area := []string{"area"}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_engine_" + name, Help: help}, area)
	}
	by := func(label, name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_engine_" + name, Help: help}, []string{"area", label})
	}
	m := &Metrics{
		messages:  counter("messages_total", "Messages of the stream taken."),
		samples:   counter("samples_total", "Samples in these messages."),
		commits:   counter("commits_total", "Transactions written to the records."),
		failures:  counter("commit_failures_total", "Transactions that failed and are tried again."),
		snapshots: counter("snapshots_total", "Snapshots of the engine's state written."),
		leftOut:   counter("points_left_out_total", "Commits with derived points that are too long for the stream and were left out."),
		revisions: prometheus.NewCounter(prometheus.CounterOpts{Name: "andon_engine_kpi_revisions_total",
			Help: "Revisions of KPIs written to the records."}),
		unused: by("reason", "samples_unused_total", "Samples that stops, counts and KPIs could not use: too late, too early, "+
			"told before, a count that is no whole number, or of a tag that the area does not have."),
		quality: by("kind", "data_quality_events_total", "What makes data less sure: resets, rollovers and glitches of counters, minutes with units "+
			"counted while the equipment did not run, hours in which neighbours do not agree about the units between them."),
		commit: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "andon_engine_commit_duration_seconds",
			Help: "Time to write one transaction.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 7)}, area),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "andon_engine_lag_seconds",
			Help: "Age of the last message taken when it was taken."}, area),
		shift: newShiftMetrics(),
	}
	reg.MustRegister(m.messages, m.samples, m.commits, m.failures, m.snapshots, m.leftOut, m.revisions, m.unused, m.quality, m.commit, m.lag)
	reg.MustRegister(m.shift.all()...)
	return m
}
