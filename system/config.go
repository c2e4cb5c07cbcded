package system

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// Config says when something is wrong with andon itself, and how soon people
// must act. Routes of alerts say who is told, by class (system) and priority.
type Config struct {
	// OnDelay is how long a condition must hold before it is an alarm, and
	// OffDelay how long it must be over.
	OnDelay  time.Duration `yaml:"on_delay"`
	OffDelay time.Duration `yaml:"off_delay"`
	// Quiet is how long nothing more must be lost or refused until such an
	// alarm is over.
	Quiet time.Duration `yaml:"quiet"`

	InfluxBehind   Behind `yaml:"influx_behind"`
	InfluxRefuses  Alarm  `yaml:"influx_refuses"`
	QueueFull      Share  `yaml:"queue_full"`
	DataLost       Alarm  `yaml:"data_lost"`
	LinesRefused   Alarm  `yaml:"lines_refused"`
	StreamBlocked  Alarm  `yaml:"stream_blocked"`
	RecordsBlocked Alarm  `yaml:"records_blocked"`
	EngineBehind   Lasts  `yaml:"engine_behind"`
	SourceAway     Lasts  `yaml:"source_away"`
	DiskLow        Disk   `yaml:"disk_low"`
}

// An Alarm is one condition of andon itself.
type Alarm struct {
	Enabled  bool           `yaml:"enabled"`
	Priority plant.Priority `yaml:"priority"`
}

// Behind is the alarm about data that waits for InfluxDB.
type Behind struct {
	Alarm    `yaml:",inline"`
	Age      time.Duration `yaml:"age"`      // of the oldest sample that waits
	Messages uint64        `yaml:"messages"` // of the stream that wait, 0 for any number
}

// Share is an alarm about a part of what there is room for.
type Share struct {
	Alarm   `yaml:",inline"`
	Percent int `yaml:"percent"`
}

// Lasts is an alarm about something that lasts.
type Lasts struct {
	Alarm `yaml:",inline"`
	After time.Duration `yaml:"after"`
}

// Disk is the alarm about free room on the disk; whichever limit is reached
// first counts.
type Disk struct {
	Alarm   `yaml:",inline"`
	Percent int   `yaml:"percent"` // of the disk, 0 for none
	Bytes   int64 `yaml:"bytes"`   // 0 for none
}

// DefaultConfig has every condition on.
func DefaultConfig() Config {
	on := func(p plant.Priority) Alarm { return Alarm{Enabled: true, Priority: p} }
	return Config{
		OnDelay: 10 * time.Second, OffDelay: 30 * time.Second, Quiet: time.Hour,
		InfluxBehind:   Behind{Alarm: on(plant.PriorityHigh), Age: 5 * time.Minute},
		InfluxRefuses:  on(plant.PriorityHigh),
		QueueFull:      Share{Alarm: on(plant.PriorityHigh), Percent: 80},
		DataLost:       on(plant.PriorityCritical),
		LinesRefused:   on(plant.PriorityMedium),
		StreamBlocked:  on(plant.PriorityCritical),
		RecordsBlocked: on(plant.PriorityCritical),
		EngineBehind:   Lasts{Alarm: on(plant.PriorityHigh), After: 5 * time.Minute},
		SourceAway:     Lasts{Alarm: on(plant.PriorityHigh), After: 5 * time.Minute},
		DiskLow:        Disk{Alarm: on(plant.PriorityHigh), Percent: 5, Bytes: 1 << 30},
	}
}

// alarms returns what all conditions share, by key.
func (c Config) alarms() map[string]Alarm {
	return map[string]Alarm{"influx_behind": c.InfluxBehind.Alarm, "influx_refuses": c.InfluxRefuses, "queue_full": c.QueueFull.Alarm,
		"data_lost": c.DataLost, "lines_refused": c.LinesRefused, "stream_blocked": c.StreamBlocked, "records_blocked": c.RecordsBlocked,
		"engine_behind": c.EngineBehind.Alarm, "source_away": c.SourceAway.Alarm, "disk_low": c.DiskLow.Alarm}
}

// Count returns how many conditions are on.
func (c Config) Count() int {
	n := 0
	for _, a := range c.alarms() {
		if a.Enabled {
			n++
		}
	}
	return n
}

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	within := func(at string, d, least, most time.Duration) {
		if d < least || d > most {
			p.Add(at, "%s to %s", least, most)
		}
	}
	within("on_delay", c.OnDelay, 0, time.Hour)
	within("off_delay", c.OffDelay, 0, time.Hour)
	within("quiet", c.Quiet, time.Second, 7*24*time.Hour)
	within("influx_behind.age", c.InfluxBehind.Age, time.Second, 7*24*time.Hour)
	within("engine_behind.after", c.EngineBehind.After, time.Second, 24*time.Hour)
	within("source_away.after", c.SourceAway.After, time.Second, 24*time.Hour)
	if n := c.QueueFull.Percent; n < 1 || n > 99 {
		p.Add("queue_full.percent", "1 to 99")
	}
	if n := c.DiskLow.Percent; n < 0 || n > 90 {
		p.Add("disk_low.percent", "0 (for none) to 90")
	}
	if c.DiskLow.Bytes < 0 {
		p.Add("disk_low.bytes", "0 (for none) or more")
	}
	for _, key := range slices.Sorted(maps.Keys(c.alarms())) {
		if prio := c.alarms()[key].Priority; !slices.Contains(plant.Priorities(), prio) {
			p.Add(fmt.Sprintf("%s.priority", key), "one of %v, not %q", plant.Priorities(), prio)
		}
	}
	return p
}
