package opcua

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/plant"
)

// A dataChange is a DataChangeNotification (OPC 10000-4, 7.25.2) that stays as
// it came: its values are checked when it is decoded, and made out when they
// become samples. gopcua's own type costs nine allocations and 390 bytes a
// value, this one the bytes of the message, whatever they claim.
type dataChange struct {
	n      int    // values
	values []byte // n MonitoredItemNotifications
}

var _ ua.BinaryDecoder = (*dataChange)(nil)

// Decode takes over the body of an extension object. It fails where gopcua's
// own decoding does, and where that would panic or take more than there is; but
// not for the content of what never becomes a value, arrays and structures.
func (c *dataChange) Decode(b []byte) (int, error) {
	buf := ua.NewBuffer(b)
	n := buf.ReadUint32()
	if n == math.MaxUint32 {
		n = 0 // a null array
	}
	pos := buf.Pos()
	for range n { // an n that makes no sense ends with the bytes
		_, size, err := readEntry(b[pos:])
		if err != nil {
			return pos, err
		}
		pos += size
	}
	c.n = int(n)
	// b is part of a buffer that is as large as a message may be.
	c.values = bytes.Clone(b[buf.Pos():pos])
	rest := skimmer{b: b, pos: pos} // diagnostics, which nobody reads
	for range rest.length() {
		if rest.err != nil {
			break
		}
		rest.diagnosticInfo(0)
	}
	return rest.pos, rest.err
}

// An entry is one value as it came.
type entry struct {
	handle         uint32
	variant        []byte // whole; nil when there is none
	status         ua.StatusCode
	source, server time.Time
}

// readEntry reads the MonitoredItemNotification that b begins with and returns
// how long it is. The entry refers to b.
func readEntry(b []byte) (e entry, size int, err error) {
	buf := ua.NewBuffer(b)
	e.handle = buf.ReadUint32()
	mask := buf.ReadByte()
	if buf.Error() == nil && mask&ua.DataValueValue != 0 {
		n, err := variantSize(b[buf.Pos():])
		if err != nil {
			return e, 0, err
		}
		e.variant = buf.ReadN(n)
	}
	if mask&ua.DataValueStatusCode != 0 {
		e.status = ua.StatusCode(buf.ReadUint32())
	}
	if mask&ua.DataValueSourceTimestamp != 0 {
		e.source = buf.ReadTime()
	}
	if mask&ua.DataValueSourcePicoseconds != 0 {
		buf.ReadUint16()
	}
	if mask&ua.DataValueServerTimestamp != 0 {
		e.server = buf.ReadTime()
	}
	if mask&ua.DataValueServerPicoseconds != 0 {
		buf.ReadUint16()
	}
	return e, buf.Pos(), buf.Error()
}

// variantSize returns how long the variant is that b begins with.
func variantSize(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if b[0]&ua.VariantArrayValues == 0 {
		switch ua.TypeID(b[0] & typeBits) {
		case ua.TypeIDNull:
			return 1, nil
		case ua.TypeIDBoolean, ua.TypeIDSByte, ua.TypeIDByte:
			return 1 + 1, nil
		case ua.TypeIDInt16, ua.TypeIDUint16:
			return 1 + 2, nil
		case ua.TypeIDInt32, ua.TypeIDUint32, ua.TypeIDFloat:
			return 1 + 4, nil
		case ua.TypeIDInt64, ua.TypeIDUint64, ua.TypeIDDouble:
			return 1 + 8, nil
		case ua.TypeIDString:
			buf := ua.NewBuffer(b[1:])
			buf.ReadBytes()
			return 1 + buf.Pos(), buf.Error()
		}
	}
	s := skimmer{b: b}
	if s.variant(0); s.err != nil {
		return 0, fmt.Errorf("read variant of %v: %w", ua.TypeID(b[0]&typeBits), s.err)
	}
	return s.pos, nil
}

// typeBits are those of a variant's first byte that hold the type.
const typeBits = 0x3f

// decodeVariant has gopcua decode a variant, one that holds no others: gopcua
// follows those however deep they lie. It panics at some lengths that make no
// sense, in a goroutine that nobody contains.
func decodeVariant(b []byte) (*ua.Variant, error) {
	v := new(ua.Variant)
	err := collector.Contain(func() error {
		_, err := v.Decode(b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decode variant of %v: %w", ua.TypeID(b[0]&typeBits), err)
	}
	return v, nil
}

// reading makes out the value of e.
func (e *entry) reading() reading {
	r := reading{status: e.status, source: e.source, server: e.server}
	if len(e.variant) == 0 {
		return r
	}
	r.kind = ua.TypeID(e.variant[0] & typeBits)
	var plain bool
	if r.value, plain = plainScalar(e.variant); plain || r.kind == ua.TypeIDNull {
		return r
	}
	switch {
	case e.variant[0]&ua.VariantArrayValues != 0:
		r.err = arrayError(r.kind)
	case r.kind >= ua.TypeIDExtensionObject:
		r.err = structureError(r.kind)
	default:
		var v *ua.Variant
		if v, r.err = decodeVariant(e.variant); r.err == nil {
			r.value, r.err = scalar(v)
		}
	}
	return r
}

// plainScalar makes out a variant of the types that equipment speaks in; false
// for others and for arrays.
func plainScalar(b []byte) (plant.Value, bool) {
	if b[0]&ua.VariantArrayValues != 0 {
		return plant.Value{}, false
	}
	buf := ua.NewBuffer(b[1:])
	switch ua.TypeID(b[0] & typeBits) {
	case ua.TypeIDNull:
		return plant.Value{}, true
	case ua.TypeIDBoolean:
		return plant.Bool(buf.ReadBool()), true
	case ua.TypeIDSByte:
		return plant.Int(int64(buf.ReadInt8())), true
	case ua.TypeIDByte:
		return plant.Uint(uint64(buf.ReadByte())), true
	case ua.TypeIDInt16:
		return plant.Int(int64(buf.ReadInt16())), true
	case ua.TypeIDUint16:
		return plant.Uint(uint64(buf.ReadUint16())), true
	case ua.TypeIDInt32:
		return plant.Int(int64(buf.ReadInt32())), true
	case ua.TypeIDUint32:
		return plant.Uint(uint64(buf.ReadUint32())), true
	case ua.TypeIDInt64:
		return plant.Int(buf.ReadInt64()), true
	case ua.TypeIDUint64:
		return plant.Uint(buf.ReadUint64()), true
	case ua.TypeIDFloat:
		return plant.Float(float64(buf.ReadFloat32())), true
	case ua.TypeIDDouble:
		return plant.Float(buf.ReadFloat64()), true
	case ua.TypeIDString:
		return plant.Text(buf.ReadString()), true
	}
	return plant.Value{}, false
}
