// Package structure finds parts of values, elements of arrays and fields of
// structures, in the bytes that came, by what a server says of its data types
// (OPC 10000-3, 8.48 and OPC 10000-6, 5.2.6). It costs no memory to look at one.
package structure

import (
	"strings"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

// A Type says how the values of a data type are encoded and what their
// numbers are called. It must not be changed once a value was decoded with it.
type Type struct {
	ID    string           // its node id, for people
	Kind  ua.TypeID        // the built-in type; ExtensionObject of structures
	Names map[int64]string // of an enumeration; nil when it has none

	layout layout
	fields []member // of a structure
}

// A layout is how the fields of a structure follow each other (OPC 10000-6,
// 5.2.6 to 5.2.8).
type layout uint8

const (
	layoutUnknown  layout = iota // no structure, or one whose fields are not known
	layoutPlain                  // one after the other
	layoutOptional               // after a word that says which are there
	layoutUnion                  // one of them, after its number
)

// A member is a field of a structure.
type member struct {
	name string
	rank int  // dimensions, 0 of a scalar
	bit  int8 // which one says that it is there, -1 of a field that always is
	typ  *Type
}

// IsStructure reports whether values of t are structures without the head of
// an extension object where they are fields.
func (t *Type) IsStructure() bool { return t.layout != layoutUnknown }

// field returns the place of a field among the others, -1 when there is none.
func (t *Type) field(name string) int {
	for i := range t.fields {
		if t.fields[i].name == name {
			return i
		}
	}
	return -1
}

// fieldNames lists the fields for people.
func (t *Type) fieldNames() string {
	names := make([]string, len(t.fields))
	for i, f := range t.fields {
		names[i] = f.name
	}
	if len(names) > 20 {
		names = append(names[:20], "…")
	}
	return strings.Join(names, ", ")
}

// Types are the structures of a server by the ids of their binary encodings.
// What values are decoded with must not be changed; a larger one takes its place.
type Types map[skim.NodeKey]*Type
