package rules_test

import (
	"testing"
	"time"

	"andon/rules"
)

func TestEveryProblemOfARuleThatRemembersIsNamedAtItsPlace(t *testing.T) {
	areNamed(t, []mistake{
		{weight(), func(r *rules.Rule) { r.Tag, r.Sigma, r.Rising = "", 0, 2 }, "rules[0].tag rules[0].sigma rules[0].rising"},
		{weight(), func(r *rules.Rule) { r.Levels[1].Tests = []string{"n9"} }, "rules[0].levels[1].tests[0]"},
		{weight(), func(r *rules.Rule) { r.Levels[0].Tests = nil }, "rules[0].levels[0].tests"},
		{weight(), func(r *rules.Rule) { r.Levels[0].Raise, r.Tests = "> 1", []string{"n1"} }, "rules[0].levels rules[0].levels[0].raise"},
		{weight(), func(r *rules.Rule) { r.Spec.Target, r.Spec.Upper = nil, nil }, "rules[0].center"},
		{weight(), func(r *rules.Rule) { r.Spec.Lower = at(26) }, "rules[0].spec.lower"},
		{weight(), func(r *rules.Rule) { r.ClearAfter, r.CapabilityOver = -1, 1 }, "rules[0].clear_after rules[0].capability_over"},
		{weight(), func(r *rules.Rule) { r.EWMA.Lambda, r.CUSUM.HeadStart = 2, 9 }, "rules[0].ewma.lambda rules[0].cusum.head_start"},
		{weight(), func(r *rules.Rule) { r.OnDelay, r.Window = 1, 1 }, "rules[0].on_delay rules[0].window"},
		{heating(), func(r *rules.Rule) { r.Tag, r.Within, r.Window = "", 0, 0 }, "rules[0].tag rules[0].within rules[0].window"},
		{heating(), func(r *rules.Rule) { r.Limit = "== 75" }, "rules[0].limit"},
		{heating(), func(r *rules.Rule) { r.Limit = "" }, "rules[0].limit"},
		{heating(), func(r *rules.Rule) { r.ClearBeyond, r.Points, r.Jump = time.Minute, 2, -1 }, "rules[0].clear_beyond rules[0].points rules[0].jump"},
		{heating(), func(r *rules.Rule) { r.Raise, r.Count = "> 1", 2 }, "rules[0].raise rules[0].count"},
		{chronic(), func(r *rules.Rule) { r.Count, r.Within, r.States = 1, 0, nil }, "rules[0].states rules[0].count rules[0].within"},
		{chronic(), func(r *rules.Rule) { r.For, r.Tag = 1, "total" }, "rules[0].tag rules[0].for"},
		{hot(), func(r *rules.Rule) { r.Levels[0].Tests = []string{"n1"} }, "rules[0].levels[0].tests"},
	})
}
