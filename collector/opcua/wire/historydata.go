package wire

import (
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

// A HistoryData is a HistoryData (OPC 10000-11, 6.6.2) whose values stay as
// they came, as those of a ReadResponse do.
type HistoryData struct {
	N      int    // how many values
	values []byte // n DataValues
}

var _ ua.BinaryDecoder = (*HistoryData)(nil)

// Decode takes over the body of an extension object. An error is of values that
// make no sense.
func (d *HistoryData) Decode(b []byte) (int, error) {
	s := skim.Skimmer{Bytes: b}
	d.N, d.values = readValues(&s)
	return s.Pos, s.Err
}

// HistoryValues returns the values of one result of a HistoryRead, none of a
// result without. An error that is ErrMalformed says that they make no sense.
func HistoryValues(o *ua.ExtensionObject) ([]DataValue, error) {
	if o == nil || o.Value == nil {
		return nil, nil
	}
	switch d := o.Value.(type) {
	case *HistoryData:
		list, rest := make([]DataValue, d.N), d.values
		for i := range list {
			size, err := list[i].Read(rest)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
			}
			rest = rest[size:]
		}
		return list, nil
	case *ua.HistoryData: // gopcua is not what it was, see Register
		list := make([]DataValue, len(d.DataValues))
		for i, v := range d.DataValues {
			list[i] = Encoded(v)
		}
		return list, nil
	}
	return nil, fmt.Errorf("history of type %T: want HistoryData", o.Value)
}
