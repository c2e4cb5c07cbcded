package opcua_test

import (
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/collector/opcua"
	"andon/plant"
)

// valid is the least that a user writes.
func valid() opcua.Config {
	c := opcua.DefaultConfig()
	c.Endpoint = "opc.tcp://press.northfield:4840"
	c.Security.Trusted = "pki/trusted"
	return c
}

func TestTheLeastConfigurationIsValid(t *testing.T) {
	if got := valid().Validate(); got != nil {
		t.Errorf("problems: got %v, want none", got)
	}
}

func TestConfigurationMistakesAreNamedByTheirPath(t *testing.T) {
	mistakes(t, map[string]func(*opcua.Config){
		"endpoint":                  func(c *opcua.Config) { c.Endpoint = "http://press:4840" },
		"security.policy":           func(c *opcua.Config) { c.Security.Policy = "Basic128Rsa15" },
		"security.mode":             func(c *opcua.Config) { c.Security.Mode = "None" },
		"security.trusted":          func(c *opcua.Config) { c.Security.Trusted = "" },
		"security.insecure":         func(c *opcua.Config) { c.Security = opcua.Security{Policy: "None"} },
		"security.cert_file":        func(c *opcua.Config) { c.Security.CertificateFile = "own.pem" },
		"auth.password":             func(c *opcua.Config) { c.Auth.Username = "andon" },
		"auth.username":             func(c *opcua.Config) { c.Auth.Password = "geheim" },
		"auth.anonymous":            func(c *opcua.Config) { c.Auth = opcua.Auth{Anonymous: true, Username: "andon", Password: "geheim"} },
		"auth.cert_file":            func(c *opcua.Config) { c.Auth.CertificateFile = "user.pem" },
		"publishing_interval":       func(c *opcua.Config) { c.PublishingInterval = time.Microsecond },
		"sampling_interval":         func(c *opcua.Config) { c.SamplingInterval = -1 },
		"queue_size":                func(c *opcua.Config) { c.QueueSize = 0 },
		"deadband.absolute":         func(c *opcua.Config) { c.Deadband.Absolute = -1 },
		"events.notifier":           func(c *opcua.Config) { c.Events = &opcua.Events{Notifier: "part=[0];i=2253"} },
		"events.types[1]":           func(c *opcua.Config) { c.Events = &opcua.Events{Types: []string{"i=2915", "timestamp=server;i=2915"}} },
		"deadband.percent":          func(c *opcua.Config) { c.Deadband.Percent = 101 },
		"keep_alive":                func(c *opcua.Config) { c.KeepAlive = time.Millisecond },
		"max_items_per_call":        func(c *opcua.Config) { c.MaxItemsPerCall = 0 },
		"request_timeout":           func(c *opcua.Config) { c.RequestTimeout = 0 },
		"item_retry":                func(c *opcua.Config) { c.ItemRetry = 0 },
		"time_window.past":          func(c *opcua.Config) { c.TimeWindow.Past = 0 },
		"time_window.future":        func(c *opcua.Config) { c.TimeWindow.Future = 0 },
		"history.values_per_second": func(c *opcua.Config) { c.History.ValuesPerSecond = 0 },
		"discard":                   func(c *opcua.Config) { c.Discard = "all" },
	})
}

func TestMistakesInGroupsAreNamedByTheirPath(t *testing.T) {
	mistakes(t, map[string]func(*opcua.Config){
		"groups[0].tags": func(c *opcua.Config) { c.Groups = []opcua.Group{{QueueSize: 1}} },
		"groups[0].publishing_interval": func(c *opcua.Config) {
			c.Groups = []opcua.Group{{Tags: "**", PublishingInterval: time.Hour}}
		},
		"groups[0].sampling_interval": func(c *opcua.Config) {
			d := -time.Second
			c.Groups = []opcua.Group{{Tags: "**", SamplingInterval: &d}}
		},
		"groups[0].discard": func(c *opcua.Config) { c.Groups = []opcua.Group{{Tags: "**", Discard: "first"}} },
		"groups[0].deadband.percent": func(c *opcua.Config) {
			c.Groups = []opcua.Group{{Tags: "**", Deadband: &opcua.Deadband{Percent: math.NaN()}}}
		},
		"groups": func(c *opcua.Config) {
			for i := range 16 {
				c.Groups = append(c.Groups, opcua.Group{Tags: "**", PublishingInterval: time.Duration(i+1) * time.Second})
			}
		},
		"polled[0].tags":     func(c *opcua.Config) { c.Polled = []opcua.Poll{{Interval: time.Second}} },
		"polled[0].interval": func(c *opcua.Config) { c.Polled = []opcua.Poll{{Tags: "**"}} },
	})
}

// mistakes makes one at a time, each of which must be named by its path.
func mistakes(t *testing.T, list map[string]func(*opcua.Config)) {
	t.Helper()
	for path, change := range list {
		c := valid()
		change(&c)
		got := c.Validate()
		if len(got) != 1 || got[0].Path != path {
			t.Errorf("%s: got problems %v, want one there", path, got)
		}
	}
}

func TestEveryPolicyButTheDeprecatedIsAValidOne(t *testing.T) {
	for _, policy := range []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"} {
		c := valid()
		c.Security.Policy = policy
		c.Auth = opcua.Auth{CertificateFile: "user.pem", KeyFile: "user.key"}
		if got := c.Validate(); got != nil {
			t.Errorf("%s: got problems %v, want none", policy, got)
		}
	}
}

func TestAUserIsOneOfThreeKinds(t *testing.T) {
	for name, auth := range map[string]opcua.Auth{
		"a name and a certificate":     {Username: "andon", Password: "geheim", CertificateFile: "user.pem", KeyFile: "user.key"},
		"a certificate and anonymous":  {Anonymous: true, CertificateFile: "user.pem", KeyFile: "user.key"},
		"a certificate and a password": {Password: "geheim", CertificateFile: "user.pem", KeyFile: "user.key"},
	} {
		c := valid()
		c.Auth = auth
		if got := c.Validate(); len(got) != 1 || !strings.HasPrefix(got[0].Path, "auth.") {
			t.Errorf("%s: got problems %v, want one in auth", name, got)
		}
	}
}

func TestEveryTagWithABadAddressIsNamed(t *testing.T) {
	c := valid()
	tags := []*plant.Tag{{Path: "a/b/c/d/one", Address: "x"}, {Path: "a/b/c/d/two", Address: "ns=2;s=Two"}, {Path: "a/b/c/d/three"}}
	_, err := opcua.New(opcua.Options{Config: c, Name: "press", Tags: tags, Log: slog.New(slog.DiscardHandler), Metrics: opcua.NewMetrics(prometheus.NewRegistry())})
	if err == nil || !strings.Contains(err.Error(), "one") || strings.Contains(err.Error(), "two") || !strings.Contains(err.Error(), "three") {
		t.Errorf("New: got error %v, want one that names one and three", err)
	}
}
