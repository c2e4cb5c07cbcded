package mqtt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"andon/collector/mqtt"
	"andon/plant"
	"andon/plant/setting"
)

func problems(p setting.Problems) string {
	var out []string
	for _, x := range p {
		out = append(out, x.Error())
	}
	return strings.Join(out, "\n")
}

func TestEachMistakeInTheConfigurationIsNamed(t *testing.T) {
	two := 2
	for _, c := range []struct {
		change func(*mqtt.Config)
		want   string
	}{
		{func(c *mqtt.Config) { c.URL = "broker:1883" }, "url: want tcp://, ssl://, ws:// or wss:// with a host, such as tcp://broker:1883"},
		{func(c *mqtt.Config) { c.URL = "tcp://broker:99999" }, "url: want tcp://, ssl://, ws:// or wss:// with a host, such as tcp://broker:1883"},
		{func(c *mqtt.Config) { c.URL = "tcp://me:secret@broker" }, "url: want no user in it; use username and password_file"},
		{func(c *mqtt.Config) { c.TLS.CAFile = "ca.pem" }, "url: want ssl:// or wss://, as tls is set"},
		{func(c *mqtt.Config) { c.Password = "x" }, "username: want a name, as there is a password"},
		{func(c *mqtt.Config) { c.Username, c.Password, c.PasswordFile = "u", "x", "y" }, "password_file: want password or password_file, not both"},
		{func(c *mqtt.Config) { c.URL, c.TLS.CertFile = "ssl://broker", "x" }, "tls.cert_file: want cert_file and key_file together"},
		{func(c *mqtt.Config) { c.ClientID = "a/b" }, "client_id: want at most 256 characters without + # /"},
		{func(c *mqtt.Config) { c.KeepAlive = 0 }, "keep_alive: want a duration from 1s to 18h"},
		{func(c *mqtt.Config) { c.ConnectTimeout = 0 }, "connect_timeout: want a duration above 0, such as 10s"},
		{func(c *mqtt.Config) { c.MaxInflight = 0 }, "max_inflight: want a number from 1 to 65535"},
		{func(c *mqtt.Config) { c.MaxPayload = 0 }, "max_payload: want a number of bytes from 1 to 67108864"},
		{func(c *mqtt.Config) { c.Subscriptions = append(c.Subscriptions, c.Subscriptions[0]) },
			"subscriptions[1].topic: want a topic filter used once; +/+/+/+/count is that of subscriptions[0] too"},
		{first(func(s *mqtt.Subscription) { s.Topic = "a/{device}" }),
			"subscriptions[0].topic: want whole levels of {site}, {area}, {line}, {equipment}, {tag} or +, and # at the end, not \"{device}\""},
		{first(func(s *mqtt.Subscription) { s.Topic = "{equipment}/count" }),
			"subscriptions[0].topic: want {area} in it, place.area or equipment\nsubscriptions[0].topic: want {line} in it, place.line or equipment"},
		{first(func(s *mqtt.Subscription) { s.Place.Line = "lineA" }), "subscriptions[0].place.line: want {line} in the topic or a fixed one, not both"},
		{first(func(s *mqtt.Subscription) { s.Equipment = "A3" }), "subscriptions[0].equipment: want site/area/line/equipment, not \"A3\""},
		{first(func(s *mqtt.Subscription) { s.QoS = &two }), "subscriptions[0].qos: want 0 or 1"},
		{first(func(s *mqtt.Subscription) { s.Payload = "xml" }),
			"subscriptions[0].payload: want json, scalar or status, not \"xml\"\nsubscriptions[0].payload: want json, as time, time_format, tags or value is set"},
		{first(func(s *mqtt.Subscription) { *s = mqtt.Subscription{Topic: s.Topic, Payload: mqtt.PayloadScalar} }),
			"subscriptions[0].topic: want {tag} in it, or place.tag, as a scalar is the value of one tag"},
		{first(func(s *mqtt.Subscription) { s.TimeFormat = "iso" }),
			"subscriptions[0].time_format: want one of unix_ms, unix, unix_us, unix_ns, rfc3339, or nothing to find out"},
		{first(func(s *mqtt.Subscription) { s.Time = "" }), "subscriptions[0].time: want the path of the time stamp, as time_format is set"},
		{first(func(s *mqtt.Subscription) { s.Tags["total"] = "a..b" }),
			`subscriptions[0].tags.total: want a path such as total, counts.reject or lines[0].total, with \ before a dot or bracket that belongs to a name`},
		{first(func(s *mqtt.Subscription) { s.Tags["total"] = "" }), "subscriptions[0].tags.total: want the path of its value"},
		{first(func(s *mqtt.Subscription) { s.Place.Tag = "total" }), "subscriptions[0].tags: want no tags, as the place has a tag; use value"},
		{first(func(s *mqtt.Subscription) { s.Value = "v" }), "subscriptions[0].value: want a tag in the place, or tags in place of value"},
		{first(func(s *mqtt.Subscription) { s.Online = []string{"1"} }), "subscriptions[0].payload: want status, as online or offline is set"},
	} {
		s := counts
		s.Tags = map[string]string{"total": "total"}
		good := config("tcp://broker", s)
		c.change(&good)
		if got := problems(good.Validate()); got != c.want {
			t.Errorf("got problems\n%s\nwant\n%s", got, c.want)
		}
	}
}

