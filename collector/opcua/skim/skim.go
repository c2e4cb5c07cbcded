// Package skim passes over what an OPC UA server sends without believing it: how
// long encoded values are, and where in them others lie, is found out without
// making them out. What a server claims costs neither memory nor stack.
package skim

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/gopcua/opcua/ua"
)

// MaxDepth is how deep values may lie in each other, as much as OPC 10000-6,
// 5.2.2.16 asks of everyone.
const MaxDepth = 100

// ErrTooDeep is of values that lie in each other deeper than MaxDepth.
var ErrTooDeep = fmt.Errorf("values nested more than %d deep", MaxDepth)

// TypeBits are those of a variant's first byte that hold the type.
const TypeBits = 0x3f

// A Skimmer finds out how long encoded values are (OPC 10000-6, 5.2.2) without
// making them out, unlike gopcua, which believes the dimensions of an array and
// follows any nesting. After an error it stays where it is. It is of one
// goroutine.
type Skimmer struct {
	Bytes []byte // what it passes; it is not changed
	Pos   int    // how many of Bytes it has passed
	Err   error  // the first one; io.ErrUnexpectedEOF where Bytes end too early
}

// Fail notes an error unless there is one.
func (s *Skimmer) Fail(err error) {
	if s.Err == nil {
		s.Err = err
	}
}

// Skip passes n times size bytes.
func (s *Skimmer) Skip(n uint32, size int) {
	if s.Err != nil {
		return
	}
	if uint64(n)*uint64(size) > uint64(len(s.Bytes)-s.Pos) {
		s.Err = io.ErrUnexpectedEOF
		return
	}
	s.Pos += int(n) * size
}

// Byte passes a byte and returns it, 0 after an error.
func (s *Skimmer) Byte() byte {
	if s.Skip(1, 1); s.Err != nil {
		return 0
	}
	return s.Bytes[s.Pos-1]
}

