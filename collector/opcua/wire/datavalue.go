package wire

import (
	"encoding/binary"
	"io"
	"slices"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/collector/opcua/skim"
)

// A DataValue is one DataValue (OPC 10000-6, 5.2.2.17) as it came. It refers to
// the bytes that it was read from.
type DataValue struct {
	Variant        []byte        // whole; nil when there is none
	Status         ua.StatusCode // Good when not told
	Source, Server time.Time     // the time stamps, zero when not told
}

// Read reads the DataValue that b begins with and returns how many bytes it has.
// An error is of bytes that make no sense.
func (v *DataValue) Read(b []byte) (int, error) {
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
		v.Variant = b[pos : pos+n]
		pos += n
	}
	rest := b[pos:]
	if len(rest) < tailSize(mask) {
		return 0, io.ErrUnexpectedEOF
	}
	if mask&ua.DataValueStatusCode != 0 {
		v.Status, rest = ua.StatusCode(binary.LittleEndian.Uint32(rest)), rest[4:]
	}
	if mask&ua.DataValueSourceTimestamp != 0 {
		v.Source, rest = dateTime(rest), rest[8:]
	}
	if mask&ua.DataValueSourcePicoseconds != 0 {
		rest = rest[2:]
	}
	if mask&ua.DataValueServerTimestamp != 0 {
		v.Server = dateTime(rest)
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

// IsNull reports whether there is no value in v.
func (v *DataValue) IsNull() bool {
	return len(v.Variant) == 0 || v.Variant[0]&skim.TypeBits == byte(ua.TypeIDNull)
}

// Decoded returns v as gopcua has it, for the nodes of the server itself. A
// value that makes no sense, or of a kind that gopcua is not to be trusted with,
// is missing.
func (v *DataValue) Decoded() *ua.DataValue {
	d := &ua.DataValue{EncodingMask: ua.DataValueStatusCode, Status: v.Status, SourceTimestamp: v.Source, ServerTimestamp: v.Server}
	if len(v.Variant) == 0 || v.Variant[0]&ua.VariantArrayDimensions != 0 || !v.harmless() {
		return d
	}
	value, err := decodeVariant(v.Variant)
	if err == nil && value.Type() != ua.TypeIDNull {
		d.Value = value
		d.EncodingMask |= ua.DataValueValue
	}
	return d
}

// harmless reports whether v holds neither values nor structures that may.
func (v *DataValue) harmless() bool {
	switch kind := ua.TypeID(v.Variant[0] & skim.TypeBits); {
	case kind < ua.TypeIDExtensionObject:
		return true
	case kind > ua.TypeIDExtensionObject || v.Variant[0]&ua.VariantArrayValues != 0:
		return false
	}
	key, _ := v.Structure()
	return slices.Contains([]skim.NodeKey{
		{Number: id.StructureDefinition_Encoding_DefaultBinary}, {Number: id.EnumDefinition_Encoding_DefaultBinary},
		{Number: id.EUInformation_Encoding_DefaultBinary}, {Number: id.Range_Encoding_DefaultBinary},
	}, key)
}

// Encoded is the way back, for what gopcua decoded by itself. Of structures
// that it does not know it keeps no more than that they are some.
func Encoded(d *ua.DataValue) DataValue {
	v := DataValue{Status: d.Status, Source: d.SourceTimestamp, Server: d.ServerTimestamp}
	if d.Value == nil {
		return v
	}
	err := collector.Contain(func() (err error) {
		v.Variant, err = d.Value.Encode()
		return err
	})
	if err != nil {
		v.Variant = []byte{d.Value.EncodingMask() &^ ua.VariantArrayDimensions}
	}
	return v
}

// Structure returns the encoding and the body of the structure that v is, nothing
// when it is none.
func (v *DataValue) Structure() (skim.NodeKey, []byte) {
	if len(v.Variant) == 0 || v.Variant[0] != byte(ua.TypeIDExtensionObject) {
		return skim.NodeKey{}, nil
	}
	key, body, err := skim.ExtensionObject(v.Variant[1:])
	if err != nil {
		return skim.NodeKey{}, nil
	}
	return key, body
}
