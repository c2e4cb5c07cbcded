package browse_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/browse"
)

func TestVariablesBelowVariablesAreFound(t *testing.T) {
	s := newSpace(t)
	a1 := s.folder(s.folder(s.objects(), "LineA"), "A1")
	motor := s.variable(a1, "Motor", id.Structure)
	s.variable(s.variable(motor, "Speed", id.Float), "Setpoint", id.Float)
	_, found := s.walk(browse.Options{}, browse.Filter{})
	want := []string{"LineA/A1/Motor", "LineA/A1/Motor/Speed", "LineA/A1/Motor/Speed/Setpoint"}
	if diff := cmp.Diff(want, paths(found)); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestALoopInTheAddressSpaceEnds(t *testing.T) {
	s := newSpace(t)
	line := s.folder(s.objects(), "LineA")
	a1 := s.folder(line, "A1")
	s.variable(a1, "State", id.Int32)
	link(a1, line, id.Organizes, "Line", ua.NodeClassObject, nil)
	link(a1, a1, id.HasComponent, "Self", ua.NodeClassObject, nil)
	tree, found := s.walk(browse.Options{Bounds: browse.Bounds{PerCall: 10}}, browse.Filter{})
	if got := paths(found); len(got) != 1 || tree.Nodes != 3 || !tree.Whole() {
		t.Errorf("got variables %v, %d nodes, cut %q; want LineA/A1/State of 3 nodes, whole", got, tree.Nodes, tree.Cut)
	}
}

func TestANodeWithManyChildrenComesInPartsAndLeavesNoContinuationPoint(t *testing.T) {
	s := newSpace(t)
	s.perAnswer, s.points = 7, 2
	for i := range 5 {
		line := s.folder(s.objects(), fmt.Sprintf("Line%d", i))
		for j := range 30 {
			s.variable(line, fmt.Sprintf("V%d", j), id.Float)
		}
	}
	tree, found := s.walk(browse.Options{}, browse.Filter{})
	if len(found) != 150 || !tree.Whole() {
		t.Errorf("got %d variables, cut %q, troubles %v; want 150", len(found), tree.Cut, tree.Troubles)
	}
	if len(s.open) != 0 || s.most > 2 {
		t.Errorf("got %d continuation points left open and %d at a time; want none and at most 2", len(s.open), s.most)
	}
}

func TestTheServersLimitOfNodesInOneBrowseIsKept(t *testing.T) {
	for _, x := range []struct {
		name               string
		reported, enforced int
		want               int
	}{
		{"the server says 5", 5, 5, 5},
		{"the server says nothing", 0, 4, 100},
		{"the server says 50 and bears 3", 50, 3, 50},
		{"the server bears one", 0, 1, 100},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newSpace(t)
			s.reported, s.enforced = uint32(x.reported), x.enforced
			for i := range 120 {
				s.variable(s.folder(s.objects(), fmt.Sprintf("F%d", i)), "V", id.Int32)
			}
			_, found := s.walk(browse.Options{}, browse.Filter{})
			if len(found) != 120 || s.largest > x.want {
				t.Errorf("got %d variables, %d nodes in one Browse; want 120, at most %d", len(found), s.largest, x.want)
			}
		})
	}
}

// deepSpace has eight folders in each other, and 25 variables in each.
func deepSpace(t *testing.T) *space {
	t.Helper()
	s := newSpace(t)
	s.perAnswer = 10
	below := s.objects()
	for i := range 8 {
		below = s.folder(below, fmt.Sprintf("D%d", i))
		for j := range 25 {
			s.variable(below, fmt.Sprintf("V%d", j), id.Int32)
		}
	}
	return s
}

