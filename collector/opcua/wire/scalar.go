package wire

import (
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/plant"
)

// A Reading is one data value, made out. Value and Err are both zero for a null.
type Reading struct {
	Value          plant.Value   // none of a null
	Err            error         // why there is no value
	Bad            ua.StatusCode // what that makes of the status, 0 for a mismatch of types
	Kind           ua.TypeID     // the built-in type
	Status         ua.StatusCode // as it came
	Source, Server time.Time     // zero when not told
}

// As returns the value in the declared kind; KindNone keeps the kind that
// came. A null stays without value. The error is Err, or says that the value is
// of no such kind.
func (r *Reading) As(kind plant.Kind) (plant.Value, error) {
	if r.Err != nil || r.Value.Kind() == plant.KindNone {
		return plant.Value{}, r.Err
	}
	value, ok := r.Value.As(kind)
	if !ok {
		return plant.Value{}, fmt.Errorf("value of type %s: want %s", r.Kind, kind)
	}
	return value, nil
}

// Scalar converts the built-in scalars of OPC 10000-6, 5.1.2. Nil and a null
// become no value; arrays and structures are errors.
func Scalar(v *ua.Variant) (plant.Value, error) {
	if v == nil {
		return plant.Value{}, nil
	}
	switch x := v.Value().(type) {
	case nil:
		return plant.Value{}, nil
	case bool:
		return plant.Bool(x), nil
	case int8:
		return plant.Int(int64(x)), nil
	case int16:
		return plant.Int(int64(x)), nil
	case int32:
		return plant.Int(int64(x)), nil
	case int64:
		return plant.Int(x), nil
	case uint8:
		return plant.Uint(uint64(x)), nil
	case uint16:
		return plant.Uint(uint64(x)), nil
	case uint32:
		return plant.Uint(uint64(x)), nil
	case uint64:
		return plant.Uint(x), nil
	case float32:
		return plant.Float(float64(x)), nil
	case float64:
		return plant.Float(x), nil
	case string:
		return plant.Text(x), nil
	}
	return textual(v)
}

// DateText is a DateTime as a value: text in RFC 3339, UTC, to the nanosecond,
// and no text for none.
func DateText(t time.Time) plant.Value {
	if t.IsZero() {
		return plant.Text("")
	}
	return plant.Text(t.UTC().Format(time.RFC3339Nano))
}

// textual converts the scalars that become text.
func textual(v *ua.Variant) (plant.Value, error) {
	switch x := v.Value().(type) {
	case *ua.LocalizedText:
		return plant.Text(x.Text), nil
	case *ua.QualifiedName:
		return plant.Text(x.Name), nil
	case time.Time:
		return DateText(x), nil
	case []byte:
		if utf8.Valid(x) {
			return plant.Text(string(x)), nil
		}
		return plant.Text(hex.EncodeToString(x)), nil
	case ua.XMLElement:
		return plant.Text(string(x)), nil
	case *ua.GUID:
		return plant.Text(x.String()), nil
	case *ua.NodeID:
		return plant.Text(x.String()), nil
	case *ua.ExpandedNodeID:
		return plant.Text(x.NodeID.String()), nil
	case ua.StatusCode:
		return plant.Uint(uint64(x)), nil
	}
	if v.Has(ua.VariantArrayValues) {
		return plant.Value{}, ArrayError(v.Type())
	}
	return plant.Value{}, structureError(v.Type())
}

// ArrayError says that a value is an array of a type where it must not be one.
func ArrayError(kind ua.TypeID) error { return fmt.Errorf("array of %s: want a scalar", kind) }

func structureError(kind ua.TypeID) error {
	return fmt.Errorf("value of type %s: want a number, a boolean or text", kind)
}

// MakeOut makes out the value of v into r, of which nothing is kept. It allocates
// for texts alone.
func (v *DataValue) MakeOut(r *Reading) {
	*r = Reading{Status: v.Status, Source: v.Source, Server: v.Server}
	if len(v.Variant) == 0 {
		return
	}
	mask := v.Variant[0]
	r.Kind = ua.TypeID(mask & skim.TypeBits)
	switch {
	case r.Kind == ua.TypeIDNull:
	case mask&ua.VariantArrayValues != 0:
		r.Err = ArrayError(r.Kind)
	default:
		r.Value, r.Err = ScalarOf(r.Kind, v.Variant[1:])
	}
}

// ScalarOf makes out the scalar of a built-in type that body begins with.
func ScalarOf(kind ua.TypeID, body []byte) (plant.Value, error) {
	if value, plain := plainScalar(kind, body); plain {
		return value, nil
	}
	if kind == ua.TypeIDDateTime && len(body) >= 8 { // gopcua knows the years 1678 to 2262
		return DateText(dateTime(body)), nil
	}
	if kind >= ua.TypeIDExtensionObject {
		return plant.Value{}, structureError(kind)
	}
	v, err := decodeVariant(append([]byte{byte(kind)}, body...))
	if err != nil {
		return plant.Value{}, err
	}
	return Scalar(v)
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
