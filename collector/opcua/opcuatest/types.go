package opcuatest

import (
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// A Body is the encoded fields of a structure, as they are.
type Body []byte

var _ ua.BinaryEncoder = Body(nil)

// Encode returns the bytes.
func (b Body) Encode() ([]byte, error) { return b, nil }

// Structure makes a value of a structure whose binary encoding has that id, and
// whose encoded fields follow each other in parts.
func Structure(encoding *ua.NodeID, parts ...any) *ua.ExtensionObject {
	return &ua.ExtensionObject{TypeID: ua.NewExpandedNodeID(encoding, "", 0), EncodingMask: ua.ExtensionObjectBinary, Value: Fields(parts...)}
}

// Fields encodes values one after the other: Go scalars as OPC UA scalars of
// that type, and Bodies as they are.
func Fields(parts ...any) Body {
	buf := ua.NewBuffer(nil)
	for _, p := range parts {
		if text, ok := p.(string); ok {
			buf.WriteByteString([]byte(text))
			continue
		}
		buf.WriteStruct(p)
	}
	return buf.Bytes()
}

// A typeNode is a node that is no variable: a data type or the encoding of one.
type typeNode struct {
	definition *ua.ExtensionObject // nil without one
	references []*ua.ReferenceDescription
	inverse    []*ua.ReferenceDescription
}

// typeNode returns the node n, which it makes when there is none. space.mu is
// held.
func (p *space) typeNode(n *ua.NodeID) *typeNode {
	if p.types == nil {
		p.types = map[string]*typeNode{}
	}
	t := p.types[n.String()]
	if t == nil {
		t = &typeNode{}
		p.types[n.String()] = t
	}
	return t
}

// AddType makes a data type that is a subtype of base. A definition is a
// pointer to a ua.StructureDefinition or a ua.EnumDefinition, nil for none.
func (s *Server) AddType(n, base *ua.NodeID, definition any) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	t := s.space.typeNode(n)
	ref := reference(base, "", false)
	ref.ReferenceTypeID, ref.IsForward, ref.NodeClass = ua.NewNumericNodeID(0, id.HasSubtype), false, ua.NodeClassDataType
	t.inverse = append(t.inverse, ref)
	if definition != nil {
		t.definition = ua.NewExtensionObject(definition)
	}
	if d, ok := definition.(*ua.StructureDefinition); ok && d.DefaultEncodingID != nil {
		encoding := s.space.typeNode(d.DefaultEncodingID)
		ref := reference(n, "", false)
		ref.ReferenceTypeID, ref.IsForward, ref.NodeClass = ua.NewNumericNodeID(0, id.HasEncoding), false, ua.NodeClassDataType
		encoding.inverse = append(encoding.inverse, ref)
	}
}

// SetDataType makes a variable say that its values are of a data type.
func (s *Server) SetDataType(name string, n *ua.NodeID) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	s.space.vars[name].typ = n
}

// AddProperty gives a node a property, whose own node id is ns=2;s=<node>.<name>.
func (s *Server) AddProperty(n *ua.NodeID, name string, v any) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	own := n.String() + "." + name
	if n.Type() == ua.NodeIDTypeString {
		own = n.StringID() + "." + name
	}
	s.space.vars[own] = &variable{id: ua.NewStringNodeID(s.space.index, own), name: own, value: Value{V: v}.data()}
	ref := reference(ua.NewStringNodeID(s.space.index, own), name, true)
	ref.BrowseName.NamespaceIndex, ref.ReferenceTypeID = 0, ua.NewNumericNodeID(0, id.HasProperty)
	t := s.space.typeNode(n)
	t.references = append(t.references, ref)
}

// special returns references of d's node other than to the children of
// folders. space.mu is held.
func (p *space) special(d *ua.BrowseDescription) []*ua.ReferenceDescription {
	t := p.types[d.NodeID.String()]
	if t == nil {
		return nil
	}
	all := t.references
	if d.BrowseDirection == ua.BrowseDirectionInverse {
		all = t.inverse
	}
	var list []*ua.ReferenceDescription
	for _, r := range all {
		if d.ReferenceTypeID == nil || d.ReferenceTypeID.IntID() == r.ReferenceTypeID.IntID() || d.ReferenceTypeID.IntID() == id.HierarchicalReferences {
			list = append(list, r)
		}
	}
	return list
}
