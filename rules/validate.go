package rules

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// maxTime bounds delays, so that sums of times cannot overflow.
const maxTime = 30 * 24 * time.Hour

// Validate reports every problem of c that shows without the equipment tree.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	seen := map[string]bool{}
	for i, r := range c.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		if seen[r.ID] {
			p.Add(at+".id", "an id used once, %q is taken", r.ID)
		}
		seen[r.ID] = true
		_, problems := compile(r)
		p.Under(at, problems)
	}
	return p
}

func (r Rule) validate(p *setting.Problems) {
	if !idPattern.MatchString(r.ID) {
		p.Add("id", "letters, digits, _, . and -, at most 64")
	}
	if !slices.Contains(plant.Classes(), r.Class) {
		p.Add("class", "one of %v, not %q", plant.Classes(), r.Class)
	}
	if r.Equipment == "" {
		p.Add("equipment", "a pattern such as site/area/line/* or site/**")
	} else if _, err := path.Match(strings.TrimSuffix(r.Equipment, "**"), ""); err != nil {
		p.Add("equipment", "a pattern such as site/area/line/*, not %q", r.Equipment)
	}
	if r.Response == "" {
		p.Add("response", "what the operator should do; what needs no action is no alarm")
	}
	checkTime(p, "on_delay", r.OnDelay)
	checkTime(p, "off_delay", r.OffDelay)
	checkTime(p, "for", r.For)
	checkTime(p, "when.settle", r.When.Settle)
	r.refuse(p)
	switch r.Kind {
	case KindThreshold:
		r.validateThreshold(p)
	case KindState:
		r.validateState(p)
	case KindAbsence:
		r.validateAbsence(p)
	case KindSPC:
		r.validateSPC(p)
	case KindTrend:
		r.validateTrend(p)
	case KindCount:
		r.validateCount(p)
	case KindEvent:
		r.validateEvent(p)
	default:
		p.Add("kind", "one of %v, not %q", Kinds(), r.Kind)
	}
}

func checkTime(p *setting.Problems, at string, d time.Duration) {
	if d < 0 || d > maxTime {
		p.Add(at, "0s to 720h")
	}
}

func (r Rule) validateThreshold(p *setting.Problems) {
	if r.Tag == "" {
		p.Add("tag", "the name of a tag")
	}
	if len(r.Levels) > 0 && (r.Raise != "" || r.Clear != "") {
		p.Add("levels", "either levels, or raise and clear")
	}
	if r.Quality != "" && r.Quality != QualityHold && r.Quality != QualityRaise && r.Quality != QualityNormal {
		p.Add("quality", "hold, raise or normal, not %q", r.Quality)
	}
	if r.When.Settle != 0 && len(r.When.States) == 0 {
		p.Add("when.states", "states, when there is a settle time")
	}
	for i, l := range r.Levels {
		if l.Tests != nil {
			p.Add(fmt.Sprintf("levels[%d].tests", i), "nothing in a rule of kind %s", r.Kind)
		}
	}
}

func (r Rule) validateState(p *setting.Problems) {
	if len(r.States) == 0 {
		p.Add("states", "at least one state")
	}
	if _, err := path.Match(r.Reason, ""); err != nil {
		p.Add("reason", "a reason, or a pattern with * and ?, not %q", r.Reason)
	}
}

func (r Rule) validateAbsence(p *setting.Problems) {
	if r.For < time.Second {
		p.Add("for", "1s or longer")
	}
}
