package opcua

import (
	"fmt"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// Config declares one OPC UA server to read.
type Config struct {
	Endpoint string `yaml:"endpoint"` // opc.tcp://host:4840
	// Endpoints are several servers with the same nodes, in order of
	// preference, instead of Endpoint.
	Endpoints  []string   `yaml:"endpoints"`
	Redundancy Redundancy `yaml:"redundancy"`
	Security   Security   `yaml:"security"`
	Auth       Auth       `yaml:"auth"`

	// PublishingInterval is how often the server sends what changed.
	PublishingInterval time.Duration `yaml:"publishing_interval"`
	// SamplingInterval is how often the server looks at a value; 0 means as
	// often as it publishes.
	SamplingInterval time.Duration `yaml:"sampling_interval"`
	// QueueSize is how many values of one tag the server keeps between two
	// publishings or while andon is away.
	QueueSize uint32 `yaml:"queue_size"`
	// KeepFor is how long the server keeps the subscription, and in its
	// queues what changes, while andon is away: cut off, restarted or killed.
	// With 0 a stop deletes it.
	KeepFor time.Duration `yaml:"keep_for"`
	// Discard is which value the server drops of a queue that is full.
	Discard string `yaml:"discard"`
	// Deadband suppresses small changes of numbers at the server.
	Deadband Deadband `yaml:"deadband"`
	// Groups are tags that are subscribed in another way than the rest.
	Groups []Group `yaml:"groups"`
	// KeepAlive is how often the server says that nothing changed; after
	// three without a word the session counts as lost.
	KeepAlive time.Duration `yaml:"keep_alive"`
	// MaxItemsPerCall caps the nodes in one request below what the server
	// says it takes.
	MaxItemsPerCall int `yaml:"max_items_per_call"`
	// RegisterNodes has the server give polled nodes ids by which it finds them
	// at once.
	RegisterNodes bool `yaml:"register_nodes"`
	// RequestTimeout bounds every call but publish requests.
	RequestTimeout time.Duration `yaml:"request_timeout"`
	// ItemRetry is the first wait before a node in trouble is tried again. It
	// doubles up to five minutes, but not where the server does not know the
	// node: of those, up to a hundred are asked for as often as ever, and all as
	// soon as one of them is there.
	ItemRetry time.Duration `yaml:"item_retry"`
	// TimeWindow is how far a source's time stamps may be from now.
	TimeWindow TimeWindow `yaml:"time_window"`
	// Clock says how the server's clock is compared with andon's.
	Clock Clock `yaml:"clock"`
	// History is how what was missed is read.
	History History `yaml:"history"`
	// Polled tags are read instead of subscribed.
	Polled []Poll `yaml:"polled"`
	// Discover makes tags of variables by itself; nil does not.
	Discover *Discover `yaml:"discover"`
	// Events of the server's own conditions are read, nil for none.
	Events *Events `yaml:"events"`
}

// Deadband is a DataChangeFilter (OPC 10000-4, 7.22.2). When a node refuses
// Percent, Absolute is tried, then none.
type Deadband struct {
	Absolute float64 `yaml:"absolute"` // in the tag's unit, 0 for none
	Percent  float64 `yaml:"percent"`  // of the node's EURange, 0 for none
}

// TimeWindow bounds time stamps; outside it the time of receipt counts.
type TimeWindow struct {
	Past   time.Duration `yaml:"past"`
	Future time.Duration `yaml:"future"`
}

// Poll is a group of tags that are read every Interval, at multiples of it
// since midnight UTC.
type Poll struct {
	Tags     string        `yaml:"tags"` // pattern of tag paths, see plant.Match
	Interval time.Duration `yaml:"interval"`
}

// DefaultConfig returns the configuration to which only Endpoint and
// Security.Trusted need to be added.
func DefaultConfig() Config {
	return Config{
		Security:           Security{Policy: PolicyBasic256Sha256},
		Redundancy:         DefaultRedundancy(),
		PublishingInterval: 250 * time.Millisecond,
		QueueSize:          100,
		Discard:            DiscardOldest,
		KeepFor:            5 * time.Minute,
		KeepAlive:          2500 * time.Millisecond,
		MaxItemsPerCall:    1000,
		RegisterNodes:      true,
		RequestTimeout:     10 * time.Second,
		ItemRetry:          5 * time.Second,
		Clock:              defaultClock(),
		TimeWindow:         TimeWindow{Past: 7 * 24 * time.Hour, Future: 5 * time.Minute},
		History:            defaultHistory(),
	}
}

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	c.validateEndpoints(&p)
	p.Under("redundancy", c.Redundancy.validate())
	p.Under("security", c.Security.validate())
	p.Under("auth", c.Auth.validate())
	p.Under("clock", c.Clock.validate())
	p.Under("discover", c.Discover.validate())
	p.Under("history", c.History.validate())
	c.validateTimes(&p)
	if c.QueueSize < 1 {
		p.Add("queue_size", "1 or more")
	}
	if !isDiscard(c.Discard) {
		p.Add("discard", discardWish, c.Discard)
	}
	p.Under("deadband", c.Deadband.validate())
	c.validateGroups(&p)
	if c.Events != nil {
		p.Under("events", c.Events.validate())
	}
	if c.MaxItemsPerCall < 1 {
		p.Add("max_items_per_call", "1 or more")
	}
	for i, g := range c.Polled {
		if !plant.IsPattern(g.Tags) {
			p.Add(fmt.Sprintf("polled[%d].tags", i), "a pattern of tag paths, such as site/area/**, not %q", g.Tags)
		}
		if g.Interval < 100*time.Millisecond {
			p.Add(fmt.Sprintf("polled[%d].interval", i), "100ms or more")
		}
	}
	return p
}

func (c Config) validateTimes(p *setting.Problems) {
	if c.PublishingInterval < 10*time.Millisecond {
		p.Add("publishing_interval", "10ms or more")
	}
	if c.SamplingInterval < 0 {
		p.Add("sampling_interval", "0 or more")
	}
	if c.KeepAlive < c.PublishingInterval || c.KeepAlive > time.Minute {
		p.Add("keep_alive", "at least publishing_interval and at most 1m")
	}
	if c.KeepFor < 0 || c.KeepFor > 24*time.Hour {
		p.Add("keep_for", "0 to 24h")
	}
	if c.RequestTimeout < 100*time.Millisecond {
		p.Add("request_timeout", "100ms or more")
	}
	if c.ItemRetry <= 0 {
		p.Add("item_retry", "a time above 0, such as 5s")
	}
	if c.TimeWindow.Past <= 0 {
		p.Add("time_window.past", "a time above 0, such as 168h")
	}
	if c.TimeWindow.Future <= 0 {
		p.Add("time_window.future", "a time above 0, such as 5m")
	}
}