func first(change func(*mqtt.Subscription)) func(*mqtt.Config) {
	return func(c *mqtt.Config) { change(&c.Subscriptions[0]) }
}

func TestPlacesThatTheTreeHasNotAreFoundBeforeTheStart(t *testing.T) {
	for _, c := range []struct {
		config mqtt.Config
		want   string
	}{
		{config("tcp://broker", mqtt.Subscription{Topic: "x", Equipment: "northfield/packing/lineA/A9"}), "subscriptions[0].equipment: want the path of an equipment, not"},
		{config("ssl://broker", counts), "read tls.ca_file: open "},
		{config("tcp://broker", counts), "read secret: open "},
	} {
		if strings.HasPrefix(c.want, "read tls") {
			c.config.TLS.CAFile = setting.File(filepath.Join(t.TempDir(), "none.pem"))
		}
		if strings.HasPrefix(c.want, "read secret") {
			c.config.Username, c.config.PasswordFile = "u", setting.File(filepath.Join(t.TempDir(), "none"))
		}
		_, err := mqtt.New(mqtt.Options{Config: c.config, Name: "broker", Tree: northfield(t)})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}

func TestSourceWithoutSubscriptionsIsRefused(t *testing.T) {
	_, err := mqtt.New(mqtt.Options{Config: config("tcp://broker"), Name: "other", Tree: northfield(t)})
	if want := "subscriptions: want at least one, or tags with a topic as address"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// documented is the shape of the examples in the documentation.
type documented struct {
	Plant   plant.Config `yaml:"plant"`
	Sources []struct {
		Name string      `yaml:"name"`
		MQTT mqtt.Config `yaml:"mqtt"`
	} `yaml:"sources"`
}

func TestExamplesOfTheDocumentationAreGood(t *testing.T) {
	text, err := os.ReadFile("../../docs/sources-mqtt.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	if len(blocks) < 5 {
		t.Fatalf("examples: got %d, want at least 5", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		var d documented
		if err := yaml.UnmarshalWithOptions([]byte(block), &d, yaml.Strict()); err != nil {
			t.Errorf("example\n%s\ngot error %v", block, err)
		}
		for _, s := range d.Sources {
			c := withDefaults(s.MQTT)
			if err := c.Validate().Err(); err != nil {
				t.Errorf("example\n%s\ngot problems %v", block, err)
			}
		}
	}
}

// withDefaults does what the loader does: absent keys keep their defaults.
func withDefaults(c mqtt.Config) mqtt.Config {
	d := mqtt.DefaultConfig()
	if c.KeepAlive == 0 {
		c.KeepAlive = d.KeepAlive
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = d.ConnectTimeout
	}
	if c.MaxInflight == 0 {
		c.MaxInflight = d.MaxInflight
	}
	if c.MaxPayload == 0 {
		c.MaxPayload = d.MaxPayload
	}
	return c
}
