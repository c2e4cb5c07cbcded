package opcua

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// serverMetrics are what is known of the servers themselves, by source.
type serverMetrics struct {
	expiry *prometheus.GaugeVec // source, certificate
}

func newServerMetrics(reg prometheus.Registerer) serverMetrics {
	m := serverMetrics{
		expiry: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_certificate_expires_timestamp_seconds",
			Help: "When a certificate of the last session ends, in Unix time: own, user, server.",
		}, []string{"source", "certificate"}),
	}
	reg.MustRegister(m.expiry)
	return m
}

func (m sourceMetrics) setExpiry(whose string, until time.Time) {
	m.all.servers.expiry.WithLabelValues(m.source, whose).Set(float64(until.Unix()))
}
