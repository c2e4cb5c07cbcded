package opcua

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// serverMetrics are what is known of the servers themselves, by source.
type serverMetrics struct {
	expiry *prometheus.GaugeVec // source, certificate
	levels *prometheus.GaugeVec // source, endpoint
	used   *prometheus.GaugeVec // source, endpoint
}

func newServerMetrics(reg prometheus.Registerer) serverMetrics {
	m := serverMetrics{
		expiry: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_certificate_expires_timestamp_seconds",
			Help: "When a certificate of the last session ends, in Unix time: own, user, server.",
		}, []string{"source", "certificate"}),
		levels: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_service_level",
			Help: "Last known service level, 0 to 255, of each server of a source with several; -1 when it could not be reached.",
		}, []string{"source", "endpoint"}),
		used: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_server_in_use",
			Help: "1 for the server that a source with several takes its values from, 0 for the others.",
		}, []string{"source", "endpoint"}),
	}
	reg.MustRegister(m.expiry, m.levels, m.used)
	return m
}

func (m sourceMetrics) setExpiry(whose string, until time.Time) {
	m.all.servers.expiry.WithLabelValues(m.source, whose).Set(float64(until.Unix()))
}

// setServer shows what is known of one of several servers.
func (m sourceMetrics) setServer(v *server, used bool) {
	level, in := float64(v.level), 0.0
	if v.fitness == away {
		level = -1
	}
	if used {
		in = 1
	}
	m.all.servers.levels.WithLabelValues(m.source, v.address).Set(level)
	m.all.servers.used.WithLabelValues(m.source, v.address).Set(in)
}
