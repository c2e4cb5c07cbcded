package production_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestAReasonTreeThatPeopleCannotUseIsAProblem(t *testing.T) {
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	reason := func(id, parent string) production.Reason {
		return production.Reason{ID: id, Parent: parent, Category: production.CategoryOther}
	}
	many := make([]production.Reason, 30)
	for i := range many {
		many[i] = reason(fmt.Sprintf("r%d", i), "")
	}
	retired := make([]production.Reason, 30)
	for i := range retired {
		retired[i] = reason(fmt.Sprintf("r%d", i), "")
		if i > 3 {
			retired[i].ValidTo = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	against := reason("a", "")
	against.CountsAgainst = "quality"
	for name, c := range map[string]struct {
		reasons []production.Reason
		rules   []production.ReasonRule
		want    string
	}{
		"fine":            {reasons: []production.Reason{reason("a", ""), reason("b", "a"), reason("c", "b")}},
		"retired ones":    {reasons: retired},
		"no parent":       {reasons: []production.Reason{reason("a", "z")}, want: `reasons[0].parent: want the id of a reason, there is no "z"`},
		"a cycle":         {reasons: []production.Reason{reason("a", "b"), reason("b", "a")}, want: "not below this one"},
		"too deep":        {reasons: []production.Reason{reason("a", ""), reason("b", "a"), reason("c", "b"), reason("d", "c")}, want: "at most 3 levels"},
		"too many":        {reasons: many, want: "at most 25"},
		"against quality": {reasons: []production.Reason{against}, want: "none, availability or performance"},
		"a rule without a reason": {reasons: []production.Reason{reason("a", "")}, want: `reason_rules[0].reason: want the id of a reason, there is no "z"`,
			rules: []production.ReasonRule{{Reason: "z", When: production.RuleWhen{States: []string{"fault"}}}}},
		"a rule for all": {reasons: []production.Reason{reason("a", "")}, want: "at least one of states", rules: []production.ReasonRule{{Reason: "a"}}},
		"a rule for a tag that is not there": {reasons: []production.Reason{reason("a", "")}, want: "reason_rules[0].when.signal",
			rules: []production.ReasonRule{{Reason: "a", When: production.RuleWhen{Signal: "nothing"}}}},
	} {
		cfg := production.DefaultConfig()
		cfg.Reasons, cfg.ReasonRules = c.reasons, c.rules
		problems := append(cfg.Validate(), cfg.Check(tree)...)
		text := fmt.Sprint(problems.Err())
		if c.want == "" && len(problems) > 0 && strings.Contains(text, "reason") || c.want != "" && !strings.Contains(text, c.want) {
			t.Errorf("%s: got %s, want %q", name, text, c.want)
		}
	}
}
