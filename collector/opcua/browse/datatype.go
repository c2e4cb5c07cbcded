package browse

import (
	"context"
	"fmt"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

// A dataType is what a data type means for a tag.
type dataType struct {
	name      string
	kind      plant.Kind
	structure bool
}

// dataTypes finds out what data types are made of, each once.
type dataTypes struct {
	server Server
	known  map[string]dataType
}

func newDataTypes(s Server) *dataTypes { return &dataTypes{s, map[string]dataType{}} }

// maxDerived bounds the way from a data type to one that the standard knows.
const maxDerived = 16

// look returns what n stands for; a type that nothing is known of may hold
// anything.
func (d *dataTypes) look(ctx context.Context, n *ua.NodeID) (dataType, error) {
	if n == nil {
		return dataType{}, nil
	}
	key := n.String()
	if t, ok := d.known[key]; ok {
		return t, nil
	}
	t, err := d.derive(ctx, n)
	if err != nil {
		return dataType{}, err
	}
	d.known[key] = t
	return t, nil
}

// derive follows n to the type of the standard that it is a kind of.
func (d *dataTypes) derive(ctx context.Context, n *ua.NodeID) (dataType, error) {
	names, err := browseNames(ctx, d.server, []*ua.NodeID{n})
	if err != nil {
		return dataType{}, fmt.Errorf("read the name of a data type: %w", err)
	}
	t := dataType{name: names[0]}
	for range maxDerived {
		if isNumber(n) && n.Namespace() == 0 {
			kind, known := standardKind(n.IntID())
			if known {
				t.kind, t.structure = kind, n.IntID() == id.Structure
				return t, nil
			}
		}
		if n, err = d.above(ctx, n); err != nil || n == nil {
			return t, err
		}
	}
	return t, nil
}

// above returns the type that n is a subtype of, nil when it does not tell.
func (d *dataTypes) above(ctx context.Context, n *ua.NodeID) (*ua.NodeID, error) {
	req := browseRequest([]*Node{{ID: n}}, perAnswer)
	b := req.NodesToBrowse[0]
	b.BrowseDirection, b.ReferenceTypeID, b.NodeClassMask = ua.BrowseDirectionInverse, ua.NewNumericNodeID(0, id.HasSubtype), uint32(ua.NodeClassDataType)
	resp, err := ask[*ua.BrowseResponse](ctx, d.server, req)
	if err != nil {
		return nil, fmt.Errorf("browse a data type: %w", err)
	}
	if len(resp.Results) == 1 {
		for _, r := range resp.Results[0].References {
			if r != nil && r.NodeID != nil && r.NodeID.NodeID != nil && !r.IsForward {
				return ua.NewNodeIDFromExpandedNodeID(r.NodeID), nil
			}
		}
	}
	return nil, nil
}

// standardKind returns the kind of the values of a type of the standard that
// others derive from, and whether it is one. BaseDataType may be anything.
func standardKind(number uint32) (plant.Kind, bool) {
	switch number {
	case id.Boolean:
		return plant.KindBool, true
	case id.SByte, id.Int16, id.Int32, id.Int64, id.Integer, id.Enumeration:
		return plant.KindInt, true
	case id.Byte, id.UInt16, id.UInt32, id.UInt64, id.UInteger, id.StatusCode:
		return plant.KindUint, true
	case id.Float, id.Double:
		return plant.KindFloat, true
	case id.String, id.DateTime, id.GUID, id.ByteString, id.XMLElement, id.NodeID, id.ExpandedNodeID, id.QualifiedName, id.LocalizedText:
		return plant.KindText, true
	case id.Number, id.BaseDataType, id.Structure, id.DataValue, id.DiagnosticInfo:
		return plant.KindNone, true
	}
	return plant.KindNone, false
}
