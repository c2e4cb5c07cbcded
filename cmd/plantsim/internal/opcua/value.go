package opcua

import (
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/plant"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// A Value is what a node shows from Time on.
type Value struct {
	Signal *northfield.Signal
	Value  plant.Value
	Status plant.Status
	Time   time.Time
}

// dataValue encodes v. The plant's clock sets both time stamps.
func (v Value) dataValue() *ua.DataValue {
	dv := &ua.DataValue{
		EncodingMask:    ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp,
		SourceTimestamp: v.Time.UTC(),
		ServerTimestamp: v.Time.UTC(),
	}
	if v.Value.Kind() != plant.KindNone {
		dv.EncodingMask |= ua.DataValueValue
		dv.Value = variant(v.Signal.Type, v.Value)
	}
	if v.Status != plant.Good {
		dv.EncodingMask |= ua.DataValueStatusCode
		dv.Status = ua.StatusCode(v.Status)
	}
	return dv
}

func variant(t northfield.Type, v plant.Value) *ua.Variant {
	n, _ := v.Int()
	f, _ := v.Float()
	switch t {
	case northfield.Boolean:
		b, _ := v.Bool()
		return ua.MustVariant(b)
	case northfield.Int32:
		return ua.MustVariant(int32(n))
	case northfield.UInt16:
		return ua.MustVariant(uint16(n))
	case northfield.UInt32:
		return ua.MustVariant(uint32(n))
	case northfield.Float:
		return ua.MustVariant(float32(f))
	case northfield.Double:
		return ua.MustVariant(f)
	}
	s, _ := v.Text()
	return ua.MustVariant(s)
}

// dataType returns the identifier of t in namespace 0.
func dataType(t northfield.Type) uint32 {
	switch t {
	case northfield.Boolean:
		return id.Boolean
	case northfield.Int32:
		return id.Int32
	case northfield.UInt16:
		return id.UInt16
	case northfield.UInt32:
		return id.UInt32
	case northfield.Float:
		return id.Float
	case northfield.Double:
		return id.Double
	}
	return id.String
}

// stamped returns dv with the time stamps that a client asked for.
func stamped(dv *ua.DataValue, want ua.TimestampsToReturn) *ua.DataValue {
	drop := map[ua.TimestampsToReturn]byte{
		ua.TimestampsToReturnSource:  ua.DataValueServerTimestamp,
		ua.TimestampsToReturnServer:  ua.DataValueSourceTimestamp,
		ua.TimestampsToReturnNeither: ua.DataValueServerTimestamp | ua.DataValueSourceTimestamp,
	}[want]
	if drop == 0 {
		return dv
	}
	c := *dv
	c.EncodingMask &^= drop
	return &c
}
