package opcua

import (
	"encoding/hex"
	"errors"
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
	learn   func(p *point)              // has more looked up of the type of a tag's values
}

// A reading is one data value, made out.
type reading struct {
	value          plant.Value
	err            error         // why there is no value
	bad            ua.StatusCode // what that makes of the status, 0 for a mismatch of types
	kind           ua.TypeID
	status         ua.StatusCode
	source, server time.Time // zero when not told
}

// sample converts a reading of a point that came in at received.
func (d *decoder) sample(p *point, r *reading, received time.Time) plant.Sample {
	s := plant.Sample{Tag: p.tag, Status: plant.Status(r.status), Time: d.time(r, received)}
	if uint32(r.status)&overflowBits == overflowBits {
		d.metrics.overflows.Inc()
	}
	value, err := r.as(p.tag.Type)
	switch {
	case err == nil:
		s.Value = value
	case !s.Status.IsBad() && r.bad != ua.StatusOK:
		s.Status = plant.Status(r.bad)
	case !s.Status.IsBad():
		s.Status = plant.BadTypeMismatch
		d.metrics.mismatches.Inc()
	default:
		err = nil // a Bad status says enough
	}
	d.noteMismatch(p, err)
	if err != nil && errors.Is(err, errForeign) {
		d.learn(p)
	}
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
func (d *decoder) time(r *reading, received time.Time) plant.Instant {
	t := r.source
	if t.IsZero() {
		t = r.server
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

// A knowledge is what a server says of the values of a node.
type knowledge struct {
	typ   *dataType
	types types
	names map[int64]string // of its numbers, nil when it has none of its own
}

// makeOut makes out the value of p in v, which was read for its node.
func (p *point) makeOut(v *dataValue, r *reading) {
	known := p.known.Load()
	if known == nil && p.address.part == nil || len(v.variant) == 0 || v.variant[0]&typeBits == byte(ua.TypeIDNull) {
		v.makeOut(r)
		return
	}
	*r = reading{status: v.status, source: v.source, server: v.server}
	if known == nil {
		known = &knowledge{}
	}
	s, err := picker{known.types}.pick(v.variant, known.typ, p.address.part)
	r.kind = s.kind
	switch {
	case errors.Is(err, errAbsent):
		if r.status&severityBad == 0 {
			r.status = ua.StatusBadNoData
		}
		return
	case errors.Is(err, errNoElement):
		r.bad = ua.StatusBadIndexRangeNoData
	case err == nil && s.rank > 0:
		err = arrayError(s.kind)
	}
	if r.err = err; err == nil && s.kind != ua.TypeIDNull {
		r.value, r.err = scalarOf(s.kind, s.body)
	}
	if p.tag.Type == plant.KindText {
		r.value = known.named(r.value, s.typ)
	}
}

// named returns the name of a number, or v when it has none.
func (k *knowledge) named(v plant.Value, typ *dataType) plant.Value {
	names := k.names
	if typ != nil && typ.names != nil {
		names = typ.names
	}
	if kind := v.Kind(); names == nil || kind != plant.KindInt && kind != plant.KindUint {
		return v
	}
	if n, ok := v.Int(); ok && names[n] != "" {
		return plant.Text(names[n])
	}
	return v
}

// as returns the value in the declared kind; KindNone keeps the kind that
// came. A null stays without value.
func (r *reading) as(kind plant.Kind) (plant.Value, error) {
	if r.err != nil || r.value.Kind() == plant.KindNone {
		return plant.Value{}, r.err
	}
	value, ok := r.value.As(kind)
	if !ok {
		return plant.Value{}, fmt.Errorf("value of type %s: want %s", r.kind, kind)
	}
	return value, nil
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

// dateText is a DateTime as a value.
func dateText(t time.Time) plant.Value {
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
		return dateText(x), nil
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
		return plant.Value{}, arrayError(v.Type())
	}
	return plant.Value{}, structureError(v.Type())
}

func arrayError(kind ua.TypeID) error { return fmt.Errorf("array of %s: want a scalar", kind) }

func structureError(kind ua.TypeID) error {
	return fmt.Errorf("value of type %s: want a number, a boolean or text", kind)
}
