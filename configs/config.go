// Package configs composes the configuration of all packages and loads it
// from YAML: strict, with defaults that run, every problem told at once with
// its file, line and key path.
package configs

import (
	"fmt"
	"path/filepath"

	"andon/alerts"
	"andon/bus"
	"andon/collector"
	"andon/collector/mqtt"
	"andon/collector/opcua"
	"andon/influx"
	"andon/plant"
	"andon/plant/setting"
	"andon/production"
	"andon/rules"
	"andon/store"
	"andon/system"
	"andon/web"
)

// Config is everything andon is told.
type Config struct {
	Include    []setting.File    `yaml:"include"`  // more files; each section stands in one
	DataDir    setting.File      `yaml:"data_dir"` // where the stream, records and dead letters are kept
	Log        Log               `yaml:"log"`
	Plant      plant.Config      `yaml:"plant"`
	Sources    []Source          `yaml:"sources"`
	Collector  collector.Config  `yaml:"collector"`
	Bus        bus.Config        `yaml:"bus"`
	Influx     influx.Config     `yaml:"influx"`
	Production production.Config `yaml:"production"`
	Rules      rules.Config      `yaml:",inline"`
	Alerts     alerts.Config     `yaml:"alerts"`
	System     system.Config     `yaml:"system"`
	Store      store.Config      `yaml:"store"`
	Web        web.Config        `yaml:"web"`

	// Notes say what of the files with discovered variables is left out.
	Notes []string `yaml:"-"`
	// declared is the plant without what was discovered; only with sources
	// that discover.
	declared plant.Config
}

// Log says how andon writes its own log.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // text or json
}

// A Source is one endpoint to read. Exactly one protocol is set.
type Source struct {
	Name  string        `yaml:"name"`
	OPCUA *opcua.Config `yaml:"opcua"`
	MQTT  *mqtt.Config  `yaml:"mqtt"`
}

// Default returns the configuration that a file adds to.
func Default() Config {
	return Config{
		DataDir:    "data",
		Log:        Log{Level: "info", Format: "text"},
		Collector:  collector.DefaultConfig(),
		Bus:        bus.DefaultConfig(),
		Influx:     influx.DefaultConfig(),
		Production: production.DefaultConfig(),
		Rules:      rules.DefaultConfig(),
		Alerts:     alerts.DefaultConfig(),
		System:     system.DefaultConfig(),
		Store:      store.DefaultConfig(),
		Web:        web.DefaultConfig(),
	}
}

// placeData puts what is kept on disk into the data folder, unless it has a
// place of its own.
func (c *Config) placeData() {
	for _, f := range []struct {
		path *setting.File
		name string
	}{{&c.Store.Path, "andon.db"}, {&c.Bus.Dir, "bus"}, {&c.Influx.DeadLetter.Dir, "dead-letters"}} {
		if *f.path == "" {
			*f.path = setting.File(filepath.Join(string(c.DataDir), f.name))
		}
	}
}

// Summary says in one line what c describes; tree is that of its Plant.
func (c *Config) Summary(tree *plant.Tree) string {
	return fmt.Sprintf("site %s, %d equipment, %d tags, %d sources, %d rules, %d system alarms",
		tree.Site, len(tree.Equipment()), len(tree.Tags()), len(c.Sources), len(c.Rules.Rules), c.System.Count())
}
