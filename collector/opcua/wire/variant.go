package wire

import (
	"fmt"
	"io"

	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/collector/opcua/skim"
)

// variantSize returns how long the variant is that b begins with.
func variantSize(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if b[0]&ua.VariantArrayValues == 0 {
		switch ua.TypeID(b[0] & skim.TypeBits) {
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
	s := skim.Skimmer{Bytes: b}
	if s.Variant(0); s.Err != nil {
		return 0, fmt.Errorf("read variant of %v: %w", ua.TypeID(b[0]&skim.TypeBits), s.Err)
	}
	return s.Pos, nil
}

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
		return nil, fmt.Errorf("decode variant of %v: %w", ua.TypeID(b[0]&skim.TypeBits), err)
	}
	return v, nil
}

// DecodeInto has gopcua decode b, which has no values in it, into v. It returns v,
// or nil when that cannot be done.
func DecodeInto[T any](b []byte, v *T) any {
	err := collector.Contain(func() error {
		_, err := ua.Decode(b, v)
		return err
	})
	if err != nil {
		return nil
	}
	return v
}