// Uint32 passes a number of 32 bits and returns it, 0 after an error.
func (s *Skimmer) Uint32() uint32 {
	if s.Skip(1, 4); s.Err != nil {
		return 0
	}
	b := s.Bytes[s.Pos-4 : s.Pos]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// Length passes the length of an array, of which each element takes a byte at
// least, and returns it. A null array has none.
func (s *Skimmer) Length() uint32 {
	n := s.Uint32()
	if s.Err != nil || n == math.MaxUint32 {
		return 0
	}
	if uint64(n) > uint64(len(s.Bytes)-s.Pos) {
		s.Err = fmt.Errorf("array of %d: only %d bytes are left", int32(n), len(s.Bytes)-s.Pos)
		return 0
	}
	return n
}

// Text passes a string, or anything else that says how many bytes it has.
func (s *Skimmer) Text() {
	if n := s.Uint32(); n != math.MaxUint32 {
		s.Skip(n, 1)
	}
}

// Variant passes a Variant that lies in depth others.
func (s *Skimmer) Variant(depth int) {
	mask := s.Byte()
	kind := ua.TypeID(mask & TypeBits)
	if kind == ua.TypeIDNull {
		return
	}
	if kind > ua.TypeIDDiagnosticInfo {
		s.Fail(fmt.Errorf("invalid type %d", kind))
		return
	}
	if mask&ua.VariantArrayValues == 0 {
		s.Value(kind, depth)
		return
	}
	n := s.Length()
	if size := FixedSize(kind); size > 0 {
		s.Skip(n, size)
	} else {
		for ; n > 0 && s.Err == nil; n-- {
			s.Value(kind, depth)
		}
	}
	if mask&ua.VariantArrayDimensions != 0 {
		s.Skip(s.Length(), 4)
	}
}

// FixedSize returns how many bytes each value of a type has, 0 when that varies.
func FixedSize(kind ua.TypeID) int {
	switch kind {
	case ua.TypeIDBoolean, ua.TypeIDSByte, ua.TypeIDByte:
		return 1
	case ua.TypeIDInt16, ua.TypeIDUint16:
		return 2
	case ua.TypeIDInt32, ua.TypeIDUint32, ua.TypeIDFloat, ua.TypeIDStatusCode:
		return 4
	case ua.TypeIDInt64, ua.TypeIDUint64, ua.TypeIDDouble, ua.TypeIDDateTime:
		return 8
	case ua.TypeIDGUID:
		return 16
	}
	return 0
}

// Value passes a value of a variant that lies in depth others.
func (s *Skimmer) Value(kind ua.TypeID, depth int) {
	switch kind {
	case ua.TypeIDString, ua.TypeIDByteString, ua.TypeIDXMLElement:
		s.Text()
	case ua.TypeIDNodeID:
		s.nodeID()
	case ua.TypeIDExpandedNodeID:
		s.expandedNodeID()
	case ua.TypeIDQualifiedName:
		s.Skip(1, 2)
		s.Text()
	case ua.TypeIDLocalizedText:
		mask := s.Byte()
		s.textIf(mask&ua.LocalizedTextLocale != 0)
		s.textIf(mask&ua.LocalizedTextText != 0)
	case ua.TypeIDExtensionObject:
		s.expandedNodeID()
		s.textIf(s.Byte() != ua.ExtensionObjectEmpty)
	case ua.TypeIDDataValue:
		s.DataValue(depth + 1)
	case ua.TypeIDVariant:
		if depth++; depth > MaxDepth {
			s.Fail(ErrTooDeep)
			return
		}
		s.Variant(depth)
	case ua.TypeIDDiagnosticInfo:
		s.DiagnosticInfo(depth + 1)
	default:
		s.Skip(1, FixedSize(kind))
	}
}

func (s *Skimmer) skipIf(there bool, size int) {
	if there {
		s.Skip(1, size)
	}
}

func (s *Skimmer) textIf(there bool) {
	if there {
		s.Text()
	}
}

// nodeID passes a NodeId and returns its first byte.
func (s *Skimmer) nodeID() byte {
	mask := s.Byte()
	switch ua.NodeIDType(mask & 0xf) {
	case ua.NodeIDTypeTwoByte:
		s.Skip(1, 1)
	case ua.NodeIDTypeFourByte:
		s.Skip(1, 1+2)
	case ua.NodeIDTypeNumeric:
		s.Skip(1, 2+4)
	case ua.NodeIDTypeGUID:
		s.Skip(1, 2+16)
	case ua.NodeIDTypeString, ua.NodeIDTypeByteString:
		s.Skip(1, 2)
		s.Text()
	default:
		s.Fail(errors.New("invalid type of node id"))
	}
	return mask
}

func (s *Skimmer) expandedNodeID() {
	mask := s.nodeID()
	s.textIf(mask&0x80 != 0) // the URI of its namespace
	s.skipIf(mask&0x40 != 0, 4)
}

// DataValue passes a DataValue that lies in depth others.
func (s *Skimmer) DataValue(depth int) {
	if depth > MaxDepth {
		s.Fail(ErrTooDeep)
		return
	}
	mask := s.Byte()
	if mask&ua.DataValueValue != 0 {
		s.Variant(depth)
	}
	s.skipIf(mask&ua.DataValueStatusCode != 0, 4)
	s.skipIf(mask&ua.DataValueSourceTimestamp != 0, 8)
	s.skipIf(mask&ua.DataValueSourcePicoseconds != 0, 2)
	s.skipIf(mask&ua.DataValueServerTimestamp != 0, 8)
	s.skipIf(mask&ua.DataValueServerPicoseconds != 0, 2)
}

// DiagnosticInfo passes a DiagnosticInfo that lies in depth other values.
func (s *Skimmer) DiagnosticInfo(depth int) {
	for inner := true; inner && s.Err == nil; depth++ {
		if depth > MaxDepth {
			s.Fail(ErrTooDeep)
			return
		}
		mask := s.Byte()
		s.skipIf(mask&ua.DiagnosticInfoSymbolicID != 0, 4)
		s.skipIf(mask&ua.DiagnosticInfoNamespaceURI != 0, 4)
		s.skipIf(mask&ua.DiagnosticInfoLocale != 0, 4)
		s.skipIf(mask&ua.DiagnosticInfoLocalizedText != 0, 4)
		s.textIf(mask&ua.DiagnosticInfoAdditionalInfo != 0)
		s.skipIf(mask&ua.DiagnosticInfoInnerStatusCode != 0, 4)
		inner = mask&ua.DiagnosticInfoInnerDiagnosticInfo != 0
	}
}
