package rules

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/plant"
)

// maxServerConditions bounds the conditions of one server that hold at the
// same time. Beyond it one more says that there are others.
const maxServerConditions = 1000

// servers keep the conditions of servers that hold in one area, as the
// servers told.
type servers struct {
	area     *plant.Area
	rules    []*eventRule // of all areas, in their order: the first that takes a condition has it
	held     map[serverID]*serverCondition
	order    []*serverCondition // the same, in the order of their raise
	bySource map[string]*server
	seen     seen
}

// A serverID is the identity of a condition: a source and the node id of the
// condition, "" for the others that are too many.
type serverID struct{ source, condition string }

// A server is what is known of one source's server.
type server struct {
	refreshing bool // it is telling all its conditions
	complete   bool // it told all once
	crowded    bool // some were left out since that began last
	count      int  // conditions that hold
	// told has, while the server is telling all, of which time it told each: a
	// condition may change meanwhile, and its older state come after that.
	told  map[string]plant.Instant
	since plant.Instant // when it began to tell all
}

// maxTold bounds server.told.
const maxTold = 10_000

// tellTime is how long a server may take to tell all. What is new after that
// counts although its time is earlier, for a clock may have been set back, and
// some servers never come to an end.
const tellTime = 5 * time.Minute

// older reports whether x, which may have come before, says less of its
// condition than what came since the server began to tell all.
func (s *server) older(x *plant.Event, again bool) bool {
	if !s.refreshing {
		return false
	}
	last, known := s.told[x.Condition]
	if known && x.Time < last && (again || x.Received.Sub(s.since) <= tellTime) {
		return true
	}
	if known || len(s.told) < maxTold {
		s.told[x.Condition] = x.Time
	}
	return false
}

// A serverCondition is one that holds.
type serverCondition struct {
	id             serverID
	rule           *eventRule
	label          string // Condition.Rule
	equipment      *plant.Equipment
	name           string // of the condition
	node, nodeName string // what it is about
	text           string // what the server says
	severity       uint16
	level          int
	said           plant.Priority
	began, last    plant.Instant
	named          bool // since the server began to tell all
}

func newServers(area *plant.Area) servers {
	return servers{area: area, held: map[serverID]*serverCondition{}, bySource: map[string]*server{}}
}

// at returns what is known of the server of a source.
func (v *servers) at(source string) *server {
	s := v.bySource[source]
	if s == nil {
		s = &server{told: map[string]plant.Instant{}}
		v.bySource[source] = s
	}
	return s
}

// heeds reports whether a rule takes conditions of the source.
func (v *servers) heeds(source string) bool {
	return slices.ContainsFunc(v.rules, func(r *eventRule) bool { return r.Source == source })
}

// event takes what a server told.
func (s *Set) event(now plant.Instant, x *plant.Event) {
	v := &s.servers
	if !v.heeds(x.Source) {
		return
	}
	switch x.Kind {
	case plant.EventRefreshStart:
		of := v.at(x.Source)
		of.refreshing, of.crowded, of.since = true, false, x.Received
		clear(of.told)
		for _, c := range v.order {
			if c.id.source == x.Source {
				c.named = false
			}
		}
	case plant.EventRefreshEnd:
		s.refreshed(now, x)
	case plant.EventCondition:
		again, of := v.seen.note(x), v.at(x.Source)
		if x.Condition != "" && (!again || of.refreshing) && !of.older(x, again) {
			s.serverSays(now, x)
		}
	}
}

// refreshed clears what the server did not name although it told all.
func (s *Set) refreshed(now plant.Instant, x *plant.Event) {
	of := s.servers.at(x.Source)
	if !of.refreshing {
		return
	}
	of.refreshing, of.complete = false, true
	clear(of.told)
	for _, c := range slices.Clone(s.servers.order) {
		over := !c.named
		if c.id.condition == "" {
			over = !of.crowded
		}
		if c.id.source == x.Source && over {
			s.cease(c, cmp.Or(x.Time, now))
		}
	}
}

// serverSays takes what a server told of one condition.
func (s *Set) serverSays(now plant.Instant, x *plant.Event) {
	v := &s.servers
	id := serverID{x.Source, x.Condition}
	r, eq := v.takes(x)
	level := -1
	if eq != nil && eq.Line.Area == v.area && x.Holds() {
		level = r.levelFor(x.Severity)
	}
	at := cmp.Or(x.Time, now)
	c := v.held[id]
	if c != nil {
		c.named = true
		if level < 0 || c.rule != r || c.equipment != eq {
			s.cease(c, at)
			c = nil
		}
	}
	if level < 0 {
		return
	}
	if c == nil {
		if v.at(x.Source).count >= maxServerConditions {
			s.crowd(serverCondition{id: serverID{source: x.Source}, rule: r, equipment: eq, level: level, began: at})
			return
		}
		c = v.open(serverCondition{id: id, rule: r, equipment: eq, name: x.Name, node: x.Node, nodeName: x.NodeName, began: at})
	}
	c.level, c.text, c.severity, c.last = level, x.Message, x.Severity, max(c.last, at)
	s.tellServer(c)
}

