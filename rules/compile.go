package rules

import (
	"fmt"
	"text/template"
	"time"

	"andon/plant"
	"andon/plant/setting"
	"andon/plant/spc"
)

// A rule is a Rule made ready to run.
type rule struct {
	Rule
	levels   []level // highest priority first; one without limits for other kinds than threshold
	states   stateSet
	when     stateSet
	onDelay  time.Duration // of any kind
	offDelay time.Duration
	message  *template.Template
	chart    spc.Settings // of an spc rule, center and sigma as they count
	spec     spc.Spec
}

type level struct {
	priority     plant.Priority
	raise, clear limit      // of a trend raise alone: the limit that will be passed
	tests        spc.Tests  // of an spc rule
	order        []spc.Test // the same, as they were written
}

// A stateSet is a set of canonical states, one bit each.
type stateSet uint32

func (s stateSet) has(x plant.State) bool { return s&(1<<x) != 0 }

// compile reads r and reports its problems with paths relative to the rule.
func compile(r Rule) (*rule, setting.Problems) {
	var p setting.Problems
	r.validate(&p)
	r.setDefaults()
	out := &rule{Rule: r, onDelay: r.OnDelay, offDelay: r.OffDelay}
	if r.Kind == KindState || r.Kind == KindAbsence {
		out.onDelay = r.For
	}
	out.states = parseStates(&p, "states", r.States)
	out.when = parseStates(&p, "when.states", r.When.States)
	out.levels = r.compileLevels(&p)
	if r.Kind == KindSPC {
		out.compileChart(&p)
	}
	t, err := parseMessage(r)
	if err != nil {
		p.Add("message", "a template over the fields of a message: %v", err)
	}
	out.message = t
	return out, p
}

func parseStates(p *setting.Problems, at string, names []string) (set stateSet) {
	for i, name := range names {
		s, ok := plant.ParseState(name)
		if !ok {
			p.Add(fmt.Sprintf("%s[%d]", at, i), "a canonical state such as run, stopped or fault, not %q", name)
		}
		set |= 1 << s
	}
	return set
}

func (r Rule) compileLevels(p *setting.Problems) []level {
	if len(r.Levels) == 0 {
		l := level{priority: r.Priority}
		checkPriority(p, "priority", r.Priority)
		switch r.Kind {
		case KindThreshold:
			l.raise, l.clear = compileLimits(p, "", r.Raise, r.Clear)
		case KindTrend:
			l.raise = compileGoal(p, r.Limit)
		case KindSPC:
			l.compileTests(p, "", r.Tests)
		case KindEvent:
			l.raise = compileSeverity(p, "raise", r.Raise)
		}
		return []level{l}
	}
	var out []level
	for i, x := range r.Levels {
		at := fmt.Sprintf("levels[%d].", i)
		if x.Priority == "" {
			x.Priority = r.Priority
		}
		checkPriority(p, at+"priority", x.Priority)
		l := level{priority: x.Priority}
		if i > 0 && rank(l.priority) <= rank(out[i-1].priority) {
			p.Add(at+"priority", "a lower priority than the level before (%s)", out[i-1].priority)
		}
		switch r.Kind {
		case KindThreshold:
			l.raise, l.clear = compileLimits(p, at, x.Raise, x.Clear)
			if i > 0 {
				checkOrder(p, at, out[i-1], l)
			}
		case KindSPC:
			l.compileTests(p, at, x.Tests)
		case KindEvent:
			l.raise = compileSeverity(p, at+"raise", x.Raise)
			if i > 0 && out[i-1].raise.bound <= l.raise.bound {
				p.Add(at+"raise", "a lower severity than that of the level before (%s)", out[i-1].raise.text)
			}
		}
		out = append(out, l)
	}
	return out
}

func checkPriority(p *setting.Problems, at string, x plant.Priority) {
	if rank(x) < 0 {
		p.Add(at, "one of %v, not %q", plant.Priorities(), x)
	}
}

// rank orders priorities, highest first; -1 is none.
func rank(p plant.Priority) int {
	for i, q := range plant.Priorities() {
		if p == q {
			return i
		}
	}
	return -1
}

func compileLimits(p *setting.Problems, at, raise, clear string) (r, c limit) {
	r, err := parseLimit(raise)
	if err != nil {
		p.Add(at+"raise", "%v", err)
		return r, c
	}
	if clear == "" {
		return r, r.opposite()
	}
	c, err = parseLimit(clear)
	switch {
	case err != nil:
		p.Add(at+"clear", "%v", err)
	case overlaps(r, c):
		p.Add(at+"clear", "a limit on the other side of raise (%s), not %q", raise, clear)
	case r.unit != "" && c.unit != "" && r.unit != c.unit:
		p.Add(at+"clear", "the unit of raise (%s), not %s", r.unit, c.unit)
	}
	return r, c
}

// checkOrder reports a level that the one of higher priority before it hides.
func checkOrder(p *setting.Problems, at string, higher, l level) {
	d := l.raise.direction()
	if d == 0 || d != higher.raise.direction() || (higher.raise.bound-l.raise.bound)*float64(d) <= 0 {
		p.Add(at+"raise", "a limit that is passed before that of the level before (%s)", higher.raise.text)
	}
}
