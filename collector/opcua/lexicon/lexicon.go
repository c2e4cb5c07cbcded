// Package lexicon finds out which data types an OPC UA server has: from their
// definitions, and from what they are subtypes of.
package lexicon

import (
	"context"
	"log/slog"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/structure"
	"andon/collector/opcua/wire"
)

// MaxTypes bounds the data types of one server that andon looks at. Those beyond
// stay unknown.
const MaxTypes = 5000

// A Server tells of its nodes. What it does not tell is Bad or missing; an error is
// the loss of the session, and comes with the end of ctx too.
type Server interface {
	// ReadMany reads an attribute of each of nodes.
	ReadMany(ctx context.Context, nodes []*ua.NodeID, attribute ua.AttributeID) ([]wire.ReadValue, error)
	// References returns the references of a type, or of one of its subtypes,
	// that each of nodes has in a direction.
	References(ctx context.Context, nodes []*ua.NodeID, kind uint32, direction ua.BrowseDirection) ([][]*ua.ReferenceDescription, error)
	// PropertyNames reads what the numbers of each of nodes are called by its
	// properties, nil where it has none.
	PropertyNames(ctx context.Context, nodes []*ua.NodeID) ([]map[int64]string, error)
}

// A Lexicon gathers the data types of a server. It is of one goroutine.
type Lexicon struct {
	server  Server
	log     *slog.Logger
	entries map[skim.NodeKey]*lexeme
	Types   structure.Types
	todo    []*lexeme // not looked up yet
}

// A lexeme is one data type in the making.
type lexeme struct {
	node      *ua.NodeID
	typ       *structure.Type
	structure *ua.StructureDefinition // nil when it has none
	names     map[int64]string        // of its definition
	base      *lexeme                 // its supertype, nil of a built-in one and of one not known
}

// New makes an empty lexicon of a server. What cannot be decoded goes to the log.
func New(s Server, log *slog.Logger) *Lexicon {
	return &Lexicon{server: s, log: log, entries: map[skim.NodeKey]*lexeme{}, Types: structure.Types{}}
}

// Of returns the data type with a node id, of which more is known after Look; a
// nil id is that of any type.
func (l *Lexicon) Of(node *ua.NodeID) *structure.Type { return l.entry(node).typ }

func (l *Lexicon) entry(node *ua.NodeID) *lexeme {
	key := skim.KeyOf(node)
	if e := l.entries[key]; e != nil {
		return e
	}
	e := &lexeme{node: node, typ: structure.BuiltIn(key)}
	switch {
	case e.typ != nil:
	case len(l.entries) >= MaxTypes:
		return &lexeme{node: node, typ: &structure.Type{ID: key.String()}}
	default:
		e.typ = &structure.Type{ID: key.String()}
		l.todo = append(l.todo, e)
	}
	l.entries[key] = e
	return e
}

// Look reads the definitions of what Of was asked for, and of what those are made
// of. Only the loss of the session is an error; what a server does not tell
// stays unknown.
func (l *Lexicon) Look(ctx context.Context) error {
	var structures []*lexeme
	var all []*lexeme
	for len(l.todo) > 0 {
		list := l.todo
		l.todo = nil
		all = append(all, list...)
		values, err := l.server.ReadMany(ctx, nodesOf(list), ua.AttributeIDDataTypeDefinition)
		if err != nil {
			return err
		}
		var others []*lexeme
		for i, e := range list {
			switch d := structure.DefinitionOf(&values[i].DataValue).(type) {
			case *ua.StructureDefinition:
				if l.define(e, d) {
					structures = append(structures, e)
				}
				continue
			case *ua.EnumDefinition:
				e.names = structure.NamesOf(d)
			}
			others = append(others, e)
		}
		if err := l.findBases(ctx, others); err != nil {
			return err
		}
	}
	for _, e := range all {
		l.settle(e)
	}
	for _, e := range structures {
		e.typ.AllowSubtypes(e.structure)
	}
	return l.nameEnumerations(ctx, all)
}

// define makes a structure of e and reports whether it can be decoded.
func (l *Lexicon) define(e *lexeme, d *ua.StructureDefinition) bool {
	err := e.typ.Define(d, func(node *ua.NodeID) *structure.Type { return l.Of(node) })
	if err != nil {
		l.log.Debug("data type cannot be decoded", "type", e.typ.ID, "err", err)
		return false
	}
	e.structure = d
	if !skim.IsNullID(d.DefaultEncodingID) {
		l.Types[skim.KeyOf(d.DefaultEncodingID)] = e.typ
	}
	return true
}

// findBases finds the supertypes of list.
func (l *Lexicon) findBases(ctx context.Context, list []*lexeme) error {
	refs, err := l.server.References(ctx, nodesOf(list), id.HasSubtype, ua.BrowseDirectionInverse)
	if err != nil {
		return err
	}
	for i, e := range list {
		for _, r := range refs[i] {
			e.base = l.entry(ua.NewNodeIDFromExpandedNodeID(r.NodeID))
		}
	}
	return nil
}

// settle makes the built-in type known that the values of e are encoded as.
func (l *Lexicon) settle(e *lexeme) {
	root := e
	for depth := 0; root.base != nil && depth < skim.MaxDepth; depth++ {
		root = root.base
	}
	if e.typ.IsStructure() || root.base != nil || root == e {
		return
	}
	// Of a structure whose fields are not known nobody knows where it ends.
	if root.typ.Kind != ua.TypeIDExtensionObject {
		e.typ.Kind = root.typ.Kind
	}
	if root.node.IntID() == id.Enumeration {
		e.typ.Names = e.names
	}
}

// nameEnumerations finds names for enumerations whose definition has none.
func (l *Lexicon) nameEnumerations(ctx context.Context, list []*lexeme) error {
	var wanted []*lexeme
	for _, e := range list {
		if e.typ.Kind == ua.TypeIDInt32 && e.typ.Names == nil {
			wanted = append(wanted, e)
		}
	}
	names, err := l.server.PropertyNames(ctx, nodesOf(wanted))
	if err != nil {
		return err
	}
	for i, e := range wanted {
		e.typ.Names = names[i]
	}
	return nil
}

func nodesOf(list []*lexeme) []*ua.NodeID {
	nodes := make([]*ua.NodeID, len(list))
	for i, e := range list {
		nodes[i] = e.node
	}
	return nodes
}
