package production_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func northfield(t *testing.T) *plant.Tree {
	t.Helper()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestThePlantOfTheScriptHasNoProblem(t *testing.T) {
	if p := productiontest.Config(productiontest.Start).Check(northfield(t)); len(p) > 0 {
		t.Errorf("got %v, want no problem", p.Err())
	}
}

func TestEveryNameThatThePlantHasNotIsToldAtOnceAtItsPlace(t *testing.T) {
	c := productiontest.Config(productiontest.Start)
	c.CalendarFor[1].Equipment = "northfield/molding/**"
	c.Products[0].Ideal[0].Equipment = "packing/**"
	c.Orders[0].Line = "northfield/packing/lineC"
	c.Orders[1].Line = "northfield/packing/lineA/A[1]" // equipment is well too
	c.Changeover.Standards[0].Equipment = "northfield/**/A1"
	c.Reasons[0].Equipment = "northfield/packing/lineA/A9"
	c.Equipment = []production.EquipmentConfig{
		{Equipment: "northfield/packing/lineA/X*", Total: "shots"},
		{Equipment: "northfield/packing/**", Good: productiontest.B3 + "/inspected", Reject: productiontest.B3 + "/rejects", Rework: productiontest.B1 + "/shots/x"},
		{Equipment: "northfield/moulding/lineB/B1", Total: productiontest.B1 + "/weight"},
	}
	c.StateMaps = c.StateMaps[1:]
	var got []string
	for _, p := range c.Check(northfield(t)) {
		got = append(got, p.Error())
	}
	want := []string{
		`calendar_for[1].equipment: want a pattern that matches equipment, "northfield/molding/**" matches none; an equipment is northfield/moulding/lineB/B1`,
		`products[0].ideal[0].equipment: want a pattern that matches equipment, "packing/**" matches none; an equipment is northfield/packing/lineA/A1`,
		`orders[0].line: want a pattern that matches lines or equipment, "northfield/packing/lineC" matches none; an equipment is northfield/packing/lineA/A1`,
		`changeover.standards[0].equipment: want a pattern that matches equipment, "northfield/**/A1" matches none; ** stands at the end only`,
		`reasons[0].equipment: want a pattern that matches equipment, "northfield/packing/lineA/A9" matches none; an equipment is northfield/packing/lineA/A1`,
		`equipment[0].equipment: want a pattern that matches equipment, "northfield/packing/lineA/X*" matches none; an equipment is northfield/packing/lineA/A1`,
		`equipment[0].total: want the path of a tag, site/area/line/equipment/tag, not "shots"`,
		`equipment[1].good: want a tag of the area northfield/packing, as northfield/packing/lineA/A1 is there; northfield/moulding/lineB/B3/inspected is in another area`,
		`equipment[1].reject: want the path of a tag, not "northfield/moulding/lineB/B3/rejects": equipment northfield/moulding/lineB/B3 has no tag "rejects"`,
		`equipment[1].rework: want the path of a tag, site/area/line/equipment/tag, not "northfield/moulding/lineB/B1/shots/x"`,
		`equipment[2].total: want the path of a tag, not "northfield/moulding/lineB/B1/weight": equipment northfield/moulding/lineB/B1 has no tag "weight"`,
		`plant.areas[1].lines[0].equipment[0].tags[0].states: want one of production.state_maps or of the built-in ones: mqtt, opc_40001, packml, packml_30060, umh; not "moulder"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got problems\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestACounterOfAnotherAreaIsWellWhereALaterEntryReplacesIt(t *testing.T) {
	c := productiontest.Config(productiontest.Start)
	c.Equipment = []production.EquipmentConfig{
		{Equipment: "northfield/**", Reject: productiontest.B3 + "/reject"},
		{Equipment: "northfield/packing/**", Reject: productiontest.A1 + "/reject"},
	}
	if p := c.Check(northfield(t)); len(p) > 0 {
		t.Errorf("got %v, want no problem", p.Err())
	}
	c.Equipment[1].Equipment = "northfield/packing/lineA/A[12]"
	if p := c.Check(northfield(t)); len(p) != 1 || p[0].Path != "equipment[0].reject" {
		t.Errorf("got %v, want one problem at equipment[0].reject: A3 still has the counter of B3", p.Err())
	}
}

func TestCountersAreTagsThatCount(t *testing.T) {
	c := productiontest.Config(productiontest.Start)
	c.Equipment = []production.EquipmentConfig{{Equipment: productiontest.B1, Good: productiontest.B1 + "/cavities", Reject: productiontest.B2 + "/comment"}}
	site := productiontest.Plant()
	b2 := &site.Areas[1].Lines[0].Equipment[1]
	b2.Tags = append(b2.Tags, plant.TagConfig{Name: "comment", Type: "text"})
	tree, err := plant.NewTree(site)
	if err != nil {
		t.Fatal(err)
	}
	want := "equipment[0].reject: want a tag that counts, northfield/moulding/lineB/B2/comment is text"
	if p := c.Check(tree); len(p) != 1 || p[0].Error() != want {
		t.Errorf("got %v, want %s", p.Err(), want)
	}
	c.Equipment[0].Reject = productiontest.B1 + "/energy"
	want = "equipment[0].reject: want a tag that counts, northfield/moulding/lineB/B1/energy has the role energy"
	if p := c.Check(tree); len(p) != 1 || p[0].Error() != want {
		t.Errorf("got %v, want %s", p.Err(), want)
	}
}

func TestAMapWithoutNameMayBeTheOneThatTagsMean(t *testing.T) {
	c := productiontest.Config(productiontest.Start)
	c.StateMaps[0].Name = ""
	if p := c.Check(northfield(t)); len(p) > 0 {
		t.Errorf("got %v, want no problem: Validate told of the map without a name", p.Err())
	}
}

func TestPatternsSayNothingOfAPlantWithoutEquipment(t *testing.T) {
	c := production.DefaultConfig()
	c.Products = []production.Product{{Name: "P500", Ideal: []production.IdealCycle{{Equipment: "northfield/**", Cycle: time.Second}}}}
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing"}}})
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Check(tree); len(p) > 0 {
		t.Errorf("got %v, want no problem", p.Err())
	}
}
