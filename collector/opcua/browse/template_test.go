package browse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gopcua/opcua/id"

	"andon/collector/opcua/browse"
	"andon/plant"
)

func TestATemplatePlacesVariablesAndRulesSayWhatTheyMean(t *testing.T) {
	s := newSpace(t)
	a1 := s.folder(s.folder(s.folder(s.objects(), "Plant"), "Line A"), "Filler #1")
	s.variable(s.folder(a1, "Status"), "StateCurrent", id.Int32)
	s.variable(s.folder(a1, "Admin"), "Count", id.UInt32)
	s.variable(a1, "Debug", id.Int32)
	array := s.variable(a1, "Trend", id.Float)
	array.attrs[13+2] = int32(1) // ValueRank
	s.variable(s.objects(), "Uptime", id.Int32)
	tree, found := s.walk(browse.Options{}, browse.Filter{})
	template := browse.Template{Path: "Plant/{line}/{equipment}", Area: "packing", Tags: []browse.TagRule{
		{Match: "**/StateCurrent", Name: "state", Role: plant.RoleState, States: "packml"},
		{Match: "Debug", Skip: true},
	}}
	if err := template.Validate().Err(); err != nil {
		t.Fatal(err)
	}
	places, left := template.Put(tree, found, nil)
	got := browse.Areas(places, "plc")
	want := []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{{Name: "Line_A", Equipment: []plant.EquipmentConfig{{Name: "Filler_1", Source: "plc", Tags: []plant.TagConfig{
		{Name: "state", Role: plant.RoleState, Type: "int", States: "packml", Address: "nsu=urn:northfield:plant;s=Plant.Line A.Filler #1.Status.StateCurrent"},
		{Name: "Admin_Count", Type: "uint", Address: "nsu=urn:northfield:plant;s=Plant.Line A.Filler #1.Admin.Count"},
	}}}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("areas (-want +got):\n%s", diff)
	}
	var why []string
	for _, l := range left {
		why = append(why, l.Node.Path()+": "+l.Why)
	}
	if len(why) != 3 || !strings.Contains(strings.Join(why, "\n"), "Plant/Line A/Filler #1/Trend: an array") {
		t.Errorf("got left out %q; want Debug, Trend and Uptime", why)
	}
}

func TestATagKeepsItsNameWhenItsNodeMovesAndAnotherTakesItsPlace(t *testing.T) {
	s := newSpace(t)
	a1 := s.folder(s.folder(s.objects(), "LineA"), "A1")
	speed := s.variable(a1, "Speed", id.Float)
	tree, found := s.walk(browse.Options{}, browse.Filter{})
	template := browse.DefaultTemplate()
	before, _ := template.Put(tree, found, nil)

	// The same node now stands below another folder, and a new one where it was.
	s = newSpace(t)
	a1 = s.folder(s.folder(s.objects(), "LineA"), "A1")
	link(s.folder(a1, "Drive"), s.entry(speed.id), id.HasComponent, "Speed", 2, nil)
	s.entry(speed.id).attrs = speed.attrs
	other := s.entry(s.node("ns=2;i=99"))
	link(a1, other, id.HasComponent, "Speed", 2, nil)
	tree, found = s.walk(browse.Options{}, browse.Filter{})
	after, _ := template.Put(tree, found, before)
	got := map[string]string{}
	for _, p := range after {
		got[p.Tag.Address] = p.Tag.Name
	}
	want := map[string]string{"nsu=urn:northfield:plant;s=LineA.A1.Speed": "Speed", "nsu=urn:northfield:plant;i=99": "Speed_2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names by address (-want +got):\n%s", diff)
	}
}

func TestATemplateSaysWhatIsWrongWithIt(t *testing.T) {
	for _, x := range []struct {
		t    browse.Template
		want string
	}{
		{browse.Template{Path: "{line}/{equipment}"}, "area: want a name of letters, digits, _ and -, at most 64, or {area} in path"},
		{browse.Template{Path: "{line}/{line}/{equipment}", Area: "a"}, "{line} once"},
		{browse.Template{Path: "**/{equipment}", Area: "a", Line: "l"}, "path: want names or patterns"},
		{browse.Template{Path: "{line}{equipment}", Area: "a"}, "at most one of"},
		{browse.Template{Path: "{line}/{machine}", Area: "a", Equipment: "e"}, "path: want names or patterns"},
		{browse.Template{Area: "a", Line: "l", Equipment: "e", Tags: []browse.TagRule{{Match: ""}}}, "tags[0].match"},
		{browse.Template{Area: "a", Line: "l", Equipment: "e", Tags: []browse.TagRule{{Match: "x", Name: "a b"}}}, "tags[0].name"},
		{browse.Template{Area: "a", Line: "l", Equipment: "e", Tags: []browse.TagRule{{Match: "x", Skip: true, Unit: "s"}}}, "tags[0].skip"},
	} {
		if err := x.t.Validate().Err(); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: got %v, want %q", x.t, err, x.want)
		}
	}
}

func TestDifferencesBetweenAServerAndAConfigurationAreTold(t *testing.T) {
	s := newSpace(t)
	a1 := s.folder(s.objects(), "A1")
	s.variable(a1, "State", id.Int32)
	s.variable(a1, "Speed", id.Float)
	s.variable(s.folder(s.objects(), "Hidden"), "Kept", id.Int32)
	_, found := s.walk(browse.Options{Exclude: []string{"Hidden"}}, browse.Filter{})
	tag := func(name, node string, kind plant.Kind) browse.Configured {
		t.Helper()
		x, err := plant.Detached("northfield/packing/lineA/A1/" + name)
		if err != nil {
			t.Fatal(err)
		}
		x.Type, x.Address = kind, node
		return browse.Configured{Tag: x, Node: s.node(node)}
	}
	d, err := browse.Compare(t.Context(), s, found, []browse.Configured{
		tag("speed", "ns=2;s=A1.Speed", plant.KindInt),
		tag("kept", "ns=2;s=Hidden.Kept", plant.KindInt),
		tag("gone", "ns=2;s=A1.Gone", plant.KindInt),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := paths(d.New); len(got) != 1 || got[0] != "A1/State" {
		t.Errorf("new: got %v, want A1/State", got)
	}
	if len(d.Gone) != 1 || d.Gone[0].Tag.Name != "gone" {
		t.Errorf("gone: got %v, want the tag gone; what a filter leaves out is there", d.Gone)
	}
	if len(d.Changed) != 1 || d.Changed[0].Tag.Name != "speed" {
		t.Errorf("changed: got %v, want the tag speed, which is a float now", d.Changed)
	}
}
