package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the server does.
type Metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	clients  prometheus.Gauge
	events   *prometheus.CounterVec
	refused  *prometheus.CounterVec
}

// NewMetrics registers the server's collectors with reg. Routes are patterns,
// never addresses as asked for, so labels stay few.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_web_requests_total",
			Help: "Answered requests by route and status class."}, []string{"route", "class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "andon_web_request_duration_seconds",
			Help: "Time to answer, live events not counted.", Buckets: []float64{.001, .005, .025, .1, .5, 2, 10}}, []string{"route"}),
		clients: prometheus.NewGauge(prometheus.GaugeOpts{Name: "andon_web_event_clients",
			Help: "Pages and programs that listen to live events now."}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_web_events_sent_total",
			Help: "Live events sent by kind."}, []string{"event"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "andon_web_requests_refused_total",
			Help: "Requests refused by reason."}, []string{"reason"}),
	}
	reg.MustRegister(m.requests, m.duration, m.clients, m.events, m.refused)
	return m
}

// noRoute is the route of addresses that lead nowhere.
const noRoute = "none"

func (m *Metrics) answered(route string, status int, took time.Duration, live bool) {
	m.requests.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Inc()
	if !live {
		m.duration.WithLabelValues(route).Observe(took.Seconds())
	}
}
