package collector

import (
	"time"

	"andon/plant/setting"
)

// Config says how the Supervisor brings sources back.
type Config struct {
	// RetryInitial is the wait after a first failure; it doubles with every
	// further one up to RetryMax, which is what a server that is back may be
	// left waiting for. Waits are shortened at random by up to a half, so that
	// sources that failed together do not return together.
	RetryInitial time.Duration `yaml:"retry_initial"`
	RetryMax     time.Duration `yaml:"retry_max"`
	// RetryReset is how long a source must have been up for its next failure
	// to count as a first one.
	RetryReset time.Duration `yaml:"retry_reset"`
	// StopTimeout bounds how long Run waits for sources when it ends.
	StopTimeout time.Duration `yaml:"stop_timeout"`
}

// DefaultConfig returns the configuration that needs no change.
func DefaultConfig() Config {
	return Config{RetryInitial: time.Second, RetryMax: 5 * time.Second, RetryReset: 30 * time.Second, StopTimeout: 3 * time.Second}
}

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	if c.RetryInitial <= 0 {
		p.Add("retry_initial", "a time above 0, such as 1s")
	}
	if c.RetryMax < c.RetryInitial {
		p.Add("retry_max", "at least retry_initial")
	}
	if c.RetryReset < 0 {
		p.Add("retry_reset", "0 or more")
	}
	if c.StopTimeout <= 0 {
		p.Add("stop_timeout", "a time above 0, such as 5s")
	}
	return p
}
