package influx

import (
	"net/url"
	"strings"
	"time"

	"andon/plant/setting"
)

// Config says where InfluxDB is and how it is written to.
type Config struct {
	// URL is the base address, such as https://influxdb.plant.example:8086.
	URL string `yaml:"url"`
	// Org is the organization of InfluxDB 2; InfluxDB 1.8 and 3 need none.
	Org string `yaml:"org"`
	// Bucket is the bucket of InfluxDB 2 or the database of InfluxDB 3. For
	// InfluxDB 1.8 it is the database, or database/retention-policy.
	Bucket string `yaml:"bucket"`
	// Create makes the writer create the database when it is missing, with
	// CREATE DATABASE; InfluxDB 2 does not know that.
	Create bool `yaml:"create"`

	Token     setting.Secret `yaml:"token"`
	TokenFile setting.File   `yaml:"token_file"`
	// Username and Password are those of InfluxDB 1.8.
	Username     string         `yaml:"username"`
	Password     setting.Secret `yaml:"password"`
	PasswordFile setting.File   `yaml:"password_file"`
	TLS          TLSConfig      `yaml:"tls"`

	// Gzip says whether requests are compressed.
	Gzip Compression `yaml:"gzip"`
	// BatchLines is how many lines are written at once when many wait. A
	// message of the stream is never split over two batches.
	BatchLines int `yaml:"batch_lines"`
	// FlushInterval bounds how long lines are gathered while the stream has
	// more to give. When it has no more, they are written at once.
	FlushInterval time.Duration `yaml:"flush_interval"`
	// Timeout bounds one request.
	Timeout    time.Duration    `yaml:"timeout"`
	Backoff    BackoffConfig    `yaml:"backoff"`
	DeadLetter DeadLetterConfig `yaml:"dead_letter"`
}

// TLSConfig is how the server is verified. There is no way to turn the
// verification off.
type TLSConfig struct {
	CAFile     setting.File `yaml:"ca_file"`     // PEM; "" trusts the system's authorities
	ServerName string       `yaml:"server_name"` // expected name, "" for that of the URL
}

// BackoffConfig is the wait between two tries while InfluxDB is away. It
// doubles from Initial to Max; a Retry-After of the server that is longer
// counts instead.
type BackoffConfig struct {
	Initial time.Duration `yaml:"initial"`
	Max     time.Duration `yaml:"max"`
}

// DeadLetterConfig is where lines go that InfluxDB refuses. Each area has a
// file of its own in Dir. When a file has half of MaxBytes it becomes the
// older one of two and the one before it is removed.
type DeadLetterConfig struct {
	Dir      setting.File `yaml:"dir"`
	MaxBytes int64        `yaml:"max_bytes"`
}

// DefaultConfig writes to the database plant of an InfluxDB on the same
// machine.
func DefaultConfig() Config {
	return Config{
		URL:           "http://127.0.0.1:8086",
		Bucket:        "plant",
		Gzip:          CompressAuto,
		BatchLines:    5000,
		FlushInterval: time.Second,
		Timeout:       30 * time.Second,
		Backoff:       BackoffConfig{Initial: time.Second, Max: 30 * time.Second},
		DeadLetter:    DeadLetterConfig{MaxBytes: 100 << 20},
	}
}

// maxBatchLines keeps one request within what servers and their memory take.
const maxBatchLines = 100_000

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		p.Add("url", "an address such as https://influxdb.plant.example:8086")
	} else if u.User != nil || u.RawQuery != "" {
		p.Add("url", "an address without credentials and query; use token or username and password")
	}
	if database, policy, found := strings.Cut(c.Bucket, "/"); database == "" || found && policy == "" {
		p.Add("bucket", "a bucket, a database or database/retention-policy")
	}
	c.validateAuth(&p)
	if c.Gzip != CompressAuto && c.Gzip != CompressOn && c.Gzip != CompressOff {
		p.Add("gzip", "auto, on or off")
	}
	if c.BatchLines < 1 || c.BatchLines > maxBatchLines {
		p.Add("batch_lines", "1 to %d", maxBatchLines)
	}
	if c.FlushInterval < 10*time.Millisecond || c.FlushInterval > time.Minute {
		p.Add("flush_interval", "between 10ms and 1m")
	}
	if c.Timeout < time.Second {
		p.Add("timeout", "at least 1s")
	}
	if c.Backoff.Initial <= 0 {
		p.Add("backoff.initial", "a time above 0, such as 1s")
	}
	if c.Backoff.Max < c.Backoff.Initial {
		p.Add("backoff.max", "at least backoff.initial")
	}
	if c.DeadLetter.MaxBytes < 1<<20 {
		p.Add("dead_letter.max_bytes", "at least 1048576 (1 MiB)")
	}
	return p
}

func (c Config) validateAuth(p *setting.Problems) {
	if c.Token != "" && c.TokenFile != "" {
		p.Add("token", "either token or token_file, not both")
	}
	if c.Password != "" && c.PasswordFile != "" {
		p.Add("password", "either password or password_file, not both")
	}
	token, password := c.Token != "" || c.TokenFile != "", c.Password != "" || c.PasswordFile != ""
	if token && (c.Username != "" || password) {
		p.Add("token", "either a token or username and password, not both")
	}
	if (c.Username != "") != password {
		p.Add("username", "username and password together")
	}
	if strings.ContainsAny(c.Username, ": ") {
		p.Add("username", "a name without colon and space")
	}
}

// database returns the database of InfluxDB 1.8 that Bucket names, and its
// retention policy, "" for the default one.
func (c Config) database() (name, policy string) {
	name, policy, _ = strings.Cut(c.Bucket, "/")
	return name, policy
}
