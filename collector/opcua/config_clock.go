package opcua

import (
	"time"

	"andon/plant/setting"
)

// Clock says how the server's clock is compared with andon's.
type Clock struct {
	// Interval is the time between two measurements; 0 makes none.
	Interval time.Duration `yaml:"interval"`
	// Limit is how far the clock may be off before that is told as trouble; 0
	// tells it never.
	Limit time.Duration `yaml:"limit"`
}

// defaultClock bears what a clock without NTP loses in some days.
func defaultClock() Clock { return Clock{Interval: time.Minute, Limit: 5 * time.Second} }

func (c Clock) validate() setting.Problems {
	var p setting.Problems
	if c.Interval != 0 && c.Interval < time.Second {
		p.Add("interval", "0 or 1s and more")
	}
	if c.Limit < 0 {
		p.Add("limit", "0 or more")
	}
	return p
}
