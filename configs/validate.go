package configs

import (
	"fmt"
	"regexp"
	"slices"

	"andon/plant/setting"
)

var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// Validate reports every problem of c: those of each part, and those that
// show only when the parts are seen together.
func (c *Config) Validate() setting.Problems {
	p := c.validateParts()
	return append(p, c.validateTogether(p)...)
}

// validateParts reports the problems that each part has by itself.
func (c *Config) validateParts() setting.Problems {
	var p setting.Problems
	c.Log.validate(&p)
	if c.DataDir == "" {
		p.Add("data_dir", "a folder")
	}
	p.Under("plant", c.Plant.Validate())
	c.validateSources(&p)
	p.Under("collector", c.Collector.Validate())
	p.Under("bus", c.Bus.Validate())
	p.Under("influx", c.Influx.Validate())
	p.Under("store", c.Store.Validate())
	p.Under("web", c.Web.Validate())
	p.Under("alerts", c.Alerts.Validate())
	p.Under("system", c.System.Validate())
	p.Under("production", c.Production.Validate())
	p = append(p, c.Rules.Validate()...) // inline: its paths begin with rules
	c.checkFiles(&p)
	return p
}

func (l Log) validate(p *setting.Problems) {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, l.Level) {
		p.Add("log.level", "debug, info, warn or error, not %q", l.Level)
	}
	if l.Format != "text" && l.Format != "json" {
		p.Add("log.format", "text or json, not %q", l.Format)
	}
}

func (c *Config) validateSources(p *setting.Problems) {
	seen := map[string]bool{}
	for i, s := range c.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		switch {
		case !sourceName.MatchString(s.Name):
			p.Add(at+".name", "a name of letters, digits, _ and -, at most 64")
		case seen[s.Name]:
			p.Add(at+".name", "a name used once, %q is taken", s.Name)
		}
		seen[s.Name] = true
		switch {
		case (s.OPCUA == nil) == (s.MQTT == nil):
			p.Add(at, "either opcua or mqtt")
		case s.OPCUA != nil:
			p.Under(at+".opcua", s.OPCUA.Validate())
		default:
			p.Under(at+".mqtt", s.MQTT.Validate())
		}
	}
}
