package mqtt

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"andon/plant/setting"
)

// Config is one MQTT broker as a source. Start from DefaultConfig; the zero
// Config has no timeouts and does not validate.
type Config struct {
	// URL is where the broker listens: tcp://, ssl://, ws:// or wss://.
	URL string `yaml:"url"`
	// ClientID names the session at the broker; "" is andon-<site>-<source name>.
	// It must stay the same over restarts, for the broker keeps messages
	// under it, and differ between any two clients of the broker.
	ClientID     string         `yaml:"client_id"`
	Username     string         `yaml:"username"`
	Password     setting.Secret `yaml:"password"`
	PasswordFile setting.File   `yaml:"password_file"`
	TLS          TLSConfig      `yaml:"tls"`
	// KeepAlive is the longest silence before the connection is checked.
	KeepAlive time.Duration `yaml:"keep_alive"`
	// ConnectTimeout bounds connecting and each answer to a subscription.
	ConnectTimeout time.Duration `yaml:"connect_timeout"`
	// CleanSession makes the broker forget the session at each disconnect:
	// what is published while andon is away is then lost.
	CleanSession bool `yaml:"clean_session"`
	// MaxInflight is how many messages may wait between the broker and the
	// bus. It should not be below the broker's own limit for unacknowledged
	// messages of one client.
	MaxInflight int `yaml:"max_inflight"`
	// MaxPayload is the longest payload, in bytes, that is decoded.
	MaxPayload    int            `yaml:"max_payload"`
	Subscriptions []Subscription `yaml:"subscriptions"`
}

// TLSConfig says whom to trust and who we are. The broker's certificate is
// always verified.
type TLSConfig struct {
	CAFile     setting.File `yaml:"ca_file"`     // PEM; "" trusts the system's authorities
	CertFile   setting.File `yaml:"cert_file"`   // PEM; our own certificate
	KeyFile    setting.File `yaml:"key_file"`    // PEM; its key
	ServerName string       `yaml:"server_name"` // expected in the certificate; "" is the URL's host
}

// DefaultConfig returns the defaults; URL and Subscriptions are left to set.
func DefaultConfig() Config {
	return Config{
		KeepAlive:      15 * time.Second,
		ConnectTimeout: 10 * time.Second,
		// Brokers hold 10 to 1,024 unacknowledged messages for one client.
		MaxInflight: 1024,
		MaxPayload:  256 << 10,
	}
}

// maxPayloadLimit keeps a mistyped max_payload from being no limit at all.
const maxPayloadLimit = 64 << 20

// defaultPort returns the port of a URL that names none, by its scheme, and
// whether the scheme is one of ours.
func defaultPort(scheme string) (port string, known bool) {
	switch scheme {
	case "tcp", "mqtt":
		return "1883", true
	case "ssl", "tls", "mqtts":
		return "8883", true
	case "ws":
		return "80", true
	case "wss":
		return "443", true
	}
	return "", false
}

func encrypted(scheme string) bool {
	return slices.Contains([]string{"ssl", "tls", "mqtts", "wss"}, scheme)
}

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	c.validateBroker(&p)
	if c.KeepAlive < time.Second || c.KeepAlive > 18*time.Hour {
		p.Add("keep_alive", "a duration from 1s to 18h")
	}
	if c.ConnectTimeout <= 0 {
		p.Add("connect_timeout", "a duration above 0, such as 10s")
	}
	if c.MaxInflight < 1 || c.MaxInflight > 65535 {
		p.Add("max_inflight", "a number from 1 to 65535")
	}
	if c.MaxPayload < 1 || c.MaxPayload > maxPayloadLimit {
		p.Add("max_payload", "a number of bytes from 1 to %d", maxPayloadLimit)
	}
	c.validateSubscriptions(&p)
	return p
}

func (c Config) validateBroker(p *setting.Problems) {
	u, err := url.Parse(c.URL)
	known := false
	if err == nil {
		_, known = defaultPort(u.Scheme)
	}
	switch {
	case !known || u.Hostname() == "" || u.Port() != "" && !setting.IsPort(u.Port()):
		p.Add("url", "tcp://, ssl://, ws:// or wss:// with a host, such as tcp://broker:1883")
	case u.User != nil:
		p.Add("url", "no user in it; use username and password_file")
	case c.TLS != TLSConfig{} && !encrypted(u.Scheme):
		p.Add("url", "ssl:// or wss://, as tls is set")
	}
	if len(c.ClientID) > 256 || strings.ContainsAny(c.ClientID, "+#/\x00") {
		p.Add("client_id", "at most 256 characters without + # /")
	}
	if c.Username == "" && (c.Password != "" || c.PasswordFile != "") {
		p.Add("username", "a name, as there is a password")
	}
	if c.Password != "" && c.PasswordFile != "" {
		p.Add("password_file", "password or password_file, not both")
	}
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		p.Add("tls.cert_file", "cert_file and key_file together")
	}
}

// validateSubscriptions also refuses a filter given twice: a broker keeps one
// subscription for it, and only the first would ever see a message.
func (c Config) validateSubscriptions(p *setting.Problems) {
	first := map[string]int{}
	for i, s := range c.Subscriptions {
		var part setting.Problems
		s.validate(&part)
		if t, err := parseTemplate(s.Topic); err == nil {
			if j, taken := first[t.filter]; taken {
				part.Add("topic", "a topic filter used once; %s is that of subscriptions[%d] too", t.filter, j)
			} else {
				first[t.filter] = i
			}
		}
		p.Under(indexed("subscriptions", i), part)
	}
}
