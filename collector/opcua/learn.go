package opcua

import (
	"context"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/lexicon"
	"andon/collector/opcua/skim"
	"andon/collector/opcua/structure"
	"andon/plant"
)

// needsType reports whether p can be made out only with what the server says of
// its data type: fields of structures, and text, which numbers of enumerations
// have names for.
func (p *point) needsType() bool {
	return p.tag.Type == plant.KindText && p.address.Stamp == address.NoStamp || p.address.Part.HasField()
}

// A learned is a point of which more is to be known, and its node.
type learned struct {
	point *point
	node  *ua.NodeID
	typ   *structure.Type
}

// learnAfresh is learnTypes at the start of a session. What was known before is
// forgotten: another session may number namespaces, and with them types, anew.
func (x *session) learnAfresh(ctx context.Context, points []*point) error {
	for _, p := range points {
		p.known.Store(nil)
	}
	return x.learnTypes(ctx, points)
}

// learnTypes finds out what the values of points are made of. A node that is
// not there stays unknown. Only the loss of the session is an error; a value
// that cannot be made out says so itself. It is safe for concurrent use.
func (x *session) learnTypes(ctx context.Context, points []*point) error {
	x.learning.Lock()
	defer x.learning.Unlock()
	var list []*learned
	for _, p := range points {
		if !p.needsType() {
			continue
		}
		if node, err := x.node(p); err == nil {
			list = append(list, &learned{point: p, node: node})
		}
	}
	if len(list) == 0 {
		return nil
	}
	l := lexicon.New(x, x.source.log)
	for _, step := range []func(context.Context, *lexicon.Lexicon, []*learned) error{x.learnOwn, x.learnGeneric} {
		if err := step(ctx, l, list); err != nil {
			return err
		}
	}
	names, err := x.learnNames(ctx, list)
	if err != nil {
		return err
	}
	// Values may go from one type to another and back.
	for key, t := range x.types {
		if _, redefined := l.Types[key]; !redefined && len(l.Types) < lexicon.MaxTypes {
			l.Types[key] = t
		}
	}
	x.types = l.Types
	for i, e := range list {
		if e.typ != nil {
			e.point.known.Store(&structure.Knowledge{Type: e.typ, Types: x.types, Names: names[i]})
		}
	}
	return nil
}

// learnOwn looks up the data types that variables say they have.
func (x *session) learnOwn(ctx context.Context, l *lexicon.Lexicon, list []*learned) error {
	nodes := make([]*ua.NodeID, len(list))
	for i, e := range list {
		nodes[i] = e.node
	}
	values, err := x.ReadMany(ctx, nodes, ua.AttributeIDDataType)
	if err != nil {
		return err
	}
	for i, e := range list {
		if nodeGone(values[i].Status) {
			continue
		}
		e.typ = l.Of(nil) // any
		if d := values[i].Decoded(); d.Value != nil {
			if node, ok := d.Value.Value().(*ua.NodeID); ok {
				e.typ = l.Of(node)
			}
		}
	}
	return l.Look(ctx)
}

// learnGeneric looks up the types of structures that their variables do not
// say: that the present values have.
func (x *session) learnGeneric(ctx context.Context, l *lexicon.Lexicon, list []*learned) error {
	var nodes []*ua.NodeID
	for _, e := range list {
		if e.typ != nil && e.point.address.Part.HasField() && !e.typ.IsStructure() {
			nodes = append(nodes, e.node)
		}
	}
	values, err := x.ReadMany(ctx, nodes, ua.AttributeIDValue)
	if err != nil {
		return err
	}
	seen := map[skim.NodeKey]bool{}
	var encodings []*ua.NodeID
	for i := range values {
		for _, n := range structure.EncodingsIn(&values[i].DataValue) {
			if key := skim.KeyOf(n); !seen[key] && l.Types[key] == nil && len(seen) < lexicon.MaxTypes {
				seen[key] = true
				encodings = append(encodings, n)
			}
		}
	}
	refs, err := x.References(ctx, encodings, id.HasEncoding, ua.BrowseDirectionInverse)
	if err != nil {
		return err
	}
	found := make([]*structure.Type, len(encodings))
	for i := range encodings {
		for _, r := range refs[i] {
			found[i] = l.Of(ua.NewNodeIDFromExpandedNodeID(r.NodeID))
		}
	}
	if err := l.Look(ctx); err != nil {
		return err
	}
	for i, e := range found {
		if e != nil && e.IsStructure() {
			l.Types[skim.KeyOf(encodings[i])] = e
		}
	}
	return nil
}

// learnNames finds what variables themselves say of their numbers.
func (x *session) learnNames(ctx context.Context, list []*learned) ([]map[int64]string, error) {
	var nodes []*ua.NodeID
	var at []int
	for i, e := range list {
		if e.typ == nil || e.point.tag.Type != plant.KindText || e.typ.Names != nil {
			continue
		}
		switch e.typ.Kind {
		case ua.TypeIDSByte, ua.TypeIDByte, ua.TypeIDInt16, ua.TypeIDUint16, ua.TypeIDInt32, ua.TypeIDUint32,
			ua.TypeIDInt64, ua.TypeIDUint64, ua.TypeIDVariant:
			nodes, at = append(nodes, e.node), append(at, i)
		}
	}
	found, err := x.PropertyNames(ctx, nodes)
	if err != nil {
		return nil, err
	}
	names := make([]map[int64]string, len(list))
	for j, i := range at {
		names[i] = found[j]
	}
	return names, nil
}
