package opcua

import (
	"fmt"
	"time"

	"andon/collector/opcua/address"
	"andon/collector/opcua/condition"
	"andon/plant/setting"
)

// Events says which of the server's own conditions are read: its alarms (OPC
// 10000-9). Zero values are as usual.
type Events struct {
	// Notifier is the node id of the object whose events count, with those of
	// everything below it; the Server object, which has all, when empty.
	Notifier string `yaml:"notifier"`
	// Types are the node ids of the event types that count, with their
	// subtypes; every type of condition when empty.
	Types []string `yaml:"types"`
	// MinSeverity leaves out conditions that are less severe, 1 to 1000.
	MinSeverity uint16 `yaml:"min_severity"`
	// QueueSize is how many events the server keeps between two publishings or
	// while andon is away.
	QueueSize uint32 `yaml:"queue_size"`
	// RefreshInterval is how often the server is asked for all conditions that
	// it has, besides after each connection.
	RefreshInterval time.Duration `yaml:"refresh_interval"`
}

const (
	defaultEventQueue   = 1000
	defaultRefresh      = time.Hour
	shortestRefresh     = 10 * time.Second
	serverObject        = "i=2253"
	maxEventTypes       = 50
	longestRefreshPause = 24 * time.Hour
)

// withDefaults returns e with what stands for zero values.
func (e Events) withDefaults() Events {
	if e.Notifier == "" {
		e.Notifier = serverObject
	}
	if e.QueueSize == 0 {
		e.QueueSize = defaultEventQueue
	}
	if e.RefreshInterval == 0 {
		e.RefreshInterval = defaultRefresh
	}
	return e
}

func (e Events) validate() setting.Problems {
	var p setting.Problems
	if e.Notifier != "" && !address.IsNode(e.Notifier) {
		p.Add("notifier", "a node id such as i=2253 or nsu=urn:plant;s=Line1, not %.200q", e.Notifier)
	}
	for i, t := range e.Types {
		if !address.IsNode(t) {
			p.Add(fmt.Sprintf("types[%d]", i), "the node id of an event type, such as i=2915, not %.200q", t)
		}
	}
	if len(e.Types) > maxEventTypes {
		p.Add("types", "at most %d", maxEventTypes)
	}
	if e.MinSeverity > condition.MostSevere {
		p.Add("min_severity", "1 to %d, or 0 for all", condition.MostSevere)
	}
	if e.RefreshInterval != 0 && (e.RefreshInterval < shortestRefresh || e.RefreshInterval > longestRefreshPause) {
		p.Add("refresh_interval", "10s to 24h")
	}
	return p
}
