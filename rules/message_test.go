package rules_test

import (
	"os"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"andon/plant"
	"andon/rules"
)

func TestReasonThatOnlyRepeatsTheStateIsNotSaidTwice(t *testing.T) {
	r := fault()
	r.For, r.States = 0, []string{"fault", "blocked"}
	own := r
	own.ID, own.Message = "own", "{{.State}}{{with .Reason}} by {{.}}{{end}}"
	for _, c := range []struct {
		state             plant.State
		reason            string
		wantAuto, wantOwn string
	}{
		{plant.StateFault, "E-204", "state fault (E-204) since 11:00:00", "fault by E-204"},
		{plant.StateBlocked, "blocked", "state blocked since 11:00:00", "blocked"},
		{plant.StateBlocked, "Blocked", "state blocked since 11:00:00", "blocked"},
		{plant.StateBlocked, "", "state blocked since 11:00:00", "blocked"},
	} {
		got := newShift(t, r, own).at("10:00", plant.StateChange{Equipment: northfield(t).FindEquipment(lineA + "A1"), State: c.state,
			Since: clock("10:00"), Reason: c.reason})
		if len(got) != 2 || got[0].Message != c.wantAuto || got[1].Message != c.wantOwn {
			t.Errorf("%s for the reason %q: got %+v, want messages %q, %q", c.state, c.reason, got, c.wantAuto, c.wantOwn)
		}
	}
}

// demo reads the plant and the rules of the example.
func demo(t *testing.T) (*plant.Tree, rules.Config) {
	t.Helper()
	var p struct {
		Plant plant.Config `yaml:"plant"`
	}
	var c rules.Config
	for name, into := range map[string]any{"plant": &p, "rules": &c} {
		text, err := os.ReadFile("../configs/northfield/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := plant.NewTree(p.Plant)
	if err != nil {
		t.Fatal(err)
	}
	return tree, c
}

func TestNorthfieldIsToldInPlainWords(t *testing.T) {
	const a1, b1 = "packing/lineA/A1", "moulding/lineB/B1"
	for _, c := range []struct {
		equipment, rule string
		state           plant.State
		reason          string
		tag             string // "" for a state alone
		value           float64
		want            string
	}{
		{b1, "emergency-stop", plant.StateSafety, "e-stop", "", 0, "emergency stop"},
		{b1, "guard-open-while-running", plant.StateRun, "", "guard_open", 1, "guard open while running"},
		{a1, "fault", plant.StateFault, "E-204", "", 0, "fault E-204"},
		{a1, "fault", plant.StateFault, "fault", "", 0, "fault"},
		{a1, "vibration", plant.StateRun, "", "vibration", 3.1, "vibration 3.1 mm/s"},
		{a1, "gearbox-hot", plant.StateRun, "", "gearbox_temp", 76, "gearbox 76 degC"},
		{a1, "no-data", plant.StateRun, "", "", 0, "no data"},
		{b1, "part-weight", plant.StateRun, "", "part_weight", 25.2, "part weight 25.2 g: beyond 3 sigma (N1)"},
		{a1, "tank-low", plant.StateRun, "", "tank_level", 1999.5, "1999.5 L left in the tank"},
		{b1, "starved", plant.StateStarved, "starved", "", 0, "nothing to work on"},
		{b1, "starved", plant.StateStarved, "resin_empty", "", 0, "nothing to work on (resin_empty)"},
		{a1, "blocked", plant.StateBlocked, "blocked", "", 0, "blocked"},
		{a1, "blocked", plant.StateBlocked, "", "", 0, "blocked"},
		{a1, "stopped-long", plant.StateStopped, "", "", 0, "stopped for two minutes, no reason given"},
	} {
		if got := toldAtNorthfield(t, "northfield/"+c.equipment, c.rule, plant.StateChange{State: c.state, Reason: c.reason}, c.tag, c.value); got != c.want {
			t.Errorf("%s of %s with reason %q: got %q, want %q", c.rule, c.equipment, c.reason, got, c.want)
		}
	}
}

// toldAtNorthfield returns the message of a rule once what it looks for has
// lasted three minutes.
func toldAtNorthfield(t *testing.T, path, rule string, st plant.StateChange, tag string, v float64) string {
	t.Helper()
	tree, cfg := demo(t)
	eq := tree.FindEquipment(path)
	set, err := rules.New(cfg, tree, eq.Line.Area)
	if err != nil {
		t.Fatal(err)
	}
	st.Equipment, st.Since = eq, clock("10:00")
	in := rules.Input{States: []plant.StateChange{st}}
	if tag != "" {
		x := tree.Tag(path + "/" + tag)
		value, ok := plant.Float(v).As(x.Type)
		if !ok {
			t.Fatalf("%s takes no %v", x.Path, v)
		}
		in.Samples = []plant.Sample{{Tag: x, Value: value, Time: st.Since}}
	}
	for now := st.Since; now <= st.Since.Add(3*time.Minute); now = now.Add(time.Second) {
		for _, c := range set.Eval(now, in) {
			if c.Rule == rule && c.Equipment == eq {
				return c.Message
			}
		}
		in = rules.Input{}
	}
	return ""
}
