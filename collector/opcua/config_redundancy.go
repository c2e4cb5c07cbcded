package opcua

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"andon/plant/setting"
)

// maxEndpoints bounds the servers of one source: all are asked in turn.
const maxEndpoints = 8

// Redundancy says when a source with several endpoints changes the server.
type Redundancy struct {
	// CheckInterval is how often the server in use is asked for its service
	// level.
	CheckInterval time.Duration `yaml:"check_interval"`
	// FailBackAfter is how long a server must have been better before andon
	// leaves one that is as fit.
	FailBackAfter time.Duration `yaml:"fail_back_after"`
	// LevelMargin is how much better another degraded server must be.
	LevelMargin int `yaml:"level_margin"`
}

// DefaultRedundancy returns what counts unless it is configured.
func DefaultRedundancy() Redundancy {
	return Redundancy{CheckInterval: 5 * time.Second, FailBackAfter: 5 * time.Minute, LevelMargin: 10}
}

func (r Redundancy) validate() setting.Problems {
	var p setting.Problems
	if r.CheckInterval < 100*time.Millisecond {
		p.Add("check_interval", "100ms or more")
	}
	if r.FailBackAfter < r.CheckInterval {
		p.Add("fail_back_after", "check_interval or more")
	}
	if r.LevelMargin < 0 || r.LevelMargin > 255 {
		p.Add("level_margin", "0 to 255")
	}
	return p
}

// endpoints returns the servers in order of preference.
func (c Config) endpoints() []string {
	if len(c.Endpoints) > 0 {
		return c.Endpoints
	}
	return []string{c.Endpoint}
}

// Each returns c once for each of its servers, with that one alone.
func (c Config) Each() []Config {
	var list []Config
	for _, e := range c.endpoints() {
		one := c
		one.Endpoint, one.Endpoints = e, nil
		list = append(list, one)
	}
	return list
}

func (c Config) validateEndpoints(p *setting.Problems) {
	const want = "opc.tcp://host:port, not %q"
	switch {
	case len(c.Endpoints) == 0:
		if !isEndpoint(c.Endpoint) {
			p.Add("endpoint", want, c.Endpoint)
		}
	case c.Endpoint != "":
		p.Add("endpoint", "endpoint or endpoints, not both")
	case len(c.Endpoints) > maxEndpoints:
		p.Add("endpoints", "%d or fewer", maxEndpoints)
	}
	for i, e := range c.Endpoints {
		at := fmt.Sprintf("endpoints[%d]", i)
		if !isEndpoint(e) {
			p.Add(at, want, e)
		}
		if slices.Index(c.Endpoints, e) < i {
			p.Add(at, "each server once, %q is there already", e)
		}
	}
}

func isEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "opc.tcp" && u.Hostname() != "" && (u.Port() == "" || setting.IsPort(u.Port()))
}
