package opcuatest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// A Value is what a variable holds. V is a Go scalar whose type is the OPC UA
// type: bool, int8 to uint64, float32, float64, string, []byte, time.Time, a
// pointer to ua.LocalizedText, or an array; nil is a value of type Null.
type Value struct {
	V      any
	Status ua.StatusCode
	Source time.Time // source time stamp; now when zero
	Server time.Time // server time stamp; now when zero
	// NoSource and NoServer leave out a time stamp.
	NoSource bool
	NoServer bool
}

// A Change is one variable's new Value.
type Change struct {
	Node  string // the string identifier in index 2
	Value Value
}

// A variable is one node. space.mu guards it.
type variable struct {
	id     *ua.NodeID
	name   string
	value  *ua.DataValue
	access ua.StatusCode // what reading and monitoring it answers, OK normally
	filter ua.StatusCode // what monitoring it with a deadband answers
	span   float64       // of its engineering range, 0 when it has none
	typ    *ua.NodeID    // its data type, nil for the built-in one of its value
	items  []*item

	historized bool
	history    []*ua.DataValue // in the order of their source times
}

// A space holds the variables of the plant's namespace.
type space struct {
	index    uint16     // of the namespace
	mu       sync.Mutex // taken before a subscription's, after none
	vars     map[string]*variable
	foreign  map[string]*variable // by node id, in other namespaces
	children map[string][]string  // folder → its children, in the order added
	types    map[string]*typeNode
}

func newSpace(index uint16) *space {
	return &space{index: index, foreign: map[string]*variable{}, vars: map[string]*variable{}, children: map[string][]string{}}
}

// Add makes a variable with node id ns=2;s=name, or wherever Namespace stands,
// and browse path Objects,
// then the parts of name between its dots. v is its first value.
func (s *Server) Add(name string, v any) { s.AddValue(name, Value{V: v}) }

// AddValue is Add with a status and time stamps.
func (s *Server) AddValue(name string, v Value) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	x := s.space.vars[name]
	if x == nil {
		x = &variable{id: ua.NewStringNodeID(s.space.index, name), name: name}
		s.space.vars[name] = x
		s.space.link(name)
	}
	x.value = v.data()
}

// link makes the folders above name.
func (p *space) link(name string) {
	for child := name; ; {
		parent := ""
		if dot := strings.LastIndexByte(child, '.'); dot >= 0 {
			parent = child[:dot]
		}
		if slices.Contains(p.children[parent], child) {
			return
		}
		p.children[parent] = append(p.children[parent], child)
		if parent == "" {
			return
		}
		child = parent
	}
}

// Remove makes the node unknown; items that monitor it report
// BadNodeIdUnknown once and stay silent.
func (s *Server) Remove(name string) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	x := s.space.vars[name]
	if x == nil {
		return
	}
	delete(s.space.vars, name)
	gone := Value{Status: ua.StatusBadNodeIDUnknown}.data()
	for _, it := range x.items {
		it.offer(gone)
	}
}

// Deny makes reading and monitoring the variable answer status, such as
// ua.StatusBadUserAccessDenied; OK allows it again.
func (s *Server) Deny(name string, status ua.StatusCode) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	s.space.vars[name].access = status
}

// DenyFilter makes monitoring the variable with a deadband answer status.
func (s *Server) DenyFilter(name string, status ua.StatusCode) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	s.space.vars[name].filter = status
}

// SetSpan gives a variable an engineering range (EURange), from 0 to span, of
// which deadbands in percent are.
func (s *Server) SetSpan(name string, span float64) {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	s.space.vars[name].span = span
}

// Set changes one variable and queues the change for all who monitor it. It
// is an error when there is no such variable.
func (s *Server) Set(name string, v Value) error {
	return s.SetAll([]Change{{name, v}})
}

// SetAll changes many variables in order, as one step.
func (s *Server) SetAll(changes []Change) error {
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	for _, c := range changes {
		x := s.space.vars[c.Node]
		if x == nil {
			return fmt.Errorf("set %q: no such variable", c.Node)
		}
		x.value = c.Value.data()
		x.record(x.value)
		for _, it := range x.items {
			it.offer(x.value)
		}
	}
	return nil
}

// data makes the wire form of v.
func (v Value) data() *ua.DataValue {
	now := time.Now()
	d := &ua.DataValue{
		EncodingMask:    ua.DataValueStatusCode | ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp,
		Status:          v.Status,
		SourceTimestamp: v.Source,
		ServerTimestamp: v.Server,
	}
	if v.Server.IsZero() {
		d.ServerTimestamp = now
	}
	if v.V != nil {
		d.EncodingMask |= ua.DataValueValue
		d.Value = ua.MustVariant(v.V)
	}
	if v.Source.IsZero() {
		d.SourceTimestamp = now
	}
	if v.NoSource {
		d.EncodingMask &^= ua.DataValueSourceTimestamp
	}
	if v.NoServer {
		d.EncodingMask &^= ua.DataValueServerTimestamp
	}
	return d
}

