package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/plant/setting"
	"andon/rules"
)

func TestRulesAreReadFromYAML(t *testing.T) {
	const text = `
rules:
  - id: gearbox-hot
    class: maintenance
    kind: threshold
    equipment: northfield/packing/lineA/*
    tag: gearbox_temp
    when: {states: [run, slow], settle: 30s}
    levels:
      - {priority: high, raise: "> 85 degC", clear: "< 80 degC"}
      - {priority: medium, raise: "> 75", clear: "< 72"}
    on_delay: 10s
    off_delay: 30s
    quality: hold
    message: "{{.Equipment.Name}} gearbox {{.Value}} {{.Unit}}"
    response: check the oil cooler fan
  - {id: guard, class: safety, kind: threshold, priority: critical, equipment: northfield/**, tag: guard_open, raise: == true, response: close it}
  - {id: valve, class: maintenance, kind: state, priority: high, equipment: northfield/**, states: [fault], reason: "E-2*", for: 30s, response: call the fitter}
  - {id: silent, class: maintenance, kind: absence, priority: medium, equipment: northfield/**, for: 30s, response: check the network}
`
	c := rules.DefaultConfig()
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate().Err(); err != nil {
		t.Error(err)
	}
	if err := c.Check(northfield(t)).Err(); err != nil {
		t.Error(err)
	}
	if r := c.Rules[0]; r.OnDelay != 10*time.Second || r.When.Settle != 30*time.Second || len(r.Levels) != 2 {
		t.Errorf("first rule: got %+v", r)
	}
}

// with returns the first problems' paths of a rule changed by edit.
func problems(r rules.Rule, edit func(*rules.Rule)) setting.Problems {
	edit(&r)
	return rules.Config{Rules: []rules.Rule{r}}.Validate()
}

func TestEveryProblemOfARuleIsNamedAtItsPlace(t *testing.T) {
	areNamed(t, []mistake{
		{hot(), func(r *rules.Rule) { r.ID = "a b" }, "rules[0].id"},
		{hot(), func(r *rules.Rule) { r.Class = "x" }, "rules[0].class"},
		{hot(), func(r *rules.Rule) { r.Kind = "guess" }, "rules[0].kind"},
		{hot(), func(r *rules.Rule) { r.Equipment = "" }, "rules[0].equipment"},
		{hot(), func(r *rules.Rule) { r.Equipment = "[/**" }, "rules[0].equipment"},
		{hot(), func(r *rules.Rule) { r.Response = "" }, "rules[0].response"},
		{hot(), func(r *rules.Rule) { r.OnDelay = -1 }, "rules[0].on_delay"},
		{hot(), func(r *rules.Rule) { r.Tag = "" }, "rules[0].tag"},
		{hot(), func(r *rules.Rule) { r.Quality = "guess" }, "rules[0].quality"},
		{hot(), func(r *rules.Rule) { r.Raise = "> 80" }, "rules[0].levels"},
		{hot(), func(r *rules.Rule) { r.Priority, r.Levels[0].Priority = plant.PriorityHigh, "" }, ""},
		{hot(), func(r *rules.Rule) { r.For, r.States = time.Second, []string{"run"} }, "rules[0].states rules[0].for"},
		{hot(), func(r *rules.Rule) { r.When.Settle = time.Second }, "rules[0].when.states"},
		{hot(), func(r *rules.Rule) { r.When.States = []string{"running"} }, "rules[0].when.states[0]"},
		{hot(), func(r *rules.Rule) { r.Message = "{{.Machine}}" }, "rules[0].message"},
		{hot(), func(r *rules.Rule) { r.Message = "{{" }, "rules[0].message"},
		{hot(), func(r *rules.Rule) { r.Levels[0].Priority = "urgent" }, "rules[0].levels[0].priority"},
		{hot(), func(r *rules.Rule) { r.Levels[1].Priority = plant.PriorityHigh }, "rules[0].levels[1].priority"},
		{hot(), func(r *rules.Rule) { r.Levels[1].Raise = "> 85" }, "rules[0].levels[1].raise"},
		{hot(), func(r *rules.Rule) { r.Levels[1].Raise, r.Levels[1].Clear = "< 20", "" }, "rules[0].levels[1].raise"},
		{hot(), func(r *rules.Rule) { r.Levels[0].Raise = "hot" }, "rules[0].levels[0].raise rules[0].levels[1].raise"},
		{guardOpen(), func(r *rules.Rule) { r.Raise = "> true" }, "rules[0].raise"},
		{guardOpen(), func(r *rules.Rule) { r.Raise = "> 1 mm s" }, "rules[0].raise"},
		{guardOpen(), func(r *rules.Rule) { r.Clear = "< 1" }, "rules[0].clear"},
		{guardOpen(), func(r *rules.Rule) { r.Priority = "" }, "rules[0].priority"},
		{fault(), func(r *rules.Rule) { r.States = nil }, "rules[0].states"},
		{fault(), func(r *rules.Rule) { r.States = []string{"broken"} }, "rules[0].states[0]"},
		{fault(), func(r *rules.Rule) { r.Reason = "[" }, "rules[0].reason"},
		{fault(), func(r *rules.Rule) { r.Tag, r.OnDelay = "total", 1 }, "rules[0].tag rules[0].on_delay"},
		{silent(), func(r *rules.Rule) { r.For = 0 }, "rules[0].for"},
		{silent(), func(r *rules.Rule) { r.Raise, r.Reason = "> 1", "x" }, "rules[0].raise rules[0].reason"},
	})
}

