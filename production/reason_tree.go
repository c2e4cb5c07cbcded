package production

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// CountsAgainst is what time is a loss of.
type CountsAgainst string

// What time may count against. Time never counts against quality: that is
// worked out from counts, and booking a stop there too would count it twice.
const (
	CountsNone         CountsAgainst = "none"         // held out like a planned stop
	CountsAvailability CountsAgainst = "availability" //
	CountsPerformance  CountsAgainst = "performance"  // like a micro-stop
)

// ReviewConfig bounds what people may do to stops.
type ReviewConfig struct {
	MinPart  time.Duration `yaml:"min_part"`  // shortest part of a stop that is split
	MergeGap time.Duration `yaml:"merge_gap"` // longest run between stops that are merged
}

// A ReasonRule gives a reason to stops that nothing else explains, once they
// are over. The first that matches counts; a person may still say otherwise.
type ReasonRule struct {
	Equipment string   `yaml:"equipment"` // path glob, "" for all
	When      RuleWhen `yaml:"when"`
	Reason    string   `yaml:"reason"` // id
}

// RuleWhen says which stops a rule is for: those of which all that is given
// holds.
type RuleWhen struct {
	States     []string      `yaml:"states"`      // the stop's
	LongerThan time.Duration `yaml:"longer_than"` // the stop's downtime, 0 for any
	AtMost     time.Duration `yaml:"at_most"`     // the stop's downtime, 0 for any
	From       string        `yaml:"from"`        // the stop begins at or after this time of day, such as 06:00
	To         string        `yaml:"to"`          // and before this one; may be past midnight
	Signal     string        `yaml:"signal"`      // a tag of the equipment, or its path, that has Value at some time in the stop
	Value      string        `yaml:"value"`       // "" for any but 0, false and nothing
	// Neighbour is another equipment of the area, or upstream or downstream
	// for the nearest of the line, that is in one of NeighbourStates at some
	// time in the stop.
	Neighbour       string   `yaml:"neighbour"`
	NeighbourStates []string `yaml:"neighbour_states"`
	Alarm           string   `yaml:"alarm"` // name of a rule whose condition holds for the equipment at some time in the stop
}

// The bounds of a reason tree: what people still find their way in.
const (
	maxReasonLevels = 3
	maxReasonLeaves = 25
)

func (c Config) validateReasonTree(p *setting.Problems) {
	parents := map[string]string{}
	for _, r := range c.Reasons {
		if old, ok := parents[r.ID]; !ok || old == "" {
			parents[r.ID] = r.Parent
		}
	}
	for i, r := range c.Reasons {
		at := fmt.Sprintf("reasons[%d].", i)
		if _, ok := parents[r.Parent]; r.Parent != "" && !ok {
			p.Add(at+"parent", "the id of a reason, there is no %q", r.Parent)
		} else if depth := depthOf(r.ID, parents); depth < 0 {
			p.Add(at+"parent", "a reason that is not below this one")
		} else if depth > maxReasonLevels {
			p.Add(at+"parent", "at most %d levels, this is on level %d", maxReasonLevels, depth)
		}
		if !slices.Contains([]CountsAgainst{"", CountsNone, CountsAvailability, CountsPerformance}, r.CountsAgainst) {
			p.Add(at+"counts_against", "none, availability or performance, not %q", r.CountsAgainst)
		}
		if !r.ValidFrom.IsZero() && !r.ValidTo.IsZero() && !r.ValidTo.After(r.ValidFrom) {
			p.Add(at+"valid_to", "a time after valid_from")
		}
	}
}

// depthOf returns the level of a reason, from 1 for the top, -1 when it is
// above itself.
func depthOf(id string, parents map[string]string) int {
	depth := 1
	for seen := map[string]bool{}; parents[id] != ""; depth++ {
		if seen[id] {
			return -1
		}
		seen[id] = true
		id = parents[id]
	}
	return depth
}

// withCategory returns the reason with the category of the nearest above it
// when it has none of its own.
func (c Config) withCategory(r Reason) *Reason {
	for at, level := r.Parent, 1; r.Category == "" && at != "" && level < maxReasonLevels; level++ {
		i := slices.IndexFunc(c.Reasons, func(x Reason) bool { return x.ID == at })
		if i < 0 {
			break
		}
		r.Category, at = c.Reasons[i].Category, c.Reasons[i].Parent
	}
	return &r
}

// ReasonsOf returns the reasons of eq in the order of the configuration, each
// with its category and of each id the first.
func (c Config) ReasonsOf(eq *plant.Equipment) []Reason {
	var out []Reason
	for _, r := range c.Reasons {
		known := slices.ContainsFunc(out, func(x Reason) bool { return x.ID == r.ID })
		if !known && (r.Equipment == "" || plant.Match(r.Equipment, eq.Path)) {
			out = append(out, *c.withCategory(r))
		}
	}
	return out
}

