package configs

import (
	"fmt"
	"log/slog"
	"slices"

	"andon/collector/mqtt"
	"andon/influx"
	"andon/plant"
	"andon/plant/setting"
	"andon/production"
	"andon/rules"
)

// validateTogether reports what one part says of another that is not so: of
// the plant's equipment and tags, of sources, of maps of codes. It is silent
// where told has a problem at the same place or below.
func (c *Config) validateTogether(told setting.Problems) setting.Problems {
	var p setting.Problems
	lost := c.checkSourceNames(&p)
	c.checkAlarms(&p, told)
	c.checkEvents(&p, told)
	// An outline: what is wrong with a unit hides nothing that is wrong with
	// a rule. Without good names nobody knows what the others mean.
	if tree := plant.Outline(c.Plant); tree != nil {
		p = append(p, influx.Check(tree)...)
		p = append(p, c.Rules.Check(tree)...)
		p.Under("alerts", c.Alerts.Check(tree))
		p.Under("production", c.Production.Check(tree))
		for i, s := range c.Sources {
			if at := fmt.Sprintf("sources[%d]", i); !lost || c.isRead(s) {
				s.checkTogether(&p, at, tree, slices.ContainsFunc(told, func(f setting.Problem) bool { return within(f.Path, at) }))
			}
		}
	}
	return slices.DeleteFunc(p, func(q setting.Problem) bool {
		return slices.ContainsFunc(told, func(f setting.Problem) bool { return within(f.Path, q.Path) })
	})
}

// checkSourceNames checks that equipment names sources that exist. It reports
// whether some equipment may have lost its source, by its own mistake or by
// that of a source without a good name.
func (c *Config) checkSourceNames(p *setting.Problems) (lost bool) {
	names := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		names[i] = s.Name
		if !sourceName.MatchString(s.Name) {
			return true
		}
	}
	for i, a := range c.Plant.Areas {
		for j, l := range a.Lines {
			for k, e := range l.Equipment {
				if e.Source != "" && !slices.Contains(names, e.Source) {
					lost = true
					p.Add(fmt.Sprintf("plant.areas[%d].lines[%d].equipment[%d].source", i, j, k),
						"the name of one of the sources (%s), not %q", setting.Some(names), e.Source)
				}
			}
		}
	}
	return lost
}

// checkAlarms checks that reason rules name rules that raise alarms, unless a
// rule without a good name may be the one.
func (c *Config) checkAlarms(p *setting.Problems, told setting.Problems) {
	if slices.ContainsFunc(told, func(f setting.Problem) bool { return within(f.Path, "rules") }) {
		return
	}
	for i, r := range c.Production.ReasonRules {
		known := r.When.Alarm == "" || r.When.Alarm == production.RuleContradiction
		for _, rule := range c.Rules.Rules {
			known = known || rule.ID == r.When.Alarm && rule.Kind != rules.KindEvent
		}
		if !known {
			p.Add(fmt.Sprintf("production.reason_rules[%d].when.alarm", i), "the id of one of the rules, not %q", r.When.Alarm)
		}
	}
}

// isRead reports whether something says what to read from s. A source of
// which nothing does may be the one that equipment lost.
func (c *Config) isRead(s Source) bool {
	for _, a := range c.Plant.Areas {
		for _, l := range a.Lines {
			if slices.ContainsFunc(l.Equipment, func(e plant.EquipmentConfig) bool { return s.Name != "" && e.Source == s.Name }) {
				return true
			}
		}
	}
	return s.MQTT != nil && len(s.MQTT.Subscriptions) > 0 || s.hasEvents()
}

// hasEvents reports whether s reads the conditions of its server.
func (s Source) hasEvents() bool { return s.OPCUA != nil && s.OPCUA.Events != nil }

// checkEvents checks that rules of kind event name sources that read events.
func (c *Config) checkEvents(p *setting.Problems, told setting.Problems) {
	if slices.ContainsFunc(told, func(f setting.Problem) bool { return within(f.Path, "sources") }) {
		return // the one that is meant may be the one that could not be read
	}
	for i, r := range c.Rules.Rules {
		at := slices.IndexFunc(c.Sources, func(s Source) bool { return s.Name == r.Source })
		switch {
		case r.Kind != rules.KindEvent || r.Source == "":
		case at < 0:
			p.Add(fmt.Sprintf("rules[%d].source", i), "the name of one of the sources, %q is none", r.Source)
		case !c.Sources[at].hasEvents():
			p.Add(fmt.Sprintf("rules[%d].source", i), "a source with opcua.events, %q has none", r.Source)
		}
	}
}

// checkTogether compares s with the tree. Unless a problem of s is known, it
// also builds s, which reads its files and connects to nothing.
func (s Source) checkTogether(p *setting.Problems, at string, tree *plant.Tree, known bool) {
	name := s.Name
	if name == "" {
		name = at // equipment without source is not its
	}
	switch {
	case (s.OPCUA == nil) == (s.MQTT == nil):
	case s.OPCUA != nil:
		p.Under(at+".opcua", s.OPCUA.Check(name, tree))
	default:
		problems := s.MQTT.Check(name, tree)
		p.Under(at+".mqtt", problems)
		if known || len(problems) > 0 {
			return
		}
		if _, err := mqtt.New(mqtt.Options{Config: *s.MQTT, Name: name, Tree: tree, Log: slog.New(slog.DiscardHandler)}); err != nil {
			p.Add(at+".mqtt", "a source that can be built: %v", err)
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
