package bus_test

import (
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"andon/bus"
)

func TestDefaultConfigRuns(t *testing.T) {
	if err := bus.DefaultConfig().Validate().Err(); err != nil {
		t.Errorf("got %v, want no problem", err)
	}
}

func TestConfigIsReadFromYAML(t *testing.T) {
	c := bus.DefaultConfig()
	err := yaml.UnmarshalWithOptions([]byte(`
dir: /var/lib/andon/bus
max_age: 48h
max_bytes: 1073741824
gather: 2ms
dedupe_window: 1m
username: tail
password: s3cret
listen: 127.0.0.1:4222
mqtt:
  listen: :1883
  username: line
  password_file: /etc/andon/mqtt
`), &c, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	want := bus.DefaultConfig()
	want.Dir, want.MaxAge, want.MaxBytes, want.Gather, want.DedupeWindow = "/var/lib/andon/bus", 48*time.Hour, 1<<30, 2*time.Millisecond, time.Minute
	want.User, want.Password, want.Listen = "tail", "s3cret", "127.0.0.1:4222"
	want.MQTT = bus.MQTTConfig{Listen: ":1883", User: "line", PasswordFile: "/etc/andon/mqtt"}
	if c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if err := c.Validate().Err(); err != nil {
		t.Errorf("got %v, want no problem", err)
	}
}

func TestEveryProblemOfAConfigIsNamed(t *testing.T) {
	for path, spoil := range map[string]func(*bus.Config){
		"listen":        func(c *bus.Config) { c.Listen, c.User, c.Password = "0.0.0.0:4222", "a", "b" },
		"username":      func(c *bus.Config) { c.Listen = "127.0.0.1:4222" },
		"max_age":       func(c *bus.Config) { c.MaxAge, c.DedupeWindow = 0, 0 },
		"max_bytes":     func(c *bus.Config) { c.MaxBytes = -1 },
		"gather":        func(c *bus.Config) { c.Gather = time.Second },
		"dedupe_window": func(c *bus.Config) { c.DedupeWindow = c.MaxAge + 1 },
		"replicas":      func(c *bus.Config) { c.Replicas = 3 },
		"tls":           func(c *bus.Config) { c.TLS.CA = "ca.pem" },
		"tls.cert_file": func(c *bus.Config) { c.URL, c.TLS.Key = "nats://a:4222", "key.pem" },
		"password":      func(c *bus.Config) { c.Password, c.PasswordFile = "a", "b" },
		"mqtt.listen":   func(c *bus.Config) { c.MQTT.Listen = "1883" },
		"mqtt.password": func(c *bus.Config) { c.MQTT.User = "line" },
		"url":           func(c *bus.Config) { c.URL = "nats://user:pass@a:4222" },
	} {
		c := bus.DefaultConfig()
		spoil(&c)
		found := false
		for _, p := range c.Validate() {
			found = found || p.Path == path
		}
		if !found {
			t.Errorf("got %v, want a problem at %s", c.Validate(), path)
		}
	}
}