func TestAWalkEndsAtItsBoundsAndSaysSo(t *testing.T) {
	t.Run("depth", func(t *testing.T) {
		tree, found := deepSpace(t).walk(browse.Options{Bounds: browse.Bounds{Depth: 3, PerCall: 10}}, browse.Filter{})
		if len(found) != 50 || tree.Cut == "" {
			t.Errorf("got %d variables, cut %q; want the 50 of two levels, cut", len(found), tree.Cut)
		}
	})
	t.Run("nodes", func(t *testing.T) {
		s := deepSpace(t)
		tree, _ := s.walk(browse.Options{Bounds: browse.Bounds{Nodes: 60, PerCall: 10}}, browse.Filter{})
		if tree.Nodes != 60 || tree.Cut == "" || len(s.open) != 0 {
			t.Errorf("got %d nodes, cut %q, %d continuation points open; want 60, cut, none", tree.Nodes, tree.Cut, len(s.open))
		}
	})
	t.Run("time", func(t *testing.T) {
		s := deepSpace(t)
		s.onBrowse = func(ctx context.Context) {
			if s.calls >= 3 {
				<-ctx.Done()
			}
		}
		tree, err := browse.Walk(t.Context(), s, browse.Options{Bounds: browse.Bounds{Time: 20 * time.Millisecond, PerCall: 1}})
		if err != nil || tree.Cut == "" {
			t.Errorf("got %v, tree %+v; want a tree that was cut", err, tree)
		}
	})
	t.Run("end of the caller", func(t *testing.T) {
		s := deepSpace(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.onBrowse = func(context.Context) { cancel() }
		if _, err := browse.Walk(ctx, s, browse.Options{Bounds: browse.DefaultBounds()}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context canceled", err)
		}
	})
}

func TestANodeThatDoesNotAnswerConcernsItsBranchOnly(t *testing.T) {
	s := newSpace(t)
	s.variable(s.folder(s.objects(), "LineA"), "State", id.Int32)
	secret := s.folder(s.objects(), "Secret")
	s.variable(secret, "Key", id.String)
	secret.bad = ua.StatusBadUserAccessDenied
	tree, found := s.walk(browse.Options{}, browse.Filter{})
	if len(found) != 1 || len(tree.Troubles) != 1 || tree.Troubles[0].Path != "Secret" {
		t.Errorf("got variables %v, troubles %v; want LineA/State, trouble at Secret", paths(found), tree.Troubles)
	}
}

func TestANodeThatGoesOnWithoutAnEndIsLeft(t *testing.T) {
	s := newSpace(t)
	s.variable(s.folder(s.objects(), "LineA"), "State", id.Int32)
	s.variable(s.folder(s.objects(), "Mad"), "V", id.Int32)
	s.endless = "ns=2;s=Mad"
	tree, found := s.walk(browse.Options{}, browse.Filter{})
	if len(found) != 2 || len(tree.Troubles) != 1 || len(s.open) != 0 {
		t.Errorf("got variables %v, troubles %v, %d continuation points open; want both variables, one trouble, none", paths(found), tree.Troubles, len(s.open))
	}
}

func TestALostSessionIsAnError(t *testing.T) {
	s := newSpace(t)
	s.lost = ua.StatusBadSessionIDInvalid
	if _, err := browse.Walk(t.Context(), s, browse.Options{Bounds: browse.DefaultBounds()}); !errors.Is(err, ua.StatusBadSessionIDInvalid) {
		t.Errorf("got %v, want the fault", err)
	}
}

func TestFiltersSelectByPathTypeAndNamespace(t *testing.T) {
	s := newSpace(t)
	packML := s.entry(ua.NewNumericNodeID(2, 5000))
	packML.attrs[ua.AttributeIDBrowseName] = &ua.QualifiedName{NamespaceIndex: 2, Name: "PackMLMachineType"}
	line := s.folder(s.objects(), "LineA")
	for _, name := range []string{"A1", "A2"} {
		e := s.entry(ua.NewStringNodeID(2, "LineA."+name))
		link(line, e, id.Organizes, name, ua.NodeClassObject, packML.id)
		s.variable(s.folder(e, "Status"), "StateCurrent", id.Int32)
		s.variable(s.folder(e, "Diagnostics"), "Load", id.Float)
	}
	s.variable(s.folder(s.objects(), "Building"), "Temp", id.Float)
	other := s.entry(ua.NewNumericNodeID(1, 7))
	link(s.objects(), other, id.HasComponent, "Uptime", ua.NodeClassVariable, nil)
	for _, x := range []struct {
		name string
		f    browse.Filter
		want []string
	}{
		{"one line", browse.Filter{Include: []string{"LineA"}, Exclude: []string{"**/Diagnostics"}}, []string{"LineA/A1/Status/StateCurrent", "LineA/A2/Status/StateCurrent"}},
		{"one name anywhere", browse.Filter{Include: []string{"**/Load"}}, []string{"LineA/A1/Diagnostics/Load", "LineA/A2/Diagnostics/Load"}},
		{"below a type", browse.Filter{Types: []string{"PackML*"}, Exclude: []string{"*/A2"}}, []string{"LineA/A1/Status/StateCurrent", "LineA/A1/Diagnostics/Load"}},
		{"a namespace", browse.Filter{Namespaces: []string{"urn:server"}}, []string{"Uptime"}},
		{"a namespace that is not there", browse.Filter{Namespaces: []string{"urn:other"}}, []string{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, found := s.walk(browse.Options{Include: x.f.Include, Exclude: x.f.Exclude}, x.f)
			if diff := cmp.Diff(x.want, paths(found)); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWalkKeepsOutOfWhatNobodyAskedFor(t *testing.T) {
	s := newSpace(t)
	s.variable(s.folder(s.objects(), "LineA"), "State", id.Int32)
	huge := s.folder(s.objects(), "Archive")
	for i := range 500 {
		s.folder(huge, fmt.Sprintf("Day%d", i))
	}
	tree, _ := s.walk(browse.Options{Include: []string{"LineA/**"}}, browse.Filter{})
	if tree.Nodes != 2 {
		t.Errorf("got %d nodes visited, want LineA and its State", tree.Nodes)
	}
}

func TestTypesAndUnitsComeFromTheServer(t *testing.T) {
	s := newSpace(t)
	a1 := s.folder(s.objects(), "A1")
	temp := s.variable(a1, "Temp", id.Double)
	s.units(temp, &ua.EUInformation{NamespaceURI: "http://www.opcfoundation.org/UA/units/un/cefact", UnitID: 4408652, DisplayName: ua.NewLocalizedText("Grad"), Description: ua.NewLocalizedText("")})
	flow := s.variable(a1, "Flow", id.Float)
	s.units(flow, &ua.EUInformation{NamespaceURI: "urn:own", UnitID: -1, DisplayName: ua.NewLocalizedText("buckets"), Description: ua.NewLocalizedText("")})
	mode := s.variable(a1, "Mode", 0)
	enum := s.entry(ua.NewNumericNodeID(2, 3002))
	enum.attrs[ua.AttributeIDBrowseName] = &ua.QualifiedName{NamespaceIndex: 2, Name: "MachineMode"}
	enum.refs = []*ua.ReferenceDescription{{ReferenceTypeID: ua.NewNumericNodeID(0, id.HasSubtype), NodeID: ua.NewNumericExpandedNodeID(0, id.Enumeration),
		BrowseName: &ua.QualifiedName{Name: "Enumeration"}, DisplayName: ua.NewLocalizedText(""), NodeClass: ua.NodeClassDataType, TypeDefinition: ua.NewTwoByteExpandedNodeID(0)}}
	mode.attrs[ua.AttributeIDDataType] = enum.id
	list := s.variable(a1, "List", id.Int16)
	list.attrs[ua.AttributeIDValueRank] = int32(1)
	hidden := s.variable(a1, "Hidden", id.Boolean)
	hidden.attrs[ua.AttributeIDUserAccessLevel] = byte(0)
	_, found := s.walk(browse.Options{}, browse.Filter{})
	type row struct {
		Path, DataType, Kind, Unit, UnitText string
		Scalar, Readable                     bool
	}
	var got []row
	for _, n := range found {
		got = append(got, row{n.Path(), n.DataType, n.Kind.String(), n.Unit, n.UnitText, n.Scalar, n.Readable})
	}
	want := []row{
		{"A1/Temp", "Double", "float", "degC", "Grad", true, true},
		{"A1/Flow", "Float", "float", "", "buckets", true, true},
		{"A1/Mode", "MachineMode", "int", "", "", true, true},
		{"A1/List", "Int16", "int", "", "", false, true},
		{"A1/Hidden", "Boolean", "bool", "", "", true, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestAWalkEndsWhereNamesTakeTooMuchMemory(t *testing.T) {
	s := newSpace(t)
	long := strings.Repeat("x", 1<<20)
	for i := range 200 {
		s.variable(s.objects(), fmt.Sprint(i, long), id.Int32)
	}
	s.perAnswer = 10
	tree, err := browse.Walk(t.Context(), s, browse.Options{Bounds: browse.DefaultBounds()})
	if err != nil || tree.Nodes > 100 || !strings.Contains(tree.Cut, "the bound of memory") || len(s.open) != 0 {
		t.Errorf("200 names of 1 MiB: got %d nodes, cut %q, %v; want it cut", tree.Nodes, tree.Cut, err)
	}
}

// Small servers refuse an answer that they have no room for, the rest of one too.
func TestAWalkAsksForLessOfWhatAnAnswerHasNoRoomFor(t *testing.T) {
	for _, bears := range []int{1, 10, 100, 450, 2000} {
		s := newSpace(t)
		s.bears = bears
		for i := range 10 {
			machine := s.folder(s.objects(), fmt.Sprint("Machine", i))
			for j := range 5 + 150*i {
				s.variable(machine, fmt.Sprint("Zone", j), id.Int32)
			}
		}
		tree, err := browse.Walk(t.Context(), s, browse.Options{Bounds: browse.DefaultBounds()})
		if err != nil {
			t.Fatalf("%d references: got error %v", bears, err)
		}
		if want := 10 + 10*5 + 150*45; tree.Nodes != want || len(tree.Troubles) != 0 || len(s.open) != 0 {
			t.Errorf("%d references: got %d nodes, troubles %v and %d continuation points left; want %d, none and none", bears, tree.Nodes, tree.Troubles, len(s.open), want)
		}
	}
}
