package opcua

import (
	"errors"
	"fmt"
	"io"

	"github.com/gopcua/opcua/ua"
)

// maxWork bounds the structures within one value. A message cannot have more
// that take bytes; those that take none are not to keep andon busy.
const maxWork = 1 << 21

var errTooMuchWork = errors.New("structure of too many parts")

// presence says which fields of a structure are there.
type presence struct {
	typ      *dataType
	mask     uint32 // of optional fields, in their order
	selected uint32 // of a union, from 1
}

// has reports whether the field with that index is there.
func (p presence) has(i int) bool {
	switch p.typ.layout {
	case layoutUnion:
		return p.selected == uint32(i)+1
	case layoutOptional:
		bit := p.typ.fields[i].bit
		return bit < 0 || p.mask&(1<<bit) != 0
	}
	return true
}

// structureHead passes what comes before the fields of a structure.
func (s *skimmer) structureHead(t *dataType) presence {
	p := presence{typ: t}
	switch t.layout {
	case layoutOptional:
		p.mask = s.uint32()
	case layoutUnion:
		p.selected = s.uint32()
		if p.selected > uint32(len(t.fields)) {
			s.fail(fmt.Errorf("union %s: field %d of %d", t.id, p.selected, len(t.fields)))
		}
	}
	return p
}

// structure passes a structure that lies in depth others.
func (s *skimmer) structure(t *dataType, depth int) {
	if depth > maxDepth {
		s.fail(errTooDeep)
		return
	}
	there := s.structureHead(t)
	for i := range t.fields {
		if s.err != nil {
			return
		}
		if there.has(i) {
			s.field(&t.fields[i], depth+1)
		}
	}
}

// field passes a field of a structure.
func (s *skimmer) field(f *member, depth int) {
	if s.work++; s.work > maxWork {
		s.fail(errTooMuchWork)
		return
	}
	if f.typ.kind == ua.TypeIDNull {
		s.fail(fmt.Errorf("field %s is of a type that is not known, %s", f.name, f.typ.id))
		return
	}
	spot := spot{kind: f.typ.kind, typ: f.typ, bare: f.typ.isStructure(), rank: f.rank}
	if f.rank == 0 {
		s.elements(&spot, 1, depth)
		return
	}
	s.arrayHead(&spot)
	s.elements(&spot, uint32(spot.n), depth)
}

// fieldSpot returns the field that begins here.
func (s *skimmer) fieldSpot(f *member) (spot, error) {
	spot := spot{kind: f.typ.kind, typ: f.typ, bare: f.typ.isStructure(), rank: f.rank}
	if f.rank > 0 {
		s.arrayHead(&spot)
	}
	spot.body = s.b[s.pos:]
	return spot, s.err
}

// arrayHead passes what comes before the elements of an array in a structure:
// its length, or those of its dimensions.
func (s *skimmer) arrayHead(a *spot) {
	if a.rank == 1 {
		a.n = int(s.length())
		return
	}
	n := s.length()
	start := s.pos
	if s.skip(n, 4); s.err != nil {
		return
	}
	if n != uint32(a.rank) {
		s.fail(fmt.Errorf("array of %d dimensions: want %d", n, a.rank))
		return
	}
	a.dims = s.b[start:s.pos]
	product := uint64(1)
	dims := skimmer{b: a.dims}
	for range n {
		product *= uint64(dims.uint32())
		if product > uint64(len(s.b)) {
			s.fail(io.ErrUnexpectedEOF)
			return
		}
	}
	a.n = int(product)
}

// elements passes n values such as those of a.
func (s *skimmer) elements(a *spot, n uint32, depth int) {
	if size := fixedSize(a.kind); size > 0 {
		s.skip(n, size)
		return
	}
	for ; n > 0 && s.err == nil; n-- {
		if s.work++; s.work > maxWork {
			s.fail(errTooMuchWork)
			return
		}
		if a.bare {
			s.structure(a.typ, depth)
		} else {
			s.value(a.kind, depth)
		}
	}
}

// extensionObject returns the type and the body of an extension object.
func extensionObject(b []byte) (nodeKey, []byte, error) {
	s := skimmer{b: b}
	id, err := s.nodeKey()
	if err != nil {
		return id, nil, err
	}
	switch encoding := s.byte(); {
	case s.err != nil:
		return id, nil, s.err
	case encoding == ua.ExtensionObjectEmpty:
		return id, nil, errAbsent
	case encoding != ua.ExtensionObjectBinary:
		return id, nil, fmt.Errorf("structure of encoding %d: want the binary one", encoding)
	}
	start := s.pos + 4
	if s.text(); s.err != nil {
		return id, nil, s.err
	}
	return id, b[start:s.pos], nil
}

// nodeKey passes an ExpandedNodeId of this server.
func (s *skimmer) nodeKey() (nodeKey, error) {
	start := s.pos
	s.expandedNodeID()
	if s.err != nil {
		return nodeKey{}, s.err
	}
	b := s.b[start:s.pos]
	switch b[0] {
	case byte(ua.NodeIDTypeTwoByte):
		return nodeKey{number: uint32(b[1])}, nil
	case byte(ua.NodeIDTypeFourByte):
		return nodeKey{namespace: uint16(b[1]), number: uint32(b[2]) | uint32(b[3])<<8}, nil
	}
	id := new(ua.ExpandedNodeID)
	if _, err := id.Decode(b); err != nil {
		return nodeKey{}, err
	}
	if id.HasNamespaceURI() || id.HasServerIndex() {
		return nodeKey{}, fmt.Errorf("type %s: want one of this server", id)
	}
	return keyOf(id.NodeID), nil
}
