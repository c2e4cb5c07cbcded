package influx_test

import (
	"testing"

	"andon/influx/influxtest"
)

// InfluxDB is back after an outage but lets andon not read, or has no database
// yet; and the area is quiet. Nothing is wrong with it any more.
func TestAQuietAreaIsWellOnceInfluxDBAnswers(t *testing.T) {
	server := influxtest.NewServer(t)
	server.RefuseQueries(503, 503, 401)
	w := run(t, newStream(), config(t, server.URL))
	eventually(t, "the queries were answered", func() bool { return server.Queries() == 3 })
	eventually(t, "the area is well", func() bool { return w.Healthy() == nil })
}
