package opcua_test

import (
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/plant"
)

// shopfloor has two equipment read by the source press and one by another.
func shopfloor(t *testing.T) *plant.Tree {
	t.Helper()
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{
		{Name: "lineA", Equipment: []plant.EquipmentConfig{
			{Name: "A1", Source: "press", Tags: []plant.TagConfig{{Name: "state", Address: "ns=2;s=A1.State"}, {Name: "total", Address: "A1.Total"},
				{Name: "reject"}, {Name: "copy", Address: "ns=2;s=A1.State"}, {Name: "clock", Address: "i=2258"}, {Name: "clock2", Address: "ns=0;i=2258"}}},
			{Name: "A2", Source: "press", Tags: []plant.TagConfig{{Name: "state", Address: "nsu=urn:plant;s=A2"}, {Name: "again", Address: "nsu=urn:plant;s=A2"},
				{Name: "clock", Address: "i=2258"},
				{Name: "first", Address: "part=[0];ns=2;s=A2"}, {Name: "second", Address: "part=[1];ns=2;s=A2"}, {Name: "third", Address: "part=[01];ns=2;s=A2"},
				{Name: "part", Address: "part=[x];ns=2;s=A2"},
				{Name: "stamp", Address: "timestamp=server;ns=2;s=A2"}, {Name: "nanos", Type: "int", Address: "timestamp=source;ns=2;s=A2"},
				{Name: "again2", Address: "timestamp=server;ns=2;s=A2"}, {Name: "both", Address: "timestamp=both;ns=2;s=A2"},
				{Name: "float", Type: "float", Address: "timestamp=server;ns=2;s=A3"}}}, // the same node for two equipment is well
			{Name: "A3", Source: "broker", Tags: []plant.TagConfig{{Name: "total"}}},
		}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestEveryBadAddressAndIdlePollIsToldAtOnce(t *testing.T) {
	c := valid()
	for _, pattern := range []string{"northfield/packing/lineA/A1/reject", "northfield/packing/lineA/A3/*", "northfield/moulding/**", "[/**"} {
		c.Polled = append(c.Polled, opcua.Poll{Tags: pattern, Interval: time.Second})
	}
	a1, a2 := "plant.areas[0].lines[0].equipment[0]", "plant.areas[0].lines[0].equipment[1]"
	c.Groups = []opcua.Group{{Tags: "northfield/packing/lineA/A2/*"}, {Tags: "northfield/packing/lineB/**"}}
	want := []string{
		a1 + `.tags[1].address: want a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001, not "A1.Total"`,
		a1 + `.tags[2].address: want a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001, not ""`,
		a1 + `.tags[3].address: want a node of its own, ns=2;s=A1.State is read for the tag state already`,
		a1 + `.tags[5].address: want a node of its own, ns=0;i=2258 is read for the tag clock already`,
		a2 + `.tags[1].address: want a node of its own, nsu=urn:plant;s=A2 is read for the tag state already`,
		a2 + `.tags[5].address: want a node of its own, part=[01];ns=2;s=A2 is read for the tag second already`,
		a2 + `.tags[6].address: want a part such as part=[3].speed; before a node id such as ns=2;s=Press.State, not "part=[x];ns=2;s=A2"`,
		a2 + `.tags[9].address: want a node of its own, timestamp=server;ns=2;s=A2 is read for the tag stamp already`,
		a2 + `.tags[10].address: want timestamp=source; or timestamp=server; before a node id such as ns=2;s=Press.State, not "timestamp=both;ns=2;s=A2"`,
		a2 + `.tags[11].type: want text or int for a time stamp, not float`,
		`polled[1].tags: want a pattern that matches tags of this source, "northfield/packing/lineA/A3/*" matches none; one of them is northfield/packing/lineA/A1/state`,
		`polled[2].tags: want a pattern that matches tags of this source, "northfield/moulding/**" matches none; one of them is northfield/packing/lineA/A1/state`,
		`groups[1].tags: want a pattern that matches tags of this source, "northfield/packing/lineB/**" matches none; one of them is northfield/packing/lineA/A1/state`,
	}
	got := c.Check("press", shopfloor(t))
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i].Error() != want[i] {
			t.Fatalf("got problems\n%v\nwant\n%q", got.Err(), want)
		}
	}
	if p := c.Validate(); len(p) != 1 || p[0].Path != "polled[3].tags" {
		t.Errorf("Validate: got %v, want one problem at polled[3].tags", p.Err())
	}
}

func TestAPollOfASourceThatNobodyNamesIsIdle(t *testing.T) {
	c := valid()
	c.Polled = []opcua.Poll{{Tags: "northfield/**", Interval: time.Second}}
	if p := c.Check("spare", shopfloor(t)); len(p) != 1 || p[0].Path != "polled[0].tags" {
		t.Errorf("got %v, want one problem at polled[0].tags", p.Err())
	}
}
