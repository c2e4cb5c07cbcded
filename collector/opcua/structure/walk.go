package structure

import (
	"errors"
	"fmt"
	"io"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

// maxWork bounds the structures within one value. A message cannot have more
// that take bytes; those that take none are not to keep andon busy.
const maxWork = 1 << 21

var errTooMuchWork = errors.New("structure of too many parts")

// A walker passes structures by their definitions, as a skimmer does values.
type walker struct {
	skim.Skimmer
	work int // structures passed
}

// presence says which fields of a structure are there.
type presence struct {
	typ      *Type
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
func (s *walker) structureHead(t *Type) presence {
	p := presence{typ: t}
	switch t.layout {
	case layoutOptional:
		p.mask = s.Uint32()
	case layoutUnion:
		p.selected = s.Uint32()
		if p.selected > uint32(len(t.fields)) {
			s.Fail(fmt.Errorf("union %s: field %d of %d", t.ID, p.selected, len(t.fields)))
		}
	}
	return p
}

// structure passes a structure that lies in depth others.
func (s *walker) structure(t *Type, depth int) {
	if depth > skim.MaxDepth {
		s.Fail(skim.ErrTooDeep)
		return
	}
	there := s.structureHead(t)
	for i := range t.fields {
		if s.Err != nil {
			return
		}
		if there.has(i) {
			s.field(&t.fields[i], depth+1)
		}
	}
}

// field passes a field of a structure.
func (s *walker) field(f *member, depth int) {
	if s.work++; s.work > maxWork {
		s.Fail(errTooMuchWork)
		return
	}
	if f.typ.Kind == ua.TypeIDNull {
		s.Fail(fmt.Errorf("field %s is of a type that is not known, %s", f.name, f.typ.ID))
		return
	}
	spot := spot{kind: f.typ.Kind, typ: f.typ, bare: f.typ.IsStructure(), rank: f.rank}
	if f.rank == 0 {
		s.elements(&spot, 1, depth)
		return
	}
	s.arrayHead(&spot)
	s.elements(&spot, uint32(spot.n), depth)
}

// fieldSpot returns the field that begins here.
func (s *walker) fieldSpot(f *member) (spot, error) {
	spot := spot{kind: f.typ.Kind, typ: f.typ, bare: f.typ.IsStructure(), rank: f.rank}
	if f.rank > 0 {
		s.arrayHead(&spot)
	}
	spot.body = s.Bytes[s.Pos:]
	return spot, s.Err
}

// arrayHead passes what comes before the elements of an array in a structure:
// its length, or those of its dimensions.
func (s *walker) arrayHead(a *spot) {
	if a.rank == 1 {
		a.n = int(s.Length())
		return
	}
	n := s.Length()
	start := s.Pos
	if s.Skip(n, 4); s.Err != nil {
		return
	}
	if n != uint32(a.rank) {
		s.Fail(fmt.Errorf("array of %d dimensions: want %d", n, a.rank))
		return
	}
	a.dims = s.Bytes[start:s.Pos]
	product := uint64(1)
	dims := skim.Skimmer{Bytes: a.dims}
	for range n {
		product *= uint64(dims.Uint32())
		if product > uint64(len(s.Bytes)) {
			s.Fail(io.ErrUnexpectedEOF)
			return
		}
	}
	a.n = int(product)
}

// elements passes n values such as those of a.
func (s *walker) elements(a *spot, n uint32, depth int) {
	if size := skim.FixedSize(a.kind); size > 0 {
		s.Skip(n, size)
		return
	}
	for ; n > 0 && s.Err == nil; n-- {
		if s.work++; s.work > maxWork {
			s.Fail(errTooMuchWork)
			return
		}
		if a.bare {
			s.structure(a.typ, depth)
		} else {
			s.Value(a.kind, depth)
		}
	}
}
