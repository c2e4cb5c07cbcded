package plant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// A Kind is the type of a Value.
type Kind uint8

// The kinds of values. KindNone is a sample without a value, such as a Bad
// status alone.
const (
	KindNone Kind = iota
	KindBool
	KindInt
	KindUint
	KindFloat
	KindText
)

var kindNames = [...]string{"none", "bool", "int", "uint", "float", "text"}

// String returns the kind's name as used in configuration files.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind" + strconv.Itoa(int(k))
}

// ParseKind reads a kind's name; "" is KindNone, which in a tag's declaration
// means "as it comes".
func ParseKind(s string) (Kind, bool) {
	if s == "" {
		return KindNone, true
	}
	for k, name := range kindNames {
		if name == s {
			return Kind(k), true
		}
	}
	return KindNone, false
}

// A Value is one typed scalar. The zero Value has KindNone. Values are
// comparable with ==; NaN floats compare by bits.
type Value struct {
	kind Kind
	num  uint64
	text string
}

// Bool returns a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Int returns a signed integer value.
func Int(i int64) Value { return Value{kind: KindInt, num: uint64(i)} }

// Uint returns an unsigned integer value.
func Uint(u uint64) Value { return Value{kind: KindUint, num: u} }

// Float returns a floating-point value.
func Float(f float64) Value { return Value{kind: KindFloat, num: math.Float64bits(f)} }

// Text returns a string value.
func Text(s string) Value { return Value{kind: KindText, text: s} }

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// Bits returns the raw 64 bits of a non-text value, for encoders.
func (v Value) Bits() uint64 { return v.num }

// FromBits rebuilds a non-text value of kind k from its raw bits.
func FromBits(k Kind, bits uint64) Value { return Value{kind: k, num: bits} }

// Float returns v as a float64. Booleans are 0 and 1; text and KindNone are
// not numbers.
func (v Value) Float() (float64, bool) {
	switch v.kind {
	case KindBool, KindUint:
		return float64(v.num), true
	case KindInt:
		return float64(int64(v.num)), true
	case KindFloat:
		return math.Float64frombits(v.num), true
	}
	return 0, false
}

// Int returns v as an int64. It is false when v is text, none, NaN, has a
// fraction or does not fit.
func (v Value) Int() (int64, bool) {
	switch v.kind {
	case KindBool, KindInt:
		return int64(v.num), true
	case KindUint:
		return int64(v.num), v.num <= math.MaxInt64
	case KindFloat:
		f := math.Float64frombits(v.num)
		if f != math.Trunc(f) || f < -1<<63 || f >= 1<<63 {
			return 0, false
		}
		return int64(f), true
	}
	return 0, false
}

// Bool returns v as a boolean: numbers are true when not 0. It is false for
// text and KindNone.
func (v Value) Bool() (b, ok bool) {
	f, ok := v.Float()
	return f != 0, ok
}

// Text returns the string of a text value.
func (v Value) Text() (string, bool) { return v.text, v.kind == KindText }

// String formats v for people and for matching against codes in
// configuration: 6, true, 1.5, RUN.
func (v Value) String() string {
	switch v.kind {
	case KindBool:
		return strconv.FormatBool(v.num != 0)
	case KindInt:
		return strconv.FormatInt(int64(v.num), 10)
	case KindUint:
		return strconv.FormatUint(v.num, 10)
	case KindFloat:
		return strconv.FormatFloat(math.Float64frombits(v.num), 'g', -1, 64)
	case KindText:
		return v.text
	}
	return ""
}

// As converts v to kind k without losing information, so that a tag keeps one
// type for its whole life. Integers widen to floats; KindNone converts to
// nothing and keeps v. It is false when v does not fit k.
func (v Value) As(k Kind) (Value, bool) {
	if k == KindNone || v.kind == k {
		return v, true
	}
	switch k {
	case KindBool:
		b, ok := v.Bool()
		return Bool(b), ok
	case KindInt:
		i, ok := v.Int()
		return Int(i), ok
	case KindUint:
		i, ok := v.Int()
		return Uint(uint64(i)), ok && i >= 0
	case KindFloat:
		f, ok := v.Float()
		return Float(f), ok
	case KindText:
		return Text(v.String()), v.kind != KindNone
	}
	return v, false
}

// MarshalJSON writes a JSON scalar; KindNone and floats that JSON cannot hold
// become null.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case KindNone:
		return []byte("null"), nil
	case KindText:
		return json.Marshal(v.text)
	case KindFloat:
		f := math.Float64frombits(v.num)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return []byte("null"), nil
		}
	}
	return []byte(v.String()), nil
}

// UnmarshalJSON reads a JSON scalar. A number without point or exponent
// becomes an integer.
func (v *Value) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0 || bytes.Equal(b, []byte("null")):
		*v = Value{}
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*v = Text(s)
	case bytes.Equal(b, []byte("true")), bytes.Equal(b, []byte("false")):
		*v = Bool(b[0] == 't')
	case b[0] == '{' || b[0] == '[':
		return fmt.Errorf("value %.20s: want a number, a string, true, false or null", b)
	default:
		n, err := ParseNumber(string(b))
		if err != nil {
			return err
		}
		*v = n
	}
	return nil
}

// ParseNumber reads a decimal number: an Int when it has neither point nor
// exponent and fits, a Uint above the range of int64, else a Float.
func ParseNumber(s string) (Value, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Int(i), nil
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return Uint(u), nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}, fmt.Errorf("number %.40q: want a decimal number", s)
	}
	return Float(f), nil
}