// sameValue reports whether the default trigger, status and value, sees no
// difference (OPC 10000-4, 7.22.2).
func sameValue(a, b *ua.DataValue) bool {
	if a == nil || b == nil {
		return false
	}
	return a.Status == b.Status && reflect.DeepEqual(a.Value, b.Value)
}

func bad(status ua.StatusCode) *ua.DataValue {
	return &ua.DataValue{EncodingMask: ua.DataValueStatusCode | ua.DataValueServerTimestamp, Status: status, ServerTimestamp: time.Now()}
}

func good(v any) *ua.DataValue {
	return &ua.DataValue{EncodingMask: ua.DataValueValue | ua.DataValueServerTimestamp, Value: ua.MustVariant(v), ServerTimestamp: time.Now()}
}

// lookup finds a variable by node id.
func (p *space) lookup(n *ua.NodeID) *variable {
	if n.Namespace() != p.index || n.Type() != ua.NodeIDTypeString {
		return p.foreign[n.String()]
	}
	return p.vars[n.StringID()]
}

// attribute reads one attribute of one node.
func (s *Server) attribute(n *ua.NodeID, a ua.AttributeID) *ua.DataValue {
	if n.Namespace() == 0 {
		return s.serverAttribute(n, a)
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	x := s.space.lookup(n)
	if t := s.space.types[n.String()]; x == nil && t != nil && a == ua.AttributeIDDataTypeDefinition && t.definition != nil {
		return good(t.definition)
	}
	if x == nil {
		return bad(ua.StatusBadNodeIDUnknown)
	}
	switch a {
	case ua.AttributeIDValue:
		if x.access != ua.StatusOK {
			return bad(x.access)
		}
		return x.value
	case ua.AttributeIDNodeClass:
		return good(int32(ua.NodeClassVariable))
	case ua.AttributeIDBrowseName:
		return good(&ua.QualifiedName{NamespaceIndex: x.id.Namespace(), Name: lastName(x.name)})
	case ua.AttributeIDDisplayName:
		return good(localized(lastName(x.name)))
	case ua.AttributeIDDataType:
		return good(x.dataType())
	case ua.AttributeIDValueRank:
		return good(int32(-1))
	case ua.AttributeIDAccessLevel, ua.AttributeIDUserAccessLevel:
		return good(byte(x.accessLevel()))
	case ua.AttributeIDHistorizing:
		return good(x.historized)
	}
	return bad(ua.StatusBadAttributeIDInvalid)
}

// dataType is the built-in type, whose node id is its number in namespace 0.
func (x *variable) dataType() *ua.NodeID {
	if x.typ != nil {
		return x.typ
	}
	if x.value.Value == nil {
		return ua.NewNumericNodeID(0, id.BaseDataType)
	}
	return ua.NewNumericNodeID(0, uint32(x.value.Value.Type()))
}

// serverAttribute reads the few nodes of namespace 0 that clients need.
func (s *Server) serverAttribute(n *ua.NodeID, a ua.AttributeID) *ua.DataValue {
	if a != ua.AttributeIDValue {
		return bad(ua.StatusBadAttributeIDInvalid)
	}
	switch n.IntID() {
	case id.Server_NamespaceArray:
		return good(s.namespaces)
	case id.Server_ServerArray:
		return good([]string{s.opts.URI})
	case id.Server_ServerStatus_CurrentTime:
		return good(s.opts.clock().UTC())
	case id.Server_ServerStatus_StartTime:
		return good(s.started)
	case id.Server_ServiceLevel:
		return good(s.serviceLevel())
	case id.Server_ServerStatus_State:
		return good(int32(ua.ServerStateRunning))
	case id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead:
		return good(s.opts.Reported.Read)
	case id.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall:
		return good(s.opts.Reported.MonitoredItems)
	case id.Server_ServerCapabilities_OperationLimits_MaxNodesPerHistoryReadData:
		return good(s.opts.Reported.HistoryNodes)
	case id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRegisterNodes:
		return good(s.opts.Reported.Register)
	case id.Server_ServerCapabilities_MaxArrayLength:
		return good(s.opts.Reported.ArrayLength)
	}
	return bad(ua.StatusBadNodeIDUnknown)
}

func lastName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
