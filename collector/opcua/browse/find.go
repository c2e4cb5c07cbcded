package browse

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// Find returns the variables of t that f selects, in the order of the tree,
// with their types and units. It is an error only when the session is lost or
// ctx ends.
func Find(ctx context.Context, s Server, t *Tree, f Filter) ([]*Node, error) {
	if err := t.nameTypes(ctx, s); err != nil {
		return nil, err
	}
	list := t.selected(f)
	if err := readAttributes(ctx, s, list); err != nil {
		return nil, err
	}
	return list, readUnits(ctx, s, list)
}

// nameTypes reads the names of the type definitions.
func (t *Tree) nameTypes(ctx context.Context, s Server) error {
	of := map[string][]*Node{}
	var ids []*ua.NodeID
	t.Root.Each(func(n *Node) {
		if n.TypeID == nil || n.Property {
			return
		}
		key := n.TypeID.String()
		if of[key] == nil {
			ids = append(ids, n.TypeID)
		}
		of[key] = append(of[key], n)
	})
	names, err := browseNames(ctx, s, ids)
	if err != nil {
		return fmt.Errorf("read names of type definitions: %w", err)
	}
	for i, id := range ids {
		for _, n := range of[id.String()] {
			n.Type = names[i]
		}
	}
	return nil
}

// browseNames reads the browse names of nodes, "" for one that does not tell.
func browseNames(ctx context.Context, s Server, ids []*ua.NodeID) ([]string, error) {
	names := make([]string, len(ids))
	var unknown []*ua.ReadValueID
	var at []int
	for i, n := range ids {
		if names[i] = standardName(n); names[i] != "" {
			continue
		}
		unknown, at = append(unknown, attribute(n, ua.AttributeIDBrowseName)), append(at, i)
	}
	values, err := read(ctx, s, unknown)
	for j, v := range values {
		if q, ok := held(v).(*ua.QualifiedName); ok && q != nil {
			names[at[j]] = q.Name
		}
	}
	return names, err
}

// standardName returns the name that the standard gives to a node of its own,
// "" for any other.
func standardName(n *ua.NodeID) string {
	if !isNumber(n) || n.Namespace() != 0 {
		return ""
	}
	name := id.Name(n.IntID())
	if name == strconv.FormatUint(uint64(n.IntID()), 10) {
		return "" // one that is newer than the table
	}
	return name
}

// perVariable are the attributes that Find reads of each variable.
var perVariable = [...]ua.AttributeID{ua.AttributeIDDataType, ua.AttributeIDValueRank, ua.AttributeIDUserAccessLevel}

func readAttributes(ctx context.Context, s Server, list []*Node) error {
	var wanted []*ua.ReadValueID
	for _, n := range list {
		for _, a := range perVariable {
			wanted = append(wanted, attribute(n.ID, a))
		}
	}
	values, err := read(ctx, s, wanted)
	if err != nil {
		return fmt.Errorf("read attributes of variables: %w", err)
	}
	types := newDataTypes(s)
	for i, n := range list {
		of := values[i*len(perVariable):]
		if level, ok := held(of[2]).(byte); ok {
			n.Readable = level&byte(ua.AccessLevelTypeCurrentRead) != 0
		} else {
			n.Readable = true // it is not said: reading it tells
		}
		rank, ok := held(of[1]).(int32)
		n.Scalar = !ok || rank < 0
		typeID, _ := held(of[0]).(*ua.NodeID)
		kind, err := types.look(ctx, typeID)
		if err != nil {
			return err
		}
		n.DataType, n.Kind = kind.name, kind.kind
		n.Scalar = n.Scalar && !kind.structure
	}
	return nil
}

// readUnits reads the engineering units of the variables that have them.
func readUnits(ctx context.Context, s Server, list []*Node) error {
	var wanted []*ua.ReadValueID
	var of []*Node
	for _, n := range list {
		for _, c := range n.Children {
			if c.Property && c.Name() == "EngineeringUnits" {
				wanted, of = append(wanted, valueOf(c.ID)), append(of, n)
			}
		}
	}
	values, err := read(ctx, s, wanted)
	if err != nil {
		return fmt.Errorf("read engineering units: %w", err)
	}
	for i, n := range of {
		if x, ok := held(values[i]).(*ua.ExtensionObject); ok && x != nil {
			if eu, ok := x.Value.(*ua.EUInformation); ok {
				n.Unit, n.UnitText = Unit(eu), unitText(eu)
			}
		}
	}
	return nil
}

// read reads what is wanted, if anything is.
func read(ctx context.Context, s Server, wanted []*ua.ReadValueID) ([]*ua.DataValue, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	values, err := s.Read(ctx, wanted)
	if err == nil && len(values) != len(wanted) {
		err = fmt.Errorf("got %d values, want %d", len(values), len(wanted))
	}
	return values, err
}

func attribute(n *ua.NodeID, a ua.AttributeID) *ua.ReadValueID {
	return &ua.ReadValueID{NodeID: n, AttributeID: a, DataEncoding: &ua.QualifiedName{}}
}

func valueOf(n *ua.NodeID) *ua.ReadValueID { return attribute(n, ua.AttributeIDValue) }

// held returns what a value holds, nil for a Bad or empty one.
func held(v *ua.DataValue) any {
	if v == nil || v.Value == nil || v.Status&severityBad != 0 {
		return nil
	}
	return v.Value.Value()
}

// isNumber reports whether the identifier of n is a number.
func isNumber(n *ua.NodeID) bool { return n.Type() <= ua.NodeIDTypeNumeric }
