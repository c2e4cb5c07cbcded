package configs

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"

	"andon/collector/mqtt"
	"andon/collector/opcua"
	"andon/plant"
	"andon/plant/setting"
	"andon/production"

	"github.com/prometheus/client_golang/prometheus"
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
	p.Under("production", c.Production.Validate())
	p = append(p, c.Rules.Validate()...) // inline: its paths begin with rules
	c.checkFiles(&p)
	tree, err := plant.NewTree(c.Plant)
	if err != nil {
		return p // the other parts speak of the tree
	}
	c.validateEquipmentSources(&p)
	p = append(p, c.Rules.Check(tree)...)
	p.Under("alerts", c.Alerts.Check(tree))
	c.validateTogether(&p, tree)
	return p
}

// validateTogether builds the parts whose configuration names equipment and
// tags; building connects to nothing.
func (c *Config) validateTogether(p *setting.Problems, tree *plant.Tree) {
	for _, area := range tree.Areas {
		if len(c.Production.Validate()) > 0 {
			break
		}
		if _, err := production.New(c.Production, tree, area); err != nil {
			p.Add("production", "names that the plant has: %v", err)
			break // the next area would say the same
		}
	}
	quiet, unseen := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	opcuaMetrics, mqttMetrics := opcua.NewMetrics(unseen), mqtt.NewMetrics(unseen)
	for i, s := range c.Sources {
		at := fmt.Sprintf("sources[%d]", i)
		switch {
		case (s.OPCUA == nil) == (s.MQTT == nil):
		case s.OPCUA != nil && len(s.OPCUA.Validate()) == 0:
			if _, err := opcua.New(opcua.Options{Config: *s.OPCUA, Name: s.Name, Tags: TagsOf(tree, s.Name), Log: quiet, Metrics: opcuaMetrics}); err != nil {
				p.Add(at+".opcua", "a source that can be built: %v", err)
			}
		case s.MQTT != nil && len(s.MQTT.Validate()) == 0:
			if _, err := mqtt.New(mqtt.Options{Config: *s.MQTT, Name: s.Name, Tree: tree, Log: quiet, Metrics: mqttMetrics}); err != nil {
				p.Add(at+".mqtt", "a source that can be built: %v", err)
			}
		}
	}
}

// TagsOf returns the tags that a source reads by their address.
func TagsOf(tree *plant.Tree, source string) []*plant.Tag {
	var tags []*plant.Tag
	for _, t := range tree.Tags() {
		if t.Equipment.Source == source && t.Address != "" {
			tags = append(tags, t)
		}
	}
	return tags
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
