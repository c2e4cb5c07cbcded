package opcua

import (
	"time"

	"andon/collector/opcua/browse"
	"andon/plant/setting"
)

// Discover says which variables of the server become tags by themselves.
type Discover struct {
	browse.Filter `yaml:",inline"`
	// Place says which equipment they belong to and what they mean.
	Place browse.Template `yaml:"place"`
	// Every is how often the server is looked through; besides at each new
	// session and whenever the server says that its nodes changed. 0 is never.
	Every time.Duration `yaml:"every"`
	// Apply collects what is new at once; otherwise from the next start.
	Apply bool `yaml:"apply"`
	// MaxDepth, MaxNodes and MaxTime bound one look through the server.
	MaxDepth int           `yaml:"max_depth"`
	MaxNodes int           `yaml:"max_nodes"`
	MaxTime  time.Duration `yaml:"max_time"`
}

// DefaultDiscover returns the discovery to which only the names of area and
// line need to be added, where the path does not have them.
func DefaultDiscover() Discover {
	b := browse.DefaultBounds()
	return Discover{Place: browse.Template{Path: "{line}/{equipment}"}, Every: time.Hour, MaxDepth: b.Depth, MaxNodes: b.Nodes, MaxTime: b.Time}
}

// leastEvery keeps a mistyped interval from keeping a server busy.
const leastEvery = 10 * time.Second

func (d *Discover) validate() setting.Problems {
	if d == nil {
		return nil
	}
	p := d.Filter.Validate()
	p.Under("place", d.Place.Validate())
	if d.Every != 0 && d.Every < leastEvery {
		p.Add("every", "0s for never, or %v or more", leastEvery)
	}
	if d.MaxDepth < 1 {
		p.Add("max_depth", "1 or more")
	}
	if d.MaxNodes < 1 {
		p.Add("max_nodes", "1 or more")
	}
	if d.MaxTime <= 0 {
		p.Add("max_time", "a time above 0, such as 15m")
	}
	return p
}

// bounds returns where one look through the server ends.
func (c Config) bounds() browse.Bounds {
	return browse.Bounds{Depth: c.Discover.MaxDepth, Nodes: c.Discover.MaxNodes, Time: c.Discover.MaxTime, PerCall: min(browse.DefaultBounds().PerCall, c.MaxItemsPerCall)}
}
