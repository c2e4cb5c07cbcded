package opcua_test

import (
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"andon/collector/opcua"
)

// wholeFile has every key once.
const wholeFile = `
endpoint: opc.tcp://press.northfield:4840
security:
  policy: Basic256Sha256
  mode: Sign
  cert_file: own.pem
  key_file: own.key
  trusted: pki/trusted
  allow_expired: true
  require_crl: true
auth: {username: andon, password: geheim}
publishing_interval: 500ms
sampling_interval: 100ms
queue_size: 20
deadband: {absolute: 0.5, percent: 1}
keep_alive: 5s
max_items_per_call: 200
request_timeout: 20s
item_retry: 30s
time_window: {past: 48h, future: 1m}
history: {backfill: false, values_per_second: 100}
discard: newest
groups:
  - {tags: "northfield/*/*/*/energy", publishing_interval: 1s, sampling_interval: 0s, queue_size: 5, discard: oldest, deadband: {}}
  - {tags: "northfield/**", publishing_interval: 2s}
polled:
  - {tags: "northfield/packing/**", interval: 10s}
`

func TestAConfigurationFileIsReadStrictly(t *testing.T) {
	c := opcua.DefaultConfig()
	if err := yaml.UnmarshalWithOptions([]byte(wholeFile), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if got := c.Validate(); got != nil {
		t.Errorf("problems: got %v, want none", got)
	}
	if c.KeepAlive != 5*time.Second || c.QueueSize != 20 || c.Auth.Password.Reveal() != "geheim" || c.Polled[0].Interval != 10*time.Second || c.TimeWindow.Past != 48*time.Hour {
		t.Errorf("configuration: got %+v", c)
	}
	if c.History != (opcua.History{ValuesPerSecond: 100}) {
		t.Errorf("history: got %+v", c.History)
	}
	if g := c.Groups; len(g) != 2 || g[0].PublishingInterval != time.Second || *g[0].SamplingInterval != 0 || *g[0].Deadband != (opcua.Deadband{}) || g[1].Deadband != nil {
		t.Errorf("groups: got %+v", g)
	}
	if err := yaml.UnmarshalWithOptions([]byte("keepalive: 5s"), &c, yaml.Strict()); err == nil {
		t.Error("unknown key: got no error")
	}
}
