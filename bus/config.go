package bus

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"andon/plant/setting"
)

// Config says where the stream lives and how much of it is kept. Without a
// URL andon runs a NATS server of its own, inside the process and on Dir.
type Config struct {
	// URL names the servers of an external NATS, separated by commas. Its
	// JetStream must store what it acknowledges: three replicas, or
	// sync_interval: always.
	URL string `yaml:"url"`
	// Dir is where the server of our own keeps the stream.
	Dir setting.File `yaml:"dir"`
	// Listen is a loopback address at which the server of our own takes NATS
	// clients, such as tools on the same machine; "" for none.
	Listen string `yaml:"listen"`
	// User and Password are sent to the external NATS, or asked of the
	// clients at Listen.
	User         string         `yaml:"username"`
	Password     setting.Secret `yaml:"password"`
	PasswordFile setting.File   `yaml:"password_file"`
	TLS          TLSConfig      `yaml:"tls"`
	// MaxAge and MaxBytes bound the stream of each area; the oldest messages
	// go first. On a small disk the server of our own keeps fewer bytes.
	MaxAge   time.Duration `yaml:"max_age"`
	MaxBytes int64         `yaml:"max_bytes"`
	// Gather is how long after one message was begun the next one waits for
	// more samples, unless it is full; 0 for not at all. A stream that is at
	// rest writes at once.
	Gather time.Duration `yaml:"gather"`
	// DedupeWindow is how long the server remembers the ids of messages, to
	// drop a repeated one.
	DedupeWindow time.Duration `yaml:"dedupe_window"`
	// Replicas is how many servers of an external cluster hold the stream.
	Replicas int        `yaml:"replicas"`
	MQTT     MQTTConfig `yaml:"mqtt"`
}

// TLSConfig is how the connection to an external NATS is secured. The
// server's certificate is always verified. An empty CA means the system's.
type TLSConfig struct {
	CA   setting.File `yaml:"ca_file"`
	Cert setting.File `yaml:"cert_file"`
	Key  setting.File `yaml:"key_file"`
}

// MQTTConfig makes the server of our own the plant's MQTT broker as well. Its
// clients see nothing of the stream.
type MQTTConfig struct {
	// Listen is the address to take MQTT clients at; "" for none.
	Listen string `yaml:"listen"`
	// User and Password are asked of the clients; without a User anybody may
	// connect.
	User         string         `yaml:"username"`
	Password     setting.Secret `yaml:"password"`
	PasswordFile setting.File   `yaml:"password_file"`
}

// DefaultConfig keeps seven days or 20 GiB an area. Dir is left to the
// program, which puts it into its data folder.
func DefaultConfig() Config {
	return Config{
		MaxAge:       7 * 24 * time.Hour,
		MaxBytes:     20 << 30,
		Gather:       10 * time.Millisecond,
		DedupeWindow: 2 * time.Minute,
		Replicas:     1,
	}
}

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	if c.URL == "" {
		c.validateOwn(&p)
	} else {
		c.validateExternal(&p)
	}
	if c.MaxAge < time.Second {
		p.Add("max_age", "at least 1s")
	}
	if c.MaxBytes < 1<<20 {
		p.Add("max_bytes", "at least 1048576 (1 MiB)")
	}
	if c.Gather < 0 || c.Gather > 100*time.Millisecond {
		p.Add("gather", "0s to 100ms")
	}
	if c.DedupeWindow < time.Second || c.DedupeWindow > c.MaxAge {
		p.Add("dedupe_window", "between 1s and max_age")
	}
	if c.Replicas < 1 || c.Replicas > 5 {
		p.Add("replicas", "1 to 5")
	}
	if c.Password != "" && c.PasswordFile != "" {
		p.Add("password", "either password or password_file, not both")
	}
	if c.MQTT.Password != "" && c.MQTT.PasswordFile != "" {
		p.Add("mqtt.password", "either password or password_file, not both")
	}
	return p
}

func (c Config) validateOwn(p *setting.Problems) {
	if c.Replicas > 1 {
		p.Add("replicas", "1 without a url: the server of our own is alone")
	}
	if c.TLS != (TLSConfig{}) {
		p.Add("tls", "nothing without a url")
	}
	if c.Listen != "" {
		host, _, ok := splitAddress(c.Listen)
		if ip := net.ParseIP(host); !ok || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			p.Add("listen", "a loopback address such as 127.0.0.1:4222")
		}
		if c.User == "" || c.Password == "" && c.PasswordFile == "" {
			p.Add("username", "a user name and a password for the clients at listen")
		}
	}
	if c.MQTT.Listen != "" {
		if _, _, ok := splitAddress(c.MQTT.Listen); !ok {
			p.Add("mqtt.listen", "an address such as :1883")
		}
	}
	if c.MQTT.User != "" && c.MQTT.Password == "" && c.MQTT.PasswordFile == "" {
		p.Add("mqtt.password", "a password for mqtt.username")
	}
}

func (c Config) validateExternal(p *setting.Problems) {
	for u := range strings.SplitSeq(c.URL, ",") {
		v, err := url.Parse(strings.TrimSpace(u))
		switch {
		case err != nil || v.Host == "" || v.Scheme != "nats" && v.Scheme != "tls":
			p.Add("url", "nats://host:4222 or tls://host:4222, several separated by commas")
		case v.User != nil:
			p.Add("url", "no password in it: use username and password_file")
		}
	}
	if c.Listen != "" {
		p.Add("listen", "nothing with a url: no server of our own runs")
	}
	if c.MQTT.Listen != "" {
		p.Add("mqtt.listen", "nothing with a url: no server of our own runs")
	}
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		p.Add("tls.cert_file", "both cert_file and key_file or neither")
	}
}

// splitAddress splits host:port. Port 0 becomes -1, with which nats-server
// takes any free port.
func splitAddress(address string) (host string, port int, ok bool) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, false
	}
	if n == 0 {
		return host, -1, true
	}
	return host, int(n), true
}
