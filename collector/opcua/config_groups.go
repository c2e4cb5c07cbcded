package opcua

import (
	"fmt"
	"slices"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// The values of Config.Discard and Group.Discard.
const (
	DiscardOldest = "oldest" // a full queue loses its oldest value to a new one
	DiscardNewest = "newest" // a full queue loses its newest value to a new one
)

const discardWish = "oldest or newest, not %q"

const (
	// longestPublishing bounds publishing intervals: up to when values that did
	// not change are known is told once in each.
	longestPublishing = time.Minute
	// maxSubscriptions bounds the publishing intervals of one source: servers
	// admit few subscriptions.
	maxSubscriptions = 16
)

// Group says how some tags are subscribed. What it leaves out is as in Config.
// All tags of one publishing interval share a subscription.
type Group struct {
	// Tags is a pattern of tag paths, see plant.Match. The first group that
	// matches a tag takes it, after the polled ones.
	Tags               string         `yaml:"tags"`
	PublishingInterval time.Duration  `yaml:"publishing_interval"`
	SamplingInterval   *time.Duration `yaml:"sampling_interval"`
	QueueSize          uint32         `yaml:"queue_size"`
	Discard            string         `yaml:"discard"`
	Deadband           *Deadband      `yaml:"deadband"`
}

// Terms are what the server is asked for the item of a tag. They are in the
// handover file.
type terms struct {
	Sampling time.Duration `json:"sampling_interval"` // 0 for the publishing interval
	Queue    uint32        `json:"queue_size"`
	Discard  string        `json:"discard"`
	Deadband Deadband      `json:"deadband"`
}

// subscription returns the publishing interval and the terms of the tag at
// path.
func (c Config) subscription(path string) (time.Duration, terms) {
	interval, t := c.PublishingInterval, terms{c.SamplingInterval, c.QueueSize, c.Discard, c.Deadband}
	i := slices.IndexFunc(c.Groups, func(g Group) bool { return plant.Match(g.Tags, path) })
	if i < 0 {
		return interval, t
	}
	g := c.Groups[i]
	if g.PublishingInterval > 0 {
		interval = g.PublishingInterval
	}
	if g.SamplingInterval != nil {
		t.Sampling = *g.SamplingInterval
	}
	if g.QueueSize > 0 {
		t.Queue = g.QueueSize
	}
	if g.Discard != "" {
		t.Discard = g.Discard
	}
	if g.Deadband != nil {
		t.Deadband = *g.Deadband
	}
	return interval, t
}

func (c Config) validateGroups(p *setting.Problems) {
	intervals := map[time.Duration]bool{c.PublishingInterval: true}
	for i, g := range c.Groups {
		p.Under(fmt.Sprintf("groups[%d]", i), g.validate())
		if g.PublishingInterval > 0 {
			intervals[g.PublishingInterval] = true
		}
	}
	if len(intervals) > maxSubscriptions {
		p.Add("groups", "at most %d different publishing intervals, not %d: each is a subscription at the server", maxSubscriptions, len(intervals))
	}
}

func (g Group) validate() setting.Problems {
	var p setting.Problems
	if !plant.IsPattern(g.Tags) {
		p.Add("tags", "a pattern of tag paths, such as site/area/**, not %q", g.Tags)
	}
	if d := g.PublishingInterval; d != 0 && (d < 10*time.Millisecond || d > longestPublishing) {
		p.Add("publishing_interval", "10ms to %v; what changes seldom needs a longer sampling_interval only", longestPublishing)
	}
	if g.SamplingInterval != nil && *g.SamplingInterval < 0 {
		p.Add("sampling_interval", "0 or more")
	}
	if g.Discard != "" && !isDiscard(g.Discard) {
		p.Add("discard", discardWish, g.Discard)
	}
	if g.Deadband != nil {
		p.Under("deadband", g.Deadband.validate())
	}
	return p
}

func isDiscard(s string) bool { return s == DiscardOldest || s == DiscardNewest }

func (d Deadband) validate() setting.Problems {
	var p setting.Problems
	if !(d.Absolute >= 0) { // nor NaN
		p.Add("absolute", "0 or more")
	}
	if !(d.Percent >= 0 && d.Percent <= 100) {
		p.Add("percent", "0 to 100")
	}
	return p
}
