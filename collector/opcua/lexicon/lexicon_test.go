package lexicon

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/structure"
	"andon/collector/opcua/wire"
)

// A press has data types of its own, by their numbers in its namespace.
type press struct {
	definitions map[uint32]any              // of types
	bases       map[uint32]*ua.NodeID       // their supertypes
	names       map[uint32]map[int64]string // what their properties call numbers
	lost        error                       // ends the session
	t           testing.TB
}

var _ Server = press{}

func (p press) ReadMany(_ context.Context, nodes []*ua.NodeID, _ ua.AttributeID) ([]wire.ReadValue, error) {
	list := make([]wire.ReadValue, len(nodes))
	for i, n := range nodes {
		if d := p.definitions[n.IntID()]; d != nil {
			list[i].Variant = opcuatest.Encode(p.t, ua.MustVariant(ua.NewExtensionObject(d)))
		} else {
			list[i].Status = ua.StatusBadAttributeIDInvalid
		}
	}
	return list, p.lost
}

func (p press) References(_ context.Context, nodes []*ua.NodeID, _ uint32, _ ua.BrowseDirection) ([][]*ua.ReferenceDescription, error) {
	list := make([][]*ua.ReferenceDescription, len(nodes))
	for i, n := range nodes {
		if base := p.bases[n.IntID()]; base != nil {
			list[i] = []*ua.ReferenceDescription{{NodeID: &ua.ExpandedNodeID{NodeID: base}}}
		}
	}
	return list, nil
}

func (p press) PropertyNames(_ context.Context, nodes []*ua.NodeID) ([]map[int64]string, error) {
	list := make([]map[int64]string, len(nodes))
	for i, n := range nodes {
		list[i] = p.names[n.IntID()]
	}
	return list, nil
}

func own(n uint32) *ua.NodeID { return ua.NewNumericNodeID(2, n) }

func TestATypeIsWhatItIsASubtypeOf(t *testing.T) {
	speed := &ua.StructureField{Name: "speed", DataType: own(2), ValueRank: -1, Description: ua.NewLocalizedText("")}
	l := New(press{
		t: t,
		definitions: map[uint32]any{1: &ua.StructureDefinition{
			DefaultEncodingID: own(100), BaseDataType: ua.NewNumericNodeID(0, id.Structure), Fields: []*ua.StructureField{speed},
		}},
		bases: map[uint32]*ua.NodeID{
			2: own(3), 3: ua.NewNumericNodeID(0, id.Double), 4: ua.NewNumericNodeID(0, id.Enumeration), 5: own(6), 6: own(5), 7: ua.NewNumericNodeID(0, id.Structure),
		},
		names: map[uint32]map[int64]string{4: {1: "Running"}},
	}, slog.New(slog.DiscardHandler))
	types := map[uint32]*structure.Type{}
	for n := range uint32(8) {
		types[n+1] = l.Of(own(n + 1))
	}
	if err := l.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[uint32]ua.TypeID{
		1: ua.TypeIDExtensionObject,
		2: ua.TypeIDDouble,
		4: ua.TypeIDInt32,
		5: ua.TypeIDNull, // of itself
		7: ua.TypeIDNull, // a structure without a definition
		8: ua.TypeIDNull, // of nothing
	} {
		if got := types[n].Kind; got != want {
			t.Errorf("type %d: got %v, want %v", n, got, want)
		}
	}
	if got := types[4].Names[1]; got != "Running" {
		t.Errorf("name of 1: got %q, want Running", got)
	}
	if len(l.Types) != 1 || !types[1].IsStructure() || l.Of(own(1)) != types[1] {
		t.Errorf("structures: got %v, want the one by its encoding", l.Types)
	}
}

func TestTypesBeyondTheBoundStayUnknown(t *testing.T) {
	l := New(press{t: t}, slog.New(slog.DiscardHandler))
	for n := range uint32(MaxTypes + 10) {
		l.Of(own(n))
	}
	if len(l.entries) != MaxTypes || len(l.todo) != MaxTypes {
		t.Errorf("got %d types, %d to look up; want %d", len(l.entries), len(l.todo), MaxTypes)
	}
	if got := l.Of(own(MaxTypes + 1)); got == nil || got.Kind != ua.TypeIDNull {
		t.Errorf("one beyond: got %+v, want one that is not known", got)
	}
}

func TestTheLossOfTheSessionEndsLooking(t *testing.T) {
	lost := errors.New("session lost")
	l := New(press{t: t, lost: lost}, slog.New(slog.DiscardHandler))
	l.Of(own(1))
	if err := l.Look(t.Context()); !errors.Is(err, lost) {
		t.Errorf("got error %v, want %v", err, lost)
	}
}
