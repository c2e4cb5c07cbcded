package opcua

import (
	"strings"
	"sync"

	"andon/cmd/plantsim/internal/northfield"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/server/attrs"
	"github.com/gopcua/opcua/ua"
)

// A space is the plant's namespace: a folder for each line, equipment and
// group of signals, and a read-only variable for each signal. Its tree is
// fixed; the values of its variables change.
type space struct {
	*server.NodeNameSpace // keeps the number of the namespace and its top folders

	nodes map[string]*node // by string identifier
	roots []*node

	mu sync.Mutex // guards the value of every node
}

// A node is one folder or variable.
type node struct {
	id       *ua.NodeID
	name     string
	signal   *northfield.Signal // nil for folders
	parent   *node
	children []*node
	value    *ua.DataValue // immutable once set; guarded by space.mu
}

func newSpace(plant []*northfield.Equipment) *space {
	s := &space{NodeNameSpace: server.NewNameSpace(northfield.NamespaceURI), nodes: map[string]*node{}}
	for _, eq := range plant {
		if eq.Transport != northfield.OPCUA {
			continue
		}
		for i := range eq.Signals {
			s.node(eq.Signals[i].Node).signal = &eq.Signals[i]
		}
		if eq.Cavities > 1 {
			c := s.node(eq.Folder + ".Cavities")
			c.signal = &northfield.Signal{Type: northfield.Int32, Node: c.id.StringID(), About: "active cavities of the mould"}
			c.value = server.DataValueFromValue(int32(eq.Cavities))
		}
	}
	for _, n := range s.roots {
		s.AddNode(server.NewNode(n.id, server.Attributes{
			ua.AttributeIDNodeClass:   server.DataValueFromValue(uint32(ua.NodeClassObject)),
			ua.AttributeIDBrowseName:  server.DataValueFromValue(attrs.BrowseName(n.name)),
			ua.AttributeIDDisplayName: server.DataValueFromValue(attrs.DisplayName(n.name, "")),
			ua.AttributeIDDataType:    server.DataValueFromValue(ua.NewNumericExpandedNodeID(0, id.FolderType)),
		}, nil, nil))
	}
	return s
}

// node returns the node with that identifier and builds the folders above it.
func (s *space) node(ident string) *node {
	if n := s.nodes[ident]; n != nil {
		return n
	}
	n := &node{id: ua.NewStringNodeID(northfield.Namespace, ident), name: ident}
	s.nodes[ident] = n
	if dot := strings.LastIndexByte(ident, '.'); dot >= 0 {
		n.name = ident[dot+1:]
		n.parent = s.node(ident[:dot])
		n.parent.children = append(n.parent.children, n)
	} else {
		s.roots = append(s.roots, n)
	}
	return n
}

// find returns the node with identifier nid, nil when there is none.
func (s *space) find(nid *ua.NodeID) *node {
	if nid == nil || nid.Namespace() != northfield.Namespace || nid.Type() != ua.NodeIDTypeString {
		return nil
	}
	return s.nodes[nid.StringID()]
}

// Attribute implements server.NameSpace.
func (s *space) Attribute(nid *ua.NodeID, attr ua.AttributeID) *ua.DataValue {
	n := s.find(nid)
	if n == nil {
		return badValue(ua.StatusBadNodeIDUnknown)
	}
	if attr == ua.AttributeIDValue && n.signal != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return n.value
	}
	if v := n.attribute(attr); v != nil {
		return &ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(v)}
	}
	return badValue(ua.StatusBadAttributeIDInvalid)
}

func badValue(status ua.StatusCode) *ua.DataValue {
	return &ua.DataValue{EncodingMask: ua.DataValueStatusCode, Status: status}
}

// attribute returns a fixed attribute, nil when the node has none of that kind.
func (n *node) attribute(attr ua.AttributeID) any {
	switch attr {
	case ua.AttributeIDNodeID:
		return n.id
	case ua.AttributeIDNodeClass:
		return int32(n.class())
	case ua.AttributeIDBrowseName:
		return &ua.QualifiedName{NamespaceIndex: northfield.Namespace, Name: n.name}
	case ua.AttributeIDDisplayName:
		return ua.NewLocalizedText(n.name)
	case ua.AttributeIDDescription:
		if n.signal != nil {
			return ua.NewLocalizedText(n.signal.About)
		}
		return ua.NewLocalizedText("")
	case ua.AttributeIDWriteMask, ua.AttributeIDUserWriteMask:
		return uint32(0)
	}
	if n.signal == nil {
		if attr == ua.AttributeIDEventNotifier {
			return byte(0)
		}
		return nil
	}
	switch attr {
	case ua.AttributeIDDataType:
		return ua.NewNumericNodeID(0, dataType(n.signal.Type))
	case ua.AttributeIDValueRank:
		return int32(-1) // a scalar
	case ua.AttributeIDAccessLevel, ua.AttributeIDUserAccessLevel:
		return byte(ua.AccessLevelTypeCurrentRead)
	case ua.AttributeIDMinimumSamplingInterval:
		return float64(samplingInterval.Milliseconds())
	case ua.AttributeIDHistorizing:
		return false
	}
	return nil
}

