package influx

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// A Compression says whether requests are compressed.
type Compression string

const (
	// CompressAuto compresses unless InfluxDB is on the same machine, where
	// there is no network to save.
	CompressAuto Compression = "auto"
	// CompressOn always compresses.
	CompressOn Compression = "on"
	// CompressOff never compresses.
	CompressOff Compression = "off"
)

// UnmarshalText implements encoding.TextUnmarshaler. It takes true and false
// for on and off, which the key knew first.
func (c *Compression) UnmarshalText(text []byte) error {
	switch s := strings.ToLower(string(text)); s {
	case "auto", "on", "off":
		*c = Compression(s)
	case "true":
		*c = CompressOn
	case "false":
		*c = CompressOff
	default:
		return fmt.Errorf("auto, on or off, not %q", text)
	}
	return nil
}

// compresses reports whether requests are compressed.
func (c Config) compresses() bool {
	if c.Gzip != CompressAuto {
		return c.Gzip == CompressOn
	}
	u, err := url.Parse(c.URL)
	return err != nil || !isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