// A mistake is a rule changed by edit, and where its problems are.
type mistake struct {
	rule rules.Rule
	edit func(*rules.Rule)
	want string
}

func areNamed(t *testing.T, list []mistake) {
	t.Helper()
	for _, x := range list {
		var got []string
		found := problems(x.rule, x.edit)
		for _, p := range found {
			got = append(got, p.Path)
		}
		if g := strings.Join(got, " "); g != x.want {
			t.Errorf("got problems at %q, want %q (%v)", g, x.want, found.Err())
		}
	}
}

func TestClearMustBeOnTheOtherSideOfRaise(t *testing.T) {
	for _, x := range []struct {
		raise, clear string
		ok           bool
	}{
		{"> 85", "< 80", true}, {"> 85", "<= 85", true}, {"> 85", "< 85", true}, {">= 85", "< 85", true}, {"> 85", "", true},
		{"> 85", "< 86", false}, {">= 85", "<= 85", false}, {"> 85", "> 80", false}, {"> 85", "== 80", false},
		{"< 10", "> 12", true}, {"<10", ">=10", true}, {"< 10", "> 9", false}, {"<= 10", ">= 10", false}, {"< -10", "> -12", false},
		{"== 3", "!= 3", true}, {"== 3", "!= 4", false}, {"!= 0", "== 0", true}, {"== true", "!= true", true}, {"== 3", "< 3", false},
		{"> 1 bar", "< 0.9 bar", true}, {"> 1 bar", "< 900 mbar", false}, {"> 1e3", "< 9.5e2", true},
	} {
		p := problems(guardOpen(), func(r *rules.Rule) { r.Raise, r.Clear = x.raise, x.clear })
		if ok := len(p) == 0; ok != x.ok {
			t.Errorf("raise %q clear %q: got %v, want ok %t", x.raise, x.clear, p.Err(), x.ok)
		}
	}
}

func TestSameIDTwiceIsAProblem(t *testing.T) {
	p := rules.Config{Rules: []rules.Rule{hot(), hot()}}.Validate()
	if len(p) != 1 || p[0].Path != "rules[1].id" {
		t.Errorf("got %v, want one problem at rules[1].id", p)
	}
}

func TestRulesAreCheckedAgainstThePlant(t *testing.T) {
	edit := func(r rules.Rule, f func(*rules.Rule)) rules.Rule { f(&r); return r }
	c := rules.Config{Rules: []rules.Rule{
		edit(hot(), func(r *rules.Rule) { r.ID, r.Equipment = "a", "northfield/painting/**" }),
		edit(hot(), func(r *rules.Rule) { r.ID, r.Tag = "b", "oil_temp" }),
		edit(guardOpen(), func(r *rules.Rule) { r.ID, r.Tag, r.Raise = "c", "alarm_id", "> 1" }),
		edit(hot(), func(r *rules.Rule) { r.ID, r.Levels[0].Raise = "d", "> 185 degF" }),
		edit(guardOpen(), func(r *rules.Rule) { r.ID, r.Raise = "e", "> 0" }), // 1 while open: well
		edit(guardOpen(), func(r *rules.Rule) { r.ID, r.Tag = "f", "gearbox_temp" }),
		edit(silent(), func(r *rules.Rule) { r.ID, r.Tag = "g", "heartbeat" }),
		edit(fault(), func(r *rules.Rule) { r.ID, r.Equipment = "h", "northfield/packing/lineA/B1" }),
		edit(hot(), func(r *rules.Rule) { r.ID, r.Equipment = "good", "northfield/**" }),
		edit(heating(), func(r *rules.Rule) { r.ID, r.Limit = "j", ">= 167 degF" }),
		edit(weight(), func(r *rules.Rule) { r.ID, r.Tag = "k", "alarm_id" }),
	}}
	var got []string
	problems := c.Check(northfield(t))
	for _, p := range problems {
		got = append(got, p.Path)
	}
	want := []string{"rules[0].equipment", "rules[1].tag", "rules[2].tag", "rules[3].levels[0].raise", "rules[5].raise", "rules[6].tag", "rules[7].equipment", "rules[9].limit", "rules[10].tag"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s\n%v", diff, problems.Err())
	}
	if _, err := rules.New(c, northfield(t), northfield(t).Areas[0]); err == nil || !strings.Contains(err.Error(), "rules[3].levels[0].raise: want a limit in the unit of the tag") {
		t.Errorf("New: got %v, want the same problems", err)
	}
}
