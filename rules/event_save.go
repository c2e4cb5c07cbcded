package rules

import (
	"maps"
	"slices"

	"andon/plant"
)

// savedServers is what a snapshot has of servers' conditions.
type savedServers struct {
	Held    []savedCondition `json:"held,omitempty"` // in the order of their raise
	Sources []savedServer    `json:"sources,omitempty"`
	Seen    []uint64         `json:"seen,omitempty"` // oldest first
}

type savedServer struct {
	Source     string                   `json:"source"`
	Refreshing bool                     `json:"refreshing,omitzero"`
	Complete   bool                     `json:"complete,omitzero"`
	Crowded    bool                     `json:"crowded,omitzero"`
	Told       map[string]plant.Instant `json:"told,omitempty"`
	Since      plant.Instant            `json:"since,omitzero"`
}

type savedCondition struct {
	Source    string         `json:"source"`
	Condition string         `json:"condition"`
	Label     string         `json:"label"`
	Class     plant.Class    `json:"class"`
	Equipment string         `json:"equipment"`
	Name      string         `json:"name,omitempty"`
	Node      string         `json:"node,omitempty"`
	NodeName  string         `json:"node_name,omitempty"`
	Text      string         `json:"text,omitempty"`
	Severity  uint16         `json:"severity"`
	Said      plant.Priority `json:"said"`
	Began     int64          `json:"began"`
	Last      int64          `json:"last"`
	Named     bool           `json:"named,omitzero"`
}

func (v *servers) save() (out savedServers) {
	for _, c := range v.order {
		out.Held = append(out.Held, savedCondition{Source: c.id.source, Condition: c.id.condition, Label: c.label, Class: c.rule.Class,
			Equipment: c.equipment.Path, Name: c.name, Node: c.node, NodeName: c.nodeName, Text: c.text, Severity: c.severity, Said: c.said,
			Began: int64(c.began), Last: int64(c.last), Named: c.named})
	}
	for _, source := range slices.Sorted(maps.Keys(v.bySource)) {
		if s := v.bySource[source]; s.refreshing || s.complete || s.crowded {
			out.Sources = append(out.Sources, savedServer{source, s.refreshing, s.complete, s.crowded, s.told, s.since})
		}
	}
	out.Seen = v.seen.list()
	return out
}

// loadServers is the reverse of save. What the present rules have no place
// for, or another, is cleared with the next Eval; the server names it again
// with its next refresh.
func (s *Set) loadServers(in savedServers) {
	v := &s.servers
	for _, x := range in.Seen {
		v.seen.add(x)
	}
	for _, x := range in.Sources {
		if v.heeds(x.Source) {
			of := v.at(x.Source)
			of.refreshing, of.complete, of.crowded, of.since = x.Refreshing, x.Complete, x.Crowded, x.Since
			maps.Copy(of.told, x.Told)
		}
	}
	for _, x := range in.Held {
		r, eq := v.placeOf(x)
		level := -1
		if r != nil {
			level = r.levelFor(x.Severity) // of another priority now, perhaps: the server's next word tells
		}
		if level < 0 || v.held[serverID{x.Source, x.Condition}] != nil {
			s.removed = append(s.removed, gone{x.Label, x.Equipment, x.Class, x.Said, plant.Instant(x.Last)})
			continue
		}
		c := v.open(serverCondition{id: serverID{x.Source, x.Condition}, rule: r, equipment: eq, name: x.Name, node: x.Node, nodeName: x.NodeName,
			text: x.Text, severity: x.Severity, level: level, said: x.Said, began: plant.Instant(x.Began)})
		c.label, c.last, c.named = x.Label, plant.Instant(x.Last), x.Named
	}
}

// placeOf returns the rule and equipment that a saved condition still has,
// nil when that changed.
func (v *servers) placeOf(x savedCondition) (*eventRule, *plant.Equipment) {
	r := v.ruleOf(x.Label)
	if r == nil || r.Source != x.Source {
		return nil, nil
	}
	if x.Condition == "" { // the others that are too many stay where they are
		i := slices.IndexFunc(r.equipment, func(e *plant.Equipment) bool { return e.Path == x.Equipment && e.Line.Area == v.area })
		if i < 0 {
			return nil, nil
		}
		return r, r.equipment[i]
	}
	first, eq := v.takes(&plant.Event{Source: x.Source, Condition: x.Condition, Name: x.Name, Node: x.Node, NodeName: x.NodeName})
	if first != r || eq.Path != x.Equipment || eq.Line.Area != v.area {
		return nil, nil
	}
	return r, eq
}
