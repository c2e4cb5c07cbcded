package opcua

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/plant"
)

// A dataValue is one DataValue (OPC 10000-6, 5.2.2.17) as it came.
type dataValue struct {
	variant        []byte // whole; nil when there is none
	status         ua.StatusCode
	source, server time.Time // zero when not told
}

// read reads the DataValue that b begins with and returns how long it is. It
// refers to b.
func (v *dataValue) read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	mask, pos := b[0], 1
	if mask&ua.DataValueValue != 0 {
		n, err := variantSize(b[pos:])
		if err != nil {
			return 0, err
		}
		if n > len(b)-pos {
			return 0, io.ErrUnexpectedEOF
		}
		v.variant = b[pos : pos+n]
		pos += n
	}
	rest := b[pos:]
	if len(rest) < tailSize(mask) {
		return 0, io.ErrUnexpectedEOF
	}
	if mask&ua.DataValueStatusCode != 0 {
		v.status, rest = ua.StatusCode(binary.LittleEndian.Uint32(rest)), rest[4:]
	}
	if mask&ua.DataValueSourceTimestamp != 0 {
		v.source, rest = dateTime(rest), rest[8:]
	}
	if mask&ua.DataValueSourcePicoseconds != 0 {
		rest = rest[2:]
	}
	if mask&ua.DataValueServerTimestamp != 0 {
		v.server = dateTime(rest)
	}
	return pos + tailSize(mask), nil
}

// tailSize is how long a DataValue is after its value.
func tailSize(mask byte) int {
	n := 0
	if mask&ua.DataValueStatusCode != 0 {
		n = 4
	}
	if mask&ua.DataValueSourceTimestamp != 0 {
		n += 8
	}
	if mask&ua.DataValueServerTimestamp != 0 {
		n += 8
	}
	if mask&ua.DataValueSourcePicoseconds != 0 {
		n += 2
	}
	if mask&ua.DataValueServerPicoseconds != 0 {
		n += 2
	}
	return n
}

const (
	ticksPerSecond = 10_000_000
	unixEpoch      = 11_644_473_600 // seconds from the year 1601
	// lastTicks is the last second of the year 9999, which stands for any later.
	lastTicks = 2_650_467_743_990_000_000
)

// dateTime makes out a DateTime (OPC 10000-6, 5.2.2.5): intervals of 100 ns since
// the year 1601, 0 and before it for none.
func dateTime(b []byte) time.Time {
	ticks := min(int64(binary.LittleEndian.Uint64(b)), lastTicks)
	if ticks <= 0 {
		return time.Time{}
	}
	return time.Unix(ticks/ticksPerSecond-unixEpoch, ticks%ticksPerSecond*100).UTC()
}

// ticksOf is the way back from dateTime.
func ticksOf(t time.Time) uint64 {
	return uint64((t.Unix()+unixEpoch)*ticksPerSecond + int64(t.Nanosecond())/100)
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

// makeOut makes out the value of v.
func (v *dataValue) makeOut(r *reading) {
	*r = reading{status: v.status, source: v.source, server: v.server}
	if len(v.variant) == 0 {
		return
	}
	mask := v.variant[0]
	r.kind = ua.TypeID(mask & typeBits)
	switch {
	case r.kind == ua.TypeIDNull:
	case mask&ua.VariantArrayValues != 0:
		r.err = arrayError(r.kind)
	default:
		r.value, r.err = scalarOf(r.kind, v.variant[1:])
	}
}

// scalarOf makes out a scalar of a variant, which body begins with.
func scalarOf(kind ua.TypeID, body []byte) (plant.Value, error) {
	if value, plain := plainScalar(kind, body); plain {
		return value, nil
	}
	if kind == ua.TypeIDDateTime && len(body) >= 8 { // gopcua knows the years 1678 to 2262
		return dateText(dateTime(body)), nil
	}
	if kind >= ua.TypeIDExtensionObject {
		return plant.Value{}, structureError(kind)
	}
	v, err := decodeVariant(append([]byte{byte(kind)}, body...))
	if err != nil {
		return plant.Value{}, err
	}
	return scalar(v)
}

// plainScalar makes out a scalar of the types that equipment speaks in; false
// for others.
func plainScalar(kind ua.TypeID, body []byte) (plant.Value, bool) {
	buf := ua.NewBuffer(body)
	switch kind {
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

// decoded returns v as gopcua has it, for the nodes of the server itself. A
// value that makes no sense, or of a kind that gopcua is not to be trusted with,
// is missing.
func (v *dataValue) decoded() *ua.DataValue {
	d := &ua.DataValue{EncodingMask: ua.DataValueStatusCode, Status: v.status, SourceTimestamp: v.source, ServerTimestamp: v.server}
	if len(v.variant) == 0 || v.variant[0]&ua.VariantArrayDimensions != 0 || !v.harmless() {
		return d
	}
	value, err := decodeVariant(v.variant)
	if err == nil && value.Type() != ua.TypeIDNull {
		d.Value = value
		d.EncodingMask |= ua.DataValueValue
	}
	return d
}

// harmless reports whether v holds neither values nor structures that may.
func (v *dataValue) harmless() bool {
	switch kind := ua.TypeID(v.variant[0] & typeBits); {
	case kind < ua.TypeIDExtensionObject:
		return true
	case kind > ua.TypeIDExtensionObject || v.variant[0]&ua.VariantArrayValues != 0:
		return false
	}
	key, _ := structureOf(v)
	return slices.Contains([]nodeKey{
		{number: id.StructureDefinition_Encoding_DefaultBinary}, {number: id.EnumDefinition_Encoding_DefaultBinary},
		{number: id.EUInformation_Encoding_DefaultBinary}, {number: id.Range_Encoding_DefaultBinary},
	}, key)
}

// encodedAgain is the way back, for what gopcua decoded by itself. Of structures
// that it does not know it keeps no more than that they are some.
func encodedAgain(d *ua.DataValue) dataValue {
	v := dataValue{status: d.Status, source: d.SourceTimestamp, server: d.ServerTimestamp}
	if d.Value == nil {
		return v
	}
	err := collector.Contain(func() (err error) {
		v.variant, err = d.Value.Encode()
		return err
	})
	if err != nil {
		v.variant = []byte{d.Value.EncodingMask() &^ ua.VariantArrayDimensions}
	}
	return v
}
