package structure

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

var (
	// errNoElement is of an element that an array does not have.
	errNoElement = errors.New("no such element")
	// ErrForeign is of a structure of which too little is known.
	ErrForeign = errors.New("type is not known")
)

// A spot is one value within an encoded one: a scalar, an array or a structure.
type spot struct {
	kind ua.TypeID // the built-in type, of each element of an array
	typ  *Type     // more about it; nil when nothing is known
	bare bool      // a structure without the head of an extension object
	rank int       // dimensions of an array, 0 of a scalar
	n    int       // elements of an array
	dims []byte    // words with the length of each dimension, nil for one
	body []byte    // from its first byte, or that of its first element, on
}

// A picker finds parts of values. It refers to the bytes that it is given.
type picker struct {
	types Types
}

// pick returns the scalar that lies at p in a variant whose data type is typ,
// nil when that is not known.
func (k picker) pick(variant []byte, typ *Type, p Path) (spot, error) {
	s, err := variantSpot(variant, typ)
	for i := range p {
		if err == nil {
			s, err = k.opened(s, 0)
		}
		if err == nil {
			s, err = k.enter(s, &p[i])
		}
		if err != nil {
			return s, fmt.Errorf("%s: %w", p[:i+1], err)
		}
	}
	if err == nil {
		s, err = k.opened(s, 0)
	}
	return s, err
}

// variantSpot returns what a variant holds.
func variantSpot(b []byte, typ *Type) (spot, error) {
	if len(b) == 0 {
		return spot{}, io.ErrUnexpectedEOF
	}
	s := spot{kind: ua.TypeID(b[0] & skim.TypeBits), typ: typ, body: b[1:]}
	if typ != nil && typ.Kind != s.kind {
		s.typ = nil // the value is of another type than the node says
	}
	if b[0]&ua.VariantArrayValues == 0 || s.kind == ua.TypeIDNull {
		return s, nil
	}
	m := walker{Skimmer: skim.Skimmer{Bytes: b, Pos: 1}}
	s.rank, s.n = 1, int(m.Length())
	s.body = b[m.Pos:]
	if b[0]&ua.VariantArrayDimensions == 0 {
		return s, m.Err
	}
	m.elements(&s, uint32(s.n), 0)
	n := m.Length()
	if m.Skip(n, 4); m.Err == nil && n > 1 {
		s.rank, s.dims = int(n), b[m.Pos-4*int(n):m.Pos]
	}
	return s, m.Err
}

// opened returns what lies in a scalar variant or data value.
func (k picker) opened(s spot, depth int) (spot, error) {
	for ; s.rank == 0 && (s.kind == ua.TypeIDVariant || s.kind == ua.TypeIDDataValue); depth++ {
		if depth > skim.MaxDepth {
			return s, skim.ErrTooDeep
		}
		b := s.body
		if s.kind == ua.TypeIDDataValue {
			if len(b) == 0 || b[0]&ua.DataValueValue == 0 {
				return spot{kind: ua.TypeIDNull}, nil
			}
			b = b[1:]
		}
		var err error
		if s, err = variantSpot(b, nil); err != nil {
			return s, err
		}
	}
	return s, nil
}

// enter returns the spot that is one step into s.
func (k picker) enter(s spot, t *Step) (spot, error) {
	switch {
	case t.Field == "" && s.rank == 0:
		return s, fmt.Errorf("value of type %s: want an array", s.kind)
	case t.Field == "":
		return s.element(t.Index)
	case s.rank > 0:
		return s, fmt.Errorf("array of %s: want an index before a field", s.kind)
	}
	s, err := k.structure(s)
	if err != nil {
		return s, err
	}
	return s.field(t.Field)
}

// element returns an element of an array.
func (s spot) element(index []uint32) (spot, error) {
	if len(index) != s.rank {
		return s, fmt.Errorf("array of %d dimensions: want an index for each", s.rank)
	}
	at := uint64(0)
	for i, n := range index {
		length := uint64(s.n)
		if s.dims != nil {
			length = uint64(binary.LittleEndian.Uint32(s.dims[4*i:]))
		}
		if uint64(n) >= length {
			return s, fmt.Errorf("array of %d: %w", length, errNoElement)
		}
		at = at*length + uint64(n)
		if at >= uint64(s.n) { // the dimensions claim more than there is
			return s, fmt.Errorf("array of %d: %w", s.n, errNoElement)
		}
	}
	m := walker{Skimmer: skim.Skimmer{Bytes: s.body}}
	m.elements(&s, uint32(at), 0)
	if m.Err != nil {
		return s, m.Err
	}
	return spot{kind: s.kind, typ: s.typ, bare: s.bare, body: s.body[m.Pos:]}, nil
}

// structure returns s without the head of an extension object.
func (k picker) structure(s spot) (spot, error) {
	if s.kind != ua.TypeIDExtensionObject {
		return s, fmt.Errorf("value of type %s: want a structure", s.kind)
	}
	if s.bare {
		return s, nil
	}
	id, body, err := skim.ExtensionObject(s.body)
	if err != nil {
		return s, err
	}
	t := k.types[id]
	if t == nil {
		return s, fmt.Errorf("structure with encoding %s: %w", id, ErrForeign)
	}
	m := walker{Skimmer: skim.Skimmer{Bytes: body}}
	m.structure(t, 0)
	if m.Err == nil && m.Pos != len(body) {
		m.Err = fmt.Errorf("%d bytes, of which its definition knows %d", len(body), m.Pos)
	}
	if m.Err != nil { // what the definition makes of it would be invented
		return s, fmt.Errorf("structure that is not as its type %s: %w: %w", t.ID, ErrForeign, m.Err)
	}
	return spot{kind: s.kind, typ: t, bare: true, body: body}, nil
}

// field returns a field of a structure.
func (s spot) field(name string) (spot, error) {
	if s.typ == nil || !s.typ.IsStructure() {
		return s, fmt.Errorf("structure: %w", ErrForeign)
	}
	wanted := s.typ.field(name)
	if wanted < 0 {
		return s, fmt.Errorf("structure %s has no such field: want one of %s", s.typ.ID, s.typ.fieldNames())
	}
	m := walker{Skimmer: skim.Skimmer{Bytes: s.body}}
	there := m.structureHead(s.typ)
	for i := range s.typ.fields {
		f := &s.typ.fields[i]
		switch {
		case m.Err != nil:
			return s, m.Err
		case i == wanted && there.has(i):
			return m.fieldSpot(f)
		case i == wanted:
			return s, skim.ErrAbsent
		case there.has(i):
			m.field(f, 1)
		}
	}
	return s, skim.ErrAbsent
}
