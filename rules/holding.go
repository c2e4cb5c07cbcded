package rules

import "andon/plant"

// Holding returns the conditions that hold by what was told last, in the order
// of rules and equipment, then those of servers. It is for who lost what Eval told, and changes
// nothing. The caller owns the result.
func (s *Set) Holding() []plant.Condition {
	var out []plant.Condition
	for n := range s.instances {
		i := &s.instances[n]
		k := s.level(i)
		if i.said == "" || k < 0 {
			continue
		}
		out = append(out, plant.Condition{Rule: i.rule.ID, Equipment: i.equipment, Tag: i.tag, Class: i.rule.Class, Priority: i.said, Active: true,
			Time: i.last, Value: i.value, Message: s.message(i, k), Response: i.rule.Response})
	}
	for _, c := range s.servers.order {
		out = append(out, s.told(c, true))
	}
	return out
}

// Knows reports whether the rule can say whether its condition holds on that
// equipment: not before it has seen values or a state, and not during a delay.
// Of a server's condition it can once the server has told all that it has. It
// is true of a rule that there is not.
func (s *Set) Knows(rule, equipment string) bool {
	if r := s.servers.ruleOf(rule); r != nil {
		return s.servers.at(r.Source).complete
	}
	for n := range s.instances {
		i := &s.instances[n]
		if i.rule.ID != rule || i.equipment.Path != equipment {
			continue
		}
		for id := i.first; id < i.first+i.n; id++ {
			if s.latches[id].phase == onDelay {
				return false
			}
		}
		if i.rule.Kind == KindState || i.entries != nil {
			st := &s.states[i.equipment.ID]
			return st.Equipment != nil && st.State != plant.StateUnknown
		}
		if i.trend != nil && len(i.trend.cells) < i.rule.Points {
			return false
		}
		return i.quality == good && i.gate != held
	}
	return true
}
