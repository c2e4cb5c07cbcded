package configs

import (
	"fmt"
	"regexp"
	"slices"

	"andon/plant"
	"andon/plant/setting"
)

var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// Validate reports every problem of c: those of each part, and those that
// show only when the parts are seen together.
func (c *Config) Validate() setting.Problems {
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
	tree, err := plant.NewTree(c.Plant)
	if err != nil {
		return p // the other parts speak of the tree
	}
	c.validateEquipmentSources(&p)
	p.Under("production", c.Production.Validate(tree))
	p = append(p, c.Rules.Validate(tree)...) // inline: its paths begin with rules
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

// validateEquipmentSources checks that equipment names sources that exist and
// that tags of OPC UA equipment say where they are.
func (c *Config) validateEquipmentSources(p *setting.Problems) {
	for i, a := range c.Plant.Areas {
		for j, l := range a.Lines {
			for k, e := range l.Equipment {
				c.validateEquipment(p, fmt.Sprintf("plant.areas[%d].lines[%d].equipment[%d]", i, j, k), e)
			}
		}
	}
}

func (c *Config) validateEquipment(p *setting.Problems, at string, e plant.EquipmentConfig) {
	i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Name == e.Source })
	switch {
	case e.Source == "":
		return
	case i < 0:
		p.Add(at+".source", "the name of one of the sources, not %q", e.Source)
	case c.Sources[i].OPCUA != nil:
		for n, t := range e.Tags {
			if t.Address == "" {
				p.Add(fmt.Sprintf("%s.tags[%d].address", at, n), "a node id such as ns=2;s=Line.Machine.Tag")
			}
		}
	}
}
