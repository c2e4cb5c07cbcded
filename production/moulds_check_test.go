package production_test

import (
	"slices"
	"testing"

	"andon/plant"
	"andon/production"
)

// A press makes sets of two caps and a lid, and a camera behind it counts the
// good parts of the line.
func pressAndCamera(t *testing.T) (production.Config, *plant.Tree) {
	t.Helper()
	count := []plant.TagConfig{{Name: "state", Role: plant.RoleState}, {Name: "total", Role: plant.RoleTotalCount}}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{
		{Name: "l", Constraint: "Press", Equipment: []plant.EquipmentConfig{{Name: "Press", Source: "plc", Tags: count}, {Name: "Camera", Source: "plc", Tags: count}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := production.DefaultConfig()
	twoCapsAndALid(&cfg)
	cfg.Products = slices.DeleteFunc(cfg.Products, func(p production.Product) bool { return p.Name == "P" })
	for i := range cfg.Products {
		cfg.Products[i].Consumes = nil
	}
	cfg.Equipment[0].Equipment = "s/a/l/Press"
	return cfg, tree
}

func TestTheGoodCounterMustKnowTheMould(t *testing.T) {
	cfg, tree := pressAndCamera(t)
	told := func() []string {
		var all []string
		for _, p := range cfg.Check(tree) {
			all = append(all, p.Error())
		}
		return all
	}
	want := "equipment: want an entry for s/a/l/Camera with the mould SET and parts: true, since it counts the good units of what s/a/l/Press makes"
	if got := told(); !slices.Equal(got, []string{want}) {
		t.Errorf("a camera without the mould: got %q, want %q", got, want)
	}
	known := cfg.Equipment
	parts := cfg.Equipment[0].Moulds[0]
	parts.Parts = true
	cfg.Equipment = append(slices.Clone(known), production.EquipmentConfig{Equipment: "s/a/l/Camera", Moulds: []production.Mould{parts}})
	if got := told(); len(got) != 0 {
		t.Errorf("a camera with the mould: got %q, want no problem", got)
	}
	cfg.Equipment, cfg.Lines = known, []production.LineConfig{{Line: "s/a/l", GoodFrom: "Press"}}
	if got := told(); len(got) != 0 {
		t.Errorf("good units from the press itself: got %q, want no problem", got)
	}
}

func TestMouldsThatCannotBeMeantAreRefused(t *testing.T) {
	c := production.DefaultConfig()
	c.Products = []production.Product{{Name: "SET"}, {Name: "SUB"}, {Name: "a"}, {Name: "b"}}
	c.Equipment = []production.EquipmentConfig{{Equipment: "s/**", Moulds: []production.Mould{
		{Product: "SET", Cavities: []production.Cavity{{Product: "SUB", Count: 2}}},
		{Product: "SET", Cavities: []production.Cavity{{Product: "a", Count: 8}}},
		{Product: "SUB", Cavities: []production.Cavity{{Product: "b", Count: 2}}},
	}}}
	var got []string
	for _, p := range c.Validate() {
		got = append(got, p.Error())
	}
	want := []string{
		"equipment[0].moulds[0].cavities[0].product: want a product that is made, not SUB, which is that of the mould moulds[2]",
		"equipment[0].moulds[1].valid_from: want another time than that of moulds[0], which is of the same product",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
