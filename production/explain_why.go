package production

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/plant"
)

// equipment is whose timeline it is, nil when that is not told.
func (e *Explainer) equipment() *plant.Equipment {
	if e.subject.Line == nil {
		return nil
	}
	i := slices.IndexFunc(e.subject.Line.Equipment, func(eq *plant.Equipment) bool { return eq.Path == e.in.Equipment })
	if i < 0 {
		return nil
	}
	return e.subject.Line.Equipment[i]
}

// rules returns the definitions that made the timeline.
func (e *Explainer) rules() []Rule {
	eq := e.equipment()
	if eq == nil || e.rolled {
		return nil
	}
	set, _ := newSettings(e.subject.Config, eq)
	rules := []Rule{{"micro_stop", set.micro.String()}, {"min_run", set.minRun.String()}, {"min_state", set.minState.String()},
		{"stale_after", time.Duration(set.stale).String()}, {"startup", set.startup.String()}}
	if set.microCycles > 0 {
		rules[0].Value = fmt.Sprintf("%g ideal cycles", set.microCycles)
	}
	if tag := eq.Tag(plant.RoleState); tag != nil {
		rules = append(rules, Rule{"state_map", stateMapOf(tag)})
	}
	for _, f := range e.subject.Config.CalendarFor {
		if plant.Match(f.Equipment, eq.Path) {
			rules = append(rules, Rule{"calendar", f.Calendar})
			break
		}
	}
	if e.kpi.Level == ScopeLine {
		rules = append(rules, Rule{"constraint", e.in.Equipment}, Rule{"good_from", e.good})
	}
	return rules
}

func stateMapOf(tag *plant.Tag) string {
	if tag.States == "" {
		return "packml"
	}
	return tag.States
}

// because tells of every span what made it so.
func (e *Explainer) because(spans []located) {
	eq := e.equipment()
	if eq == nil {
		return
	}
	set, _ := newSettings(e.subject.Config, eq)
	set.states = mapOf(eq.Tag(plant.RoleState), e.subject.Config.stateMaps(), "packml")
	for i := range spans {
		s := &spans[i]
		var why []string
		for _, part := range []string{e.signalled(eq, set, s.seg), e.reasoned(s.seg), thresholdOf(set, s.seg)} {
			if part != "" {
				why = append(why, part)
			}
		}
		s.Why = strings.Join(why, "; ")
	}
}

// signalled says what told the state.
func (e *Explainer) signalled(eq *plant.Equipment, set settings, s Segment) string {
	tag := eq.Tag(plant.RoleState)
	switch {
	case s.State == plant.StateUnknown:
		return "no data for more than " + time.Duration(set.stale).String() + " (stale_after)"
	case s.Inferred:
		return "no data, but the counter shows the units"
	case s.State == plant.StateNotScheduled:
		return "no shift in the calendar"
	case s.State == plant.StateSlow:
		return fmt.Sprintf("units took more than %g times the ideal cycle (slow_factor)", set.slowFactor)
	case s.Blip:
		return "run shorter than " + set.minRun.String() + " (min_run) inside a stop"
	case tag == nil && s.State == plant.StateRun:
		return "counts or power show the run"
	case tag == nil:
		return ""
	}
	found := set.states.meaning(s.State)
	if len(found) == 0 {
		return ""
	}
	return "state map " + stateMapOf(tag) + ": " + strings.Join(found, ", ") + " is " + s.State.String()
}

// meaning returns the codes that mean a state, in order.
func (c codes) meaning(s plant.State) []string {
	var found []string
	for code, k := range c.m {
		if stateWords[s.String()] == k && s != plant.StateSlow {
			found = append(found, code)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return found
}

// reasoned says how the reason was found, as the record of the stop has it.
func (e *Explainer) reasoned(s Segment) string {
	i := slices.IndexFunc(e.subject.Stops, func(x Stop) bool { return x.ID == s.Stop && s.Stop != "" })
	if i < 0 {
		return ""
	}
	stop := e.subject.Stops[i]
	var parts []string
	if stop.Code != "" {
		parts = append(parts, "code "+stop.Code)
	}
	if stop.ReasonSource != "" {
		parts = append(parts, "reason by "+stop.ReasonSource)
	}
	if stop.Culprit != "" {
		parts = append(parts, fmt.Sprintf("culprit by the chain %s, confidence %.2f", stop.CulpritChain, stop.CulpritConfidence))
	}
	return strings.Join(parts, ", ")
}

// thresholdOf says which threshold decides on the bucket.
func thresholdOf(set settings, s Segment) string {
	limit := set.micro.String()
	if set.microCycles > 0 {
		limit = fmt.Sprintf("%g ideal cycles", set.microCycles)
	}
	switch s.Loss {
	case LossMicroStop:
		return "stop shorter than " + limit + " (micro_stop)"
	case LossStarved, LossBlocked, LossOther:
		if set.microCycles == 0 && s.To.Sub(s.StopStart) >= set.micro {
			return "stop not shorter than " + limit + " (micro_stop)"
		}
	case LossRun:
		if s.Unscheduled {
			return "runs in a break or outside the calendar"
		}
	}
	return ""
}
