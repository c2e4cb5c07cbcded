package opcua

import (
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

// overflowBits mark a value before which the server's queue lost others: info
// type DataValue with Overflow (OPC 10000-4, 7.39.1).
const overflowBits = 0x0480

// A decoder turns data values into samples. Its methods are safe for
// concurrent use, except that one point is decoded by one goroutine at a time.
type decoder struct {
	window  TimeWindow
	metrics sourceMetrics
	tell    func(p *point, text string) // notes trouble with a tag, "" when it is over
}

// sample converts one data value of a point that came in at received.
func (d *decoder) sample(p *point, v *ua.DataValue, received time.Time) plant.Sample {
	s := plant.Sample{Tag: p.tag, Status: plant.Status(v.Status), Time: d.time(v, received)}
	if uint32(v.Status)&overflowBits == overflowBits {
		d.metrics.overflows.Inc()
	}
	value, err := convert(v.Value, p.tag.Type)
	switch {
	case err == nil:
		s.Value = value
	case !s.Status.IsBad():
		s.Status = plant.BadTypeMismatch
		d.metrics.mismatches.Inc()
	default:
		err = nil // a Bad status says enough
	}
	d.noteMismatch(p, err)
	return s
}

// noteMismatch tells of a value that does not fit when that is news.
func (d *decoder) noteMismatch(p *point, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != p.mismatch {
		p.mismatch = text
		d.tell(p, text)
	}
}

// time picks the time of a sample: the source's, else the server's, else that
// of receipt, which also stands in for times out of the window.
func (d *decoder) time(v *ua.DataValue, received time.Time) plant.Instant {
	t := v.SourceTimestamp
	if t.IsZero() {
		t = v.ServerTimestamp
	}
	if t.IsZero() {
		return plant.At(received)
	}
	if t.Before(received.Add(-d.window.Past)) || t.After(received.Add(d.window.Future)) {
		d.metrics.badTimes.Inc()
		return plant.At(received)
	}
	return plant.At(t)
}

// convert makes a value of the declared kind out of a variant; KindNone keeps
// the kind that came. A null stays without value.
func convert(v *ua.Variant, kind plant.Kind) (plant.Value, error) {
	value, err := scalar(v)
	if err != nil || value.Kind() == plant.KindNone {
		return plant.Value{}, err
	}
	as, ok := value.As(kind)
	if !ok {
		return plant.Value{}, fmt.Errorf("value of type %s: want %s", v.Type(), kind)
	}
	return as, nil
}

// scalar converts the built-in scalars of OPC 10000-6, 5.1.2.
func scalar(v *ua.Variant) (plant.Value, error) {
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

// textual converts the scalars that become text.
func textual(v *ua.Variant) (plant.Value, error) {
	switch x := v.Value().(type) {
	case *ua.LocalizedText:
		return plant.Text(x.Text), nil
	case *ua.QualifiedName:
		return plant.Text(x.Name), nil
	case time.Time:
		if x.IsZero() {
			return plant.Text(""), nil
		}
		return plant.Text(x.UTC().Format(time.RFC3339Nano)), nil
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
		return plant.Value{}, fmt.Errorf("array of %s: want a scalar", v.Type())
	}
	return plant.Value{}, fmt.Errorf("value of type %s: want a number, a boolean or text", v.Type())
}
