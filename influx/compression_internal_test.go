package influx

import "testing"

func TestInfluxDBOnTheSameMachineGetsItsRequestsPlain(t *testing.T) {
	for _, c := range []struct {
		gzip, url string
		want      bool
	}{
		{"auto", "http://127.0.0.1:8086", false},
		{"auto", "http://127.1.2.3:8086", false},
		{"auto", "http://[::1]:8086", false},
		{"auto", "http://LocalHost:8086", false},
		{"auto", "https://influxdb.plant.example:8086", true},
		{"auto", "http://influxdb:8086", true},
		{"auto", "http://10.0.0.7:8086", true},
		{"on", "http://127.0.0.1:8086", true},
		{"off", "http://10.0.0.7:8086", false},
		{"true", "http://127.0.0.1:8086", true},
		{"false", "http://10.0.0.7:8086", false},
	} {
		cfg := DefaultConfig()
		cfg.URL = c.url
		if err := cfg.Gzip.UnmarshalText([]byte(c.gzip)); err != nil {
			t.Errorf("gzip: %s: %v", c.gzip, err)
		}
		if got := cfg.compresses(); got != c.want || cfg.Validate().Err() != nil {
			t.Errorf("gzip: %s of %s: got %v, want %v (%v)", c.gzip, c.url, got, c.want, cfg.Validate().Err())
		}
	}
	var c Compression
	if err := c.UnmarshalText([]byte("zstd")); err == nil || c != "" {
		t.Errorf("gzip: zstd: got %q and no error", c)
	}
}