// takes returns the first rule that takes the condition of x, and the
// equipment that it belongs to; nil for none.
func (v *servers) takes(x *plant.Event) (*eventRule, *plant.Equipment) {
	for _, r := range v.rules {
		if eq := r.takes(x); eq != nil {
			return r, eq
		}
	}
	return nil, nil
}

// open begins to keep a condition.
func (v *servers) open(c serverCondition) *serverCondition {
	c.label, c.named, c.last = label(&c), true, c.began
	v.held[c.id] = &c
	v.order = append(v.order, &c)
	v.at(c.id.source).count += c.counts()
	return &c
}

// crowd says that the server has more conditions than are kept.
func (s *Set) crowd(c serverCondition) {
	v := &s.servers
	v.at(c.id.source).crowded = true
	if v.held[c.id] != nil {
		return
	}
	c.text = fmt.Sprintf("the server of %s has more than %d alarms at once; the others are not shown until a later refresh", c.id.source, maxServerConditions)
	c.severity = 1000
	s.tellServer(v.open(c))
}

// tellServer appends a condition when its priority is not the one last told.
func (s *Set) tellServer(c *serverCondition) {
	if priority := c.rule.levels[c.level].priority; priority != c.said {
		c.said = priority
		s.out = append(s.out, s.told(c, true))
	}
}

// cease tells that a condition is over, and forgets it.
func (s *Set) cease(c *serverCondition, at plant.Instant) {
	v := &s.servers
	c.last = max(c.last, at)
	s.out = append(s.out, s.told(c, false))
	delete(v.held, c.id)
	v.order = slices.DeleteFunc(v.order, func(o *serverCondition) bool { return o == c })
	v.at(c.id.source).count -= c.counts()
}

// counts is 1 for a condition and 0 for the others that are too many.
func (c *serverCondition) counts() int { return min(len(c.id.condition), 1) }

// told returns c as rules say it.
func (s *Set) told(c *serverCondition, active bool) plant.Condition {
	out := plant.Condition{Rule: c.label, Equipment: c.equipment, Class: c.rule.Class, Priority: c.said, Active: active, Time: c.last,
		Value: plant.Uint(uint64(c.severity)), Response: c.rule.Response}
	if active {
		out.Message = s.serverMessage(c)
	}
	return out
}

func (s *Set) serverMessage(c *serverCondition) string {
	if c.id.condition == "" {
		return c.text
	}
	f := Facts{Equipment: placeOf(c.equipment), Value: plant.Uint(uint64(c.severity)).String(), Limit: c.rule.levels[c.level].raise.text,
		State: plant.StateUnknown.String(), Since: Clock{c.began.Time().In(s.zone)}, Text: c.text, Condition: c.name}
	if st := s.states[c.equipment.ID]; st.Equipment != nil {
		f.State, f.Reason = st.State.String(), st.Reason
	}
	text, err := render(c.rule.message, f)
	if err != nil { // tried out when it was read, yet a template can fail on some values only
		return fmt.Sprintf("%s on %s (its message: %v)", c.rule.ID, c.equipment.Path, err)
	}
	return cmp.Or(text, c.name, c.rule.ID)
}

// maxLabel bounds the readable part of a label.
const maxLabel = 40

// label names a condition for ever: the rule, what of the condition's name is
// fit for addresses, and what keeps it apart from others of that name.
func label(c *serverCondition) string {
	if c.id.condition == "" {
		return c.rule.ID + ":others"
	}
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, c.name)
	sum := sha256.Sum256([]byte(c.id.source + "\x00" + c.id.condition))
	return fmt.Sprintf("%s:%s-%x", c.rule.ID, name[:min(len(name), maxLabel)], sum[:5])
}

// BaseRule returns the id of the rule that a condition comes from. The Rule of
// a server's condition also names the condition, for a rule of kind event has
// as many as the server.
func BaseRule(rule string) string {
	id, _, _ := strings.Cut(rule, ":")
	return id
}

// ruleOf returns the rule of a label, nil when it is none of a server's
// condition.
func (v *servers) ruleOf(label string) *eventRule {
	if !strings.Contains(label, ":") {
		return nil
	}
	for _, r := range v.rules {
		if r.ID == BaseRule(label) {
			return r
		}
	}
	return nil
}
