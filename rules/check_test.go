package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/rules"
)

func TestARuleIsToldOfItsOwnMistakesAndThoseAboutThePlantTogether(t *testing.T) {
	site := plant.Config{Site: "northfield", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{
		{Name: "lineA", Equipment: []plant.EquipmentConfig{{Name: "A1", Tags: []plant.TagConfig{
			{Name: "gearbox_temp", Type: "float", Unit: "degC"},
			{Name: "vibration", Unit: "furlong"}, // a mistake of the plant, none of the rules
		}}}}}}}}
	a, b, c := hot(), hot(), hot()
	a.ID, a.Response, a.Tag = "a", "", "oil_temp"
	b.ID, b.Levels[1].Clear = "b", "< 60 degF"
	c.ID, c.Tag, c.Levels[0].Raise = "c", "vibration", "> 85 mm/s"
	cfg := rules.Config{Rules: []rules.Rule{a, b, c}}
	var got []string
	problems := append(cfg.Validate(), cfg.Check(plant.Outline(site))...)
	for _, p := range problems {
		got = append(got, p.Path)
	}
	want := []string{"rules[0].response", "rules[0].tag", "rules[1].levels[1].clear"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s\n%v", diff, problems.Err())
	}
}
