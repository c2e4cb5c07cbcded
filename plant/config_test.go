package plant_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"andon/plant"
	"andon/plant/setting"
)

// line returns a plant with one equipment that has these tags.
func line(tags ...plant.TagConfig) plant.Config {
	return plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{{Name: "packing",
		Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{{Name: "A1", Tags: tags}}}}}}}
}

func texts(p setting.Problems) []string {
	var out []string
	for _, x := range p {
		out = append(out, strings.TrimPrefix(x.Error(), "areas[0].lines[0].equipment[0]."))
	}
	return out
}

func TestRolesTakeTheirUnitsAndTypes(t *testing.T) {
	for _, tag := range []plant.TagConfig{
		{Role: plant.RoleTotalCount, Unit: "pieces", Type: "uint"}, {Role: plant.RoleGoodCount, Unit: "count"}, {Role: plant.RoleReworkCount},
		{Role: plant.RoleTotalCount, Unit: "kg", Type: "float"}, {Role: plant.RoleSpeed, Unit: "1/min", Type: "float"},
		{Role: plant.RoleEnergy, Unit: "kWh", Type: "float"}, {Role: plant.RoleLevel, Unit: "%", Type: "float"},
		{Role: plant.RoleState, Type: "text", States: "words"}, {Role: plant.RoleMode, Type: "int", States: "modes"},
		{Role: plant.RoleEStop, Type: "bool"}, {Unit: "degC", Type: "float"}, {Type: "text"},
	} {
		tag.Name = "x"
		if got := line(tag).Validate(); len(got) > 0 {
			t.Errorf("role %q, type %q, unit %q: got %v, want no problem", tag.Role, tag.Type, tag.Unit, got.Err())
		}
	}
}

func TestUnitsAndTypesThatARoleHasNotAreRefused(t *testing.T) {
	const amounts = "count, pieces, g, kg, t, L, l, m3, m"
	for _, c := range []struct {
		tag  plant.TagConfig
		want string
	}{
		{plant.TagConfig{Role: plant.RoleTotalCount, Unit: "kWh"}, `tags[0].unit: want ` + amounts + ` with the role total_count, not "kWh"`},
		{plant.TagConfig{Role: plant.RoleRejectCount, Unit: "furlong"}, `tags[0].unit: want ` + amounts + ` with the role reject_count, not "furlong"`},
		{plant.TagConfig{Role: plant.RoleEnergy, Unit: "degC"}, `tags[0].unit: want kWh, Wh, MWh with the role energy, not "degC"`},
		{plant.TagConfig{Role: plant.RoleLevel, Unit: "mm/s"}, `tags[0].unit: want ` + amounts + `, %, cm, mm with the role level, not "mm/s"`},
		{plant.TagConfig{Role: plant.RoleStopReason, Unit: "count"}, `tags[0].unit: want no unit with the role stop_reason, not "count"`},
		{plant.TagConfig{Role: plant.RoleGoodCount, Type: "text"}, `tags[0].type: want int, uint or float with the role good_count, not "text"`},
		{plant.TagConfig{Role: plant.RoleGoodCount, Type: "bool", Rollover: 65536}, `tags[0].type: want int or uint for a counter that rolls over`},
		{plant.TagConfig{Role: plant.RoleFaultCode, States: "words"}, `tags[0].states: want no map of codes, only tags with the role state or mode have one`},
	} {
		c.tag.Name = "x"
		if got := texts(line(c.tag).Validate()); !slices.Equal(got, []string{c.want}) {
			t.Errorf("got problems\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
		}
	}
	got := texts(line(plant.TagConfig{Name: "x", Role: "count", Unit: "kWh", States: "words"}).Validate())
	if len(got) != 1 || !strings.HasPrefix(got[0], "tags[0].role: want one of state, mode, ") {
		t.Errorf("an unknown role: got %q, want that one problem, as its units are not known", got)
	}
}

func TestAnOutlineNeedsGoodNamesOnly(t *testing.T) {
	c := line(plant.TagConfig{Name: "total", Type: "number", Unit: "furlong"}, plant.TagConfig{Name: "state", Role: "stat"})
	c.Zone, c.Areas[0].Lines[0].Constraint = "Nowhere", "A9"
	if _, err := plant.NewTree(c); err == nil {
		t.Error("got a tree, want an error")
	}
	tree := plant.Outline(c)
	if tree == nil || tree.Tag("northfield/packing/lineA/A1/total") == nil {
		t.Fatal("got no outline with the tag, want one: all names are good")
	}
	c.Areas[0].Lines[0].Equipment[0].Tags[1].Name = "total"
	if plant.Outline(c) != nil {
		t.Error("got an outline with one name twice, want none")
	}
}

func TestEveryRoleAndUnitIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	names := plant.Units()
	for _, r := range plant.Roles() {
		names = append(names, string(r))
	}
	for _, name := range names {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/configuration.md has no %s", name)
		}
	}
}