func (n *node) class() ua.NodeClass {
	if n.signal != nil {
		return ua.NodeClassVariable
	}
	return ua.NodeClassObject
}

// SetAttribute implements server.NameSpace: nothing can be written.
func (s *space) SetAttribute(nid *ua.NodeID, _ ua.AttributeID, _ *ua.DataValue) ua.StatusCode {
	if s.find(nid) == nil {
		return ua.StatusBadNodeIDUnknown
	}
	return ua.StatusBadNotWritable
}

// Browse implements server.NameSpace.
func (s *space) Browse(bd *ua.BrowseDescription) *ua.BrowseResult {
	n := s.find(bd.NodeID)
	if n == nil {
		return &ua.BrowseResult{StatusCode: ua.StatusBadNodeIDUnknown}
	}
	refs := []*ua.ReferenceDescription{}
	add := func(r *ua.ReferenceDescription) {
		if wanted(bd, r) {
			refs = append(refs, r)
		}
	}
	add(typeReference(n.typeDefinition()))
	if n.parent != nil {
		add(n.parent.reference(n.referenceType(), false))
	}
	for _, c := range n.children {
		add(c.reference(c.referenceType(), true))
	}
	return &ua.BrowseResult{StatusCode: ua.StatusGood, References: refs}
}

func (n *node) typeDefinition() uint32 {
	if n.signal != nil {
		return id.BaseDataVariableType
	}
	return id.FolderType
}

// referenceType returns what leads from n's folder to n.
func (n *node) referenceType() uint32 {
	if n.signal != nil {
		return id.HasComponent
	}
	return id.Organizes
}

func (n *node) reference(refType uint32, forward bool) *ua.ReferenceDescription {
	return &ua.ReferenceDescription{
		ReferenceTypeID: ua.NewNumericNodeID(0, refType),
		IsForward:       forward,
		NodeID:          ua.NewExpandedNodeID(n.id, "", 0),
		BrowseName:      &ua.QualifiedName{NamespaceIndex: northfield.Namespace, Name: n.name},
		DisplayName:     ua.NewLocalizedText(n.name),
		NodeClass:       n.class(),
		TypeDefinition:  ua.NewNumericExpandedNodeID(0, n.typeDefinition()),
	}
}

func typeReference(typ uint32) *ua.ReferenceDescription {
	name, class := "FolderType", ua.NodeClassObjectType
	if typ == id.BaseDataVariableType {
		name, class = "BaseDataVariableType", ua.NodeClassVariableType
	}
	return &ua.ReferenceDescription{
		ReferenceTypeID: ua.NewNumericNodeID(0, id.HasTypeDefinition),
		IsForward:       true,
		NodeID:          ua.NewNumericExpandedNodeID(0, typ),
		BrowseName:      &ua.QualifiedName{Name: name},
		DisplayName:     ua.NewLocalizedText(name),
		NodeClass:       class,
		TypeDefinition:  ua.NewTwoByteExpandedNodeID(0),
	}
}

// wanted reports whether r is what bd asks for.
func wanted(bd *ua.BrowseDescription, r *ua.ReferenceDescription) bool {
	if bd.BrowseDirection == ua.BrowseDirectionForward && !r.IsForward ||
		bd.BrowseDirection == ua.BrowseDirectionInverse && r.IsForward {
		return false
	}
	if bd.NodeClassMask != 0 && bd.NodeClassMask&uint32(r.NodeClass) == 0 {
		return false
	}
	asked := uint32(0)
	if bd.ReferenceTypeID != nil {
		asked = bd.ReferenceTypeID.IntID()
	}
	has := r.ReferenceTypeID.IntID()
	return asked == 0 || asked == has || bd.IncludeSubtypes && isSubtype(has, asked)
}

// isSubtype knows the part of the reference types that the plant uses
// (OPC 10000-3, 7).
func isSubtype(typ, of uint32) bool {
	switch of {
	case id.References:
		return true
	case id.HierarchicalReferences:
		return typ != id.HasTypeDefinition
	case id.HasChild, id.Aggregates:
		return typ == id.HasComponent
	case id.NonHierarchicalReferences:
		return typ == id.HasTypeDefinition
	}
	return false
}
