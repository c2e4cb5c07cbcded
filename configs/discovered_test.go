package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"andon/collector/opcua/browse"
	"andon/configs"
	"andon/plant"
)

// A discovering plant is a configuration whose source looks for variables.
func discoveringPlant(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "andon.yaml")
	text := `influx: {url: "http://127.0.0.1:1", bucket: plant}
sources:
  - name: packing
    opcua:
      endpoint: opc.tcp://127.0.0.1:4840
      security: {policy: None, insecure: true}
      discover: {place: {path: "{line}/{equipment}", area: packing}}
  - {name: other, opcua: {endpoint: "opc.tcp://127.0.0.1:4841", security: {policy: None, insecure: true}}}
plant:
  site: northfield
  zone: UTC
  areas:
    - name: packing
      lines:
        - name: lineA
          equipment:
            - {name: A1, source: packing, tags: [{name: state, type: int, address: "nsu=urn:plant;s=A1.State"}]}
            - {name: A9, source: other}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func foundTag(line, equipment, name, address string) browse.Place {
	return browse.Place{Area: "packing", Line: line, Equipment: equipment, Tag: plant.TagConfig{Name: name, Type: "float", Unit: "mm/s", Address: address}}
}

func loadGrown(t *testing.T, file string) (*configs.Config, *plant.Tree) {
	t.Helper()
	cfg, err := configs.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, tree
}

func TestWhatWasFoundIsPartOfThePlantFromTheNextStart(t *testing.T) {
	file := discoveringPlant(t)
	cfg, _ := loadGrown(t, file)
	if err := cfg.WriteDiscovered("packing", []browse.Place{
		foundTag("lineA", "A1", "vib", `nsu=urn:plant;s="A1"."Vib: x"`),
		foundTag("lineB", "B1", "true", "nsu=urn:plant;i=7"),
	}); err != nil {
		t.Fatal(err)
	}
	cfg, tree := loadGrown(t, file)
	vib, b1 := tree.Tag("northfield/packing/lineA/A1/vib"), tree.Tag("northfield/packing/lineB/B1/true")
	if vib == nil || vib.Address != `nsu=urn:plant;s="A1"."Vib: x"` || vib.Unit != "mm/s" || b1 == nil || b1.Equipment.Source != "packing" || len(tree.Tags()) != 3 {
		t.Errorf("got tags %+v", tree.Tags())
	}
	if len(cfg.Notes) != 0 {
		t.Errorf("got notes %v, want none", cfg.Notes)
	}
}

func TestOwnTagsWinOverWhatWasFound(t *testing.T) {
	file := discoveringPlant(t)
	cfg, _ := loadGrown(t, file)
	if err := cfg.WriteDiscovered("packing", []browse.Place{
		foundTag("lineA", "A1", "state", "nsu=urn:plant;i=1"),              // a name that is taken
		foundTag("lineA", "A1", "state_again", "nsu=urn:plant;s=A1.State"), // a node that is read
		foundTag("lineA", "A9", "speed", "nsu=urn:plant;s=A9.Speed"),       // another source's equipment
		foundTag("lineA", "A2", "speed", "nsu=urn:plant;s=A2.Speed"),
	}); err != nil {
		t.Fatal(err)
	}
	cfg, tree := loadGrown(t, file)
	if len(tree.Tags()) != 2 || tree.Tag("northfield/packing/lineA/A2/speed") == nil || tree.Tag("northfield/packing/lineA/A1/state").Address != "nsu=urn:plant;s=A1.State" {
		t.Errorf("got tags %+v", tree.Tags())
	}
	if len(cfg.Notes) != 3 {
		t.Errorf("got notes %v, want three", cfg.Notes)
	}
}

func TestADamagedFileOfWhatWasFoundStopsNothing(t *testing.T) {
	file := discoveringPlant(t)
	cfg, _ := loadGrown(t, file)
	for _, text := range []string{"areas: [", "areas: [{name: a b}]", "places: []", "\x00"} {
		if err := cfg.WriteDiscovered("packing", nil); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(cfg.DiscoveredFile("packing"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		again, tree := loadGrown(t, file)
		if len(again.Notes) != 1 || !strings.Contains(again.Notes[0], "packing.discovered.yaml") || len(tree.Tags()) != 1 {
			t.Errorf("%q: got notes %v, %d tags; want one note, the own tag", text, again.Notes, len(tree.Tags()))
		}
	}
}

func TestWhatMakesNoGoodConfigurationIsNotTaken(t *testing.T) {
	file := discoveringPlant(t)
	cfg, err := configs.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := foundTag("lineA", "A2", "count", "nsu=urn:plant;i=2")
	bad.Tag.Role, bad.Tag.Unit = plant.RoleTotalCount, "mm/s"
	if _, err := cfg.WithFound("packing", []browse.Place{bad}); err == nil {
		t.Error("a counter in mm/s: got no error")
	}
	before := len(cfg.Plant.Areas[0].Lines[0].Equipment)
	next, err := cfg.WithFound("packing", []browse.Place{foundTag("lineA", "A2", "vib", "nsu=urn:plant;i=3"), foundTag("lineA", "A1", "vib", "nsu=urn:plant;i=4")})
	if err != nil {
		t.Fatal(err)
	}
	names := func(c *configs.Config) (list []string) {
		for _, e := range c.Plant.Areas[0].Lines[0].Equipment {
			list = append(list, fmt.Sprint(e.Name, len(e.Tags)))
		}
		return list
	}
	if got := names(next); !slices.Equal(got, []string{"A12", "A90", "A21"}) {
		t.Errorf("with what was found: got %v", got)
	}
	if got := names(cfg); len(got) != before || !slices.Equal(got, []string{"A11", "A90"}) {
		t.Errorf("without: got %v; the first configuration must stay as it was", got)
	}
}
