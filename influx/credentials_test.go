package influx_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant/setting"
)

func TestCredentialsAndBucketGoIntoTheRequest(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*influx.Config)
		want influxtest.Request
	}{
		{"InfluxDB 2 with a token in a file", func(c *influx.Config) {
			c.Org, c.Bucket, c.TokenFile = "plant org", "telemetry", setting.File(tempFile(t, "s3cret\n"))
			c.Gzip = influx.CompressOn
		}, influxtest.Request{Org: "plant org", Bucket: "telemetry", Authorization: "Token s3cret", Encoding: "gzip"}},
		{"InfluxDB 1.8 with a password", func(c *influx.Config) {
			c.Bucket, c.Username, c.Password = "plant/year", "andon", "pass"
		}, influxtest.Request{Bucket: "plant/year", Authorization: "Token andon:pass"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := influxtest.NewServer(t)
			cfg := config(t, server.URL)
			c.set(&cfg)
			s := newStream()
			s.samples(speeds(t, 0, 3)...)
			run(t, s, cfg).written(1)
			got := server.Requests()[0]
			got.Time, got.Bytes = time.Time{}, 0
			c.want.Status, c.want.Lines, c.want.Precision = 204, 3, "ns"
			if got != c.want {
				t.Errorf("request:\ngot  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func tempFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