func (c Config) validateReview(p *setting.Problems) {
	if c.Review.MinPart < time.Second || c.Review.MinPart > time.Hour {
		p.Add("review.min_part", "a time from 1s to 1h, not %s", c.Review.MinPart)
	}
	if c.Review.MergeGap < 0 || c.Review.MergeGap > 10*time.Minute {
		p.Add("review.merge_gap", "a time from 0s to 10m, not %s", c.Review.MergeGap)
	}
	for i, r := range c.ReasonRules {
		at := fmt.Sprintf("reason_rules[%d]", i)
		optionalGlob(p, at+".equipment", r.Equipment)
		if !slices.ContainsFunc(c.Reasons, func(x Reason) bool { return x.ID == r.Reason }) {
			p.Add(at+".reason", "the id of a reason, there is no %q", r.Reason)
		}
		p.Under(at+".when", r.When.validate())
	}
}

func (w RuleWhen) validate() setting.Problems {
	var p setting.Problems
	if len(w.States) == 0 && w.LongerThan == 0 && w.AtMost == 0 && w.From == "" && w.Signal == "" && w.Neighbour == "" && w.Alarm == "" {
		p.Add("", "at least one of states, longer_than, at_most, from, signal, neighbour and alarm")
	}
	if w.LongerThan < 0 || w.AtMost < 0 || w.AtMost != 0 && w.LongerThan >= w.AtMost {
		p.Add("at_most", "a time longer than longer_than")
	}
	for key, states := range map[string][]string{"states": w.States} {
		for i, s := range states {
			if !slices.Contains(stopStates, s) {
				p.Add(fmt.Sprintf("%s[%d]", key, i), "one of %s, not %q", strings.Join(stopStates, ", "), s)
			}
		}
	}
	for i, s := range w.NeighbourStates {
		if _, ok := plant.ParseState(s); !ok {
			p.Add(fmt.Sprintf("neighbour_states[%d]", i), "a state such as fault, not %q", s)
		}
	}
	if (w.Neighbour == "") != (len(w.NeighbourStates) == 0) {
		p.Add("neighbour", "neighbour and neighbour_states together")
	}
	if (w.From == "") != (w.To == "") {
		p.Add("to", "from and to together")
	}
	for key, text := range map[string]string{"from": w.From, "to": w.To} {
		if _, err := time.Parse("15:04", text); text != "" && err != nil {
			p.Add(key, "a time of day such as 06:00, not %q", text)
		}
	}
	if w.Value != "" && w.Signal == "" {
		p.Add("value", "a signal whose value it is")
	}
	return p
}

// checkReasons reports equipment with more reasons than people find their way
// in, and rules that look at what the plant has not.
func (c Config) checkReasons(p *setting.Problems, tree *plant.Tree) {
	for _, eq := range tree.Equipment() {
		if n := c.leaves(eq); n > maxReasonLeaves {
			p.Add("reasons", "at most %d that people can choose for %s, it has %d; retire some with valid_to", maxReasonLeaves, eq.Path, n)
			break
		}
	}
	for i, r := range c.ReasonRules {
		at := fmt.Sprintf("reason_rules[%d]", i)
		if r.Equipment != "" {
			tree.CheckPattern(p, at+".equipment", r.Equipment)
		}
		if n := r.When.Neighbour; n != "" && n != "upstream" && n != "downstream" && tree.FindEquipment(n) == nil {
			p.Add(at+".when.neighbour", "upstream, downstream or the path of an equipment, not %q", n)
		}
		if s := r.When.Signal; strings.Contains(s, "/") && tree.Tag(s) == nil {
			p.Add(at+".when.signal", "the path of a tag, not %q: %s", s, tree.Missing(s))
		} else if !strings.Contains(s, "/") && s != "" && !c.hasSignal(tree, r) {
			p.Add(at+".when.signal", "the name of a tag that the equipment has, not %q", s)
		}
	}
}

func (c Config) hasSignal(tree *plant.Tree, r ReasonRule) bool {
	for _, eq := range tree.Equipment() {
		if r.applies(eq) && tree.Tag(path.Join(eq.Path, r.When.Signal)) != nil {
			return true
		}
	}
	return false
}

func (r ReasonRule) applies(eq *plant.Equipment) bool {
	return r.Equipment == "" || plant.Match(r.Equipment, eq.Path)
}

// leaves counts the reasons that people can choose for eq now.
func (c Config) leaves(eq *plant.Equipment) int {
	n := 0
	for _, r := range c.Reasons {
		above := slices.ContainsFunc(c.Reasons, func(x Reason) bool { return x.Parent == r.ID })
		if !above && r.ValidTo.IsZero() && (r.Equipment == "" || plant.Match(r.Equipment, eq.Path)) {
			n++
		}
	}
	return n
}
