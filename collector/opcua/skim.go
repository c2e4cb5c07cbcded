package opcua

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/gopcua/opcua/ua"
)

// maxDepth is how deep values may lie in each other, as much as OPC 10000-6,
// 5.2.2.16 asks of everyone.
const maxDepth = 100

var errTooDeep = fmt.Errorf("values nested more than %d deep", maxDepth)

// A skimmer finds out how long encoded values are (OPC 10000-6, 5.2.2) without
// making them out. What a server claims costs neither memory nor stack, unlike
// in gopcua, which believes the dimensions of an array and follows any nesting.
// After an error it stays where it is.
type skimmer struct {
	b    []byte
	pos  int
	work int // structures passed
	err  error
}

func (s *skimmer) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// skip passes n times size bytes.
func (s *skimmer) skip(n uint32, size int) {
	if s.err != nil {
		return
	}
	if uint64(n)*uint64(size) > uint64(len(s.b)-s.pos) {
		s.err = io.ErrUnexpectedEOF
		return
	}
	s.pos += int(n) * size
}

func (s *skimmer) byte() byte {
	if s.skip(1, 1); s.err != nil {
		return 0
	}
	return s.b[s.pos-1]
}

func (s *skimmer) uint32() uint32 {
	if s.skip(1, 4); s.err != nil {
		return 0
	}
	b := s.b[s.pos-4 : s.pos]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// length passes the length of an array, of which each element takes a byte at
// least. A null array has none.
func (s *skimmer) length() uint32 {
	n := s.uint32()
	if s.err != nil || n == math.MaxUint32 {
		return 0
	}
	if uint64(n) > uint64(len(s.b)-s.pos) {
		s.err = fmt.Errorf("array of %d: only %d bytes are left", int32(n), len(s.b)-s.pos)
		return 0
	}
	return n
}

// text passes a string, or anything else that says how many bytes it has.
func (s *skimmer) text() {
	if n := s.uint32(); n != math.MaxUint32 {
		s.skip(n, 1)
	}
}

// variant passes a Variant that lies in depth others.
func (s *skimmer) variant(depth int) {
	mask := s.byte()
	kind := ua.TypeID(mask & typeBits)
	if kind == ua.TypeIDNull {
		return
	}
	if kind > ua.TypeIDDiagnosticInfo {
		s.fail(fmt.Errorf("invalid type %d", kind))
		return
	}
	if mask&ua.VariantArrayValues == 0 {
		s.value(kind, depth)
		return
	}
	n := s.length()
	if size := fixedSize(kind); size > 0 {
		s.skip(n, size)
	} else {
		for ; n > 0 && s.err == nil; n-- {
			s.value(kind, depth)
		}
	}
	if mask&ua.VariantArrayDimensions != 0 {
		s.skip(s.length(), 4)
	}
}

// fixedSize returns how long each value of a type is, 0 when that varies.
func fixedSize(kind ua.TypeID) int {
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

// value passes a value of a variant that lies in depth others.
func (s *skimmer) value(kind ua.TypeID, depth int) {
	switch kind {
	case ua.TypeIDString, ua.TypeIDByteString, ua.TypeIDXMLElement:
		s.text()
	case ua.TypeIDNodeID:
		s.nodeID()
	case ua.TypeIDExpandedNodeID:
		s.expandedNodeID()
	case ua.TypeIDQualifiedName:
		s.skip(1, 2)
		s.text()
	case ua.TypeIDLocalizedText:
		mask := s.byte()
		s.textIf(mask&ua.LocalizedTextLocale != 0)
		s.textIf(mask&ua.LocalizedTextText != 0)
	case ua.TypeIDExtensionObject:
		s.expandedNodeID()
		s.textIf(s.byte() != ua.ExtensionObjectEmpty)
	case ua.TypeIDDataValue:
		s.dataValue(depth + 1)
	case ua.TypeIDVariant:
		if depth++; depth > maxDepth {
			s.fail(errTooDeep)
			return
		}
		s.variant(depth)
	case ua.TypeIDDiagnosticInfo:
		s.diagnosticInfo(depth + 1)
	default:
		s.skip(1, fixedSize(kind))
	}
}

func (s *skimmer) skipIf(there bool, size int) {
	if there {
		s.skip(1, size)
	}
}

func (s *skimmer) textIf(there bool) {
	if there {
		s.text()
	}
}

// nodeID passes a NodeId and returns its first byte.
func (s *skimmer) nodeID() byte {
	mask := s.byte()
	switch ua.NodeIDType(mask & 0xf) {
	case ua.NodeIDTypeTwoByte:
		s.skip(1, 1)
	case ua.NodeIDTypeFourByte:
		s.skip(1, 1+2)
	case ua.NodeIDTypeNumeric:
		s.skip(1, 2+4)
	case ua.NodeIDTypeGUID:
		s.skip(1, 2+16)
	case ua.NodeIDTypeString, ua.NodeIDTypeByteString:
		s.skip(1, 2)
		s.text()
	default:
		s.fail(errors.New("invalid type of node id"))
	}
	return mask
}

func (s *skimmer) expandedNodeID() {
	mask := s.nodeID()
	s.textIf(mask&0x80 != 0) // the URI of its namespace
	s.skipIf(mask&0x40 != 0, 4)
}

func (s *skimmer) dataValue(depth int) {
	if depth > maxDepth {
		s.fail(errTooDeep)
		return
	}
	mask := s.byte()
	if mask&ua.DataValueValue != 0 {
		s.variant(depth)
	}
	s.skipIf(mask&ua.DataValueStatusCode != 0, 4)
	s.skipIf(mask&ua.DataValueSourceTimestamp != 0, 8)
	s.skipIf(mask&ua.DataValueSourcePicoseconds != 0, 2)
	s.skipIf(mask&ua.DataValueServerTimestamp != 0, 8)
	s.skipIf(mask&ua.DataValueServerPicoseconds != 0, 2)
}

func (s *skimmer) diagnosticInfo(depth int) {
	for inner := true; inner && s.err == nil; depth++ {
		if depth > maxDepth {
			s.fail(errTooDeep)
			return
		}
		mask := s.byte()
		s.skipIf(mask&ua.DiagnosticInfoSymbolicID != 0, 4)
		s.skipIf(mask&ua.DiagnosticInfoNamespaceURI != 0, 4)
		s.skipIf(mask&ua.DiagnosticInfoLocale != 0, 4)
		s.skipIf(mask&ua.DiagnosticInfoLocalizedText != 0, 4)
		s.textIf(mask&ua.DiagnosticInfoAdditionalInfo != 0)
		s.skipIf(mask&ua.DiagnosticInfoInnerStatusCode != 0, 4)
		inner = mask&ua.DiagnosticInfoInnerDiagnosticInfo != 0
	}
}
