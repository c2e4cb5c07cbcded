package opcua

import (
	"fmt"

	"github.com/gopcua/opcua/ua"
)

// A historyData is a HistoryData (OPC 10000-11, 6.6.2) whose values stay as
// they came, as those of a readResponse do.
type historyData struct {
	n      int
	values []byte // n DataValues
}

var _ ua.BinaryDecoder = (*historyData)(nil)

// Decode takes over the body of an extension object.
func (d *historyData) Decode(b []byte) (int, error) {
	s := skimmer{b: b}
	d.n, d.values = s.dataValues()
	return s.pos, s.err
}

// valuesOf returns the values of one result, none of a result without.
func valuesOf(o *ua.ExtensionObject) ([]dataValue, error) {
	if o == nil || o.Value == nil {
		return nil, nil
	}
	switch d := o.Value.(type) {
	case *historyData:
		list, rest := make([]dataValue, d.n), d.values
		for i := range list {
			size, err := list[i].read(rest)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errMalformed, err)
			}
			rest = rest[size:]
		}
		return list, nil
	case *ua.HistoryData: // gopcua is not what it was, see registry.go
		list := make([]dataValue, len(d.DataValues))
		for i, v := range d.DataValues {
			list[i] = encodedAgain(v)
		}
		return list, nil
	}
	return nil, fmt.Errorf("history of type %T: want HistoryData", o.Value)
}
