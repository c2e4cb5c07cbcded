package plant_test

import (
	"testing"

	"andon/plant"
	"andon/plant/setting"
)

// site is a plant of two areas; the second one has two lines.
func site(t *testing.T) *plant.Tree {
	t.Helper()
	c := line(plant.TagConfig{Name: "total"})
	machine := func(name string) []plant.EquipmentConfig {
		return []plant.EquipmentConfig{{Name: name, Tags: []plant.TagConfig{{Name: "state"}, {Name: "total"}}}}
	}
	c.Areas = append(c.Areas, plant.AreaConfig{Name: "moulding", Lines: []plant.LineConfig{
		{Name: "lineB", Equipment: machine("B1")}, {Name: "lineC", Equipment: machine("C1")}}})
	tree, err := plant.NewTree(c)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestATagKnowsWhereItIsDeclared(t *testing.T) {
	tree := site(t)
	got := tree.ConfigPath(tree.Tag("northfield/moulding/lineC/C1/total"))
	if want := "plant.areas[1].lines[1].equipment[0].tags[1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatAPathLacksIsNamed(t *testing.T) {
	for path, want := range map[string]string{
		"northfield/moulding/lineC/C1/total":   "",
		"northfield/moulding/lineC/C1":         "",
		"northfield/moulding":                  "",
		"southfield/moulding/lineC/C1":         "the site is northfield",
		"northfield/painting/lineC/C1":         `site northfield has no area "painting"`,
		"northfield/packing/lineC/C1":          `area northfield/packing has no line "lineC"`,
		"northfield/moulding/lineC/B1/total":   `line northfield/moulding/lineC has no equipment "B1"`,
		"northfield/moulding/lineC/C1/totals":  `equipment northfield/moulding/lineC/C1 has no tag "totals"`,
		"northfield/moulding/lineC/C1/total/x": "tag northfield/moulding/lineC/C1/total has nothing below it",
		"":                                     "the site is northfield",
	} {
		if got := site(t).Missing(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestPatternsThatMatchNothingAreToldWithWhatIsNear(t *testing.T) {
	tree := site(t)
	for pattern, want := range map[string]string{
		"northfield/moulding/lineB/B1": "",
		"northfield/**":                "",
		"northfield/*/line?/C1":        "",
		"":                             "",
		"[":                            "", // no pattern: for others to tell
		"northfield/moulding/lineC":    `at: want a pattern that matches equipment, "northfield/moulding/lineC" matches none; an equipment is northfield/moulding/lineC/C1`,
		"moulding/**":                  `at: want a pattern that matches equipment, "moulding/**" matches none; an equipment is northfield/packing/lineA/A1`,
		"northfield/**/C1":             `at: want a pattern that matches equipment, "northfield/**/C1" matches none; ** stands at the end only`,
	} {
		var p setting.Problems
		tree.CheckPattern(&p, "at", pattern)
		if got := p.Err(); want == "" && got != nil || want != "" && (got == nil || got.Error() != want) {
			t.Errorf("%q: got %v, want %q", pattern, got, want)
		}
	}
	var p setting.Problems
	tree.CheckLinePattern(&p, "at", "northfield/moulding/lineC")
	tree.CheckLinePattern(&p, "at", "northfield/moulding/lineC/*")
	if len(p) > 0 {
		t.Errorf("lines: got %v, want no problem", p.Err())
	}
	tree.CheckLinePattern(&p, "at", "northfield/moulding/lineD")
	if want := `at: want a pattern that matches lines or equipment, "northfield/moulding/lineD" matches none; an equipment is northfield/moulding/lineB/B1`; len(p) != 1 || p[0].Error() != want {
		t.Errorf("lines: got %v, want %s", p.Err(), want)
	}
}
