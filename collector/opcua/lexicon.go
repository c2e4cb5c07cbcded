package opcua

import (
	"context"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/structure"
)

// maxTypes bounds the data types of one server that andon looks at.
const maxTypes = 5000

// A lexicon gathers the data types of a server. It is of one goroutine.
type lexicon struct {
	session *session
	entries map[skim.NodeKey]*lexeme
	types   structure.Types
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

func newLexicon(x *session) *lexicon {
	return &lexicon{session: x, entries: map[skim.NodeKey]*lexeme{}, types: structure.Types{}}
}

// of returns the data type with a node id, of which more is known after look.
func (l *lexicon) of(node *ua.NodeID) *lexeme {
	key := skim.KeyOf(node)
	if e := l.entries[key]; e != nil {
		return e
	}
	e := &lexeme{node: node, typ: structure.BuiltIn(key)}
	switch {
	case e.typ != nil:
	case len(l.entries) >= maxTypes:
		return &lexeme{node: node, typ: &structure.Type{ID: key.String()}}
	default:
		e.typ = &structure.Type{ID: key.String()}
		l.todo = append(l.todo, e)
	}
	l.entries[key] = e
	return e
}

// look reads the definitions of what was asked for, and of what those are made
// of. Only the loss of the session is an error; what a server does not tell
// stays unknown.
func (l *lexicon) look(ctx context.Context) error {
	var structures []*lexeme
	var all []*lexeme
	for len(l.todo) > 0 {
		list := l.todo
		l.todo = nil
		all = append(all, list...)
		values, err := l.session.readMany(ctx, nodesOf(list), ua.AttributeIDDataTypeDefinition)
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
func (l *lexicon) define(e *lexeme, d *ua.StructureDefinition) bool {
	err := e.typ.Define(d, func(node *ua.NodeID) *structure.Type { return l.of(node).typ })
	if err != nil {
		l.session.source.log.Debug("data type cannot be decoded", "type", e.typ.ID, "err", err)
		return false
	}
	e.structure = d
	if !skim.IsNullID(d.DefaultEncodingID) {
		l.types[skim.KeyOf(d.DefaultEncodingID)] = e.typ
	}
	return true
}

// findBases finds the supertypes of list.
func (l *lexicon) findBases(ctx context.Context, list []*lexeme) error {
	refs, err := l.session.references(ctx, nodesOf(list), id.HasSubtype, ua.BrowseDirectionInverse)
	if err != nil {
		return err
	}
	for i, e := range list {
		for _, r := range refs[i] {
			e.base = l.of(ua.NewNodeIDFromExpandedNodeID(r.NodeID))
		}
	}
	return nil
}

// settle makes the built-in type known that the values of e are encoded as.
func (l *lexicon) settle(e *lexeme) {
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
func (l *lexicon) nameEnumerations(ctx context.Context, list []*lexeme) error {
	var wanted []*lexeme
	for _, e := range list {
		if e.typ.Kind == ua.TypeIDInt32 && e.typ.Names == nil {
			wanted = append(wanted, e)
		}
	}
	names, err := l.session.propertyNames(ctx, nodesOf(wanted))
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
