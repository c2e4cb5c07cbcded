package influx_test

import (
	"strings"
	"testing"

	"andon/influx"
)

func TestDefaultConfigurationIsValid(t *testing.T) {
	if err := influx.DefaultConfig().Validate().Err(); err != nil {
		t.Errorf("default configuration: got %v", err)
	}
}

func TestConfigurationProblemsAreAllNamed(t *testing.T) {
	c := influx.DefaultConfig()
	c.URL = "influxdb:8086"
	c.Bucket = "plant/"
	c.Token, c.TokenFile = "secret", "token.txt"
	c.Username, c.Password = "andon", ""
	c.BatchLines = 0
	c.FlushInterval = 0
	c.Timeout = 0
	c.Backoff.Initial, c.Backoff.Max = 0, -1
	c.DeadLetter.MaxBytes = 1
	var got []string
	for _, p := range c.Validate() {
		got = append(got, p.Path)
	}
	want := "url bucket token token username batch_lines flush_interval timeout backoff.initial backoff.max dead_letter.max_bytes"
	if strings.Join(got, " ") != want {
		t.Errorf("paths: got  %v\nwant %v", got, want)
	}
}

func TestCredentialsInTheAddressAreRefused(t *testing.T) {
	c := influx.DefaultConfig()
	c.URL = "http://andon:secret@127.0.0.1:8086"
	err := c.Validate().Err()
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want a problem that does not repeat the secret", err)
	}
}
