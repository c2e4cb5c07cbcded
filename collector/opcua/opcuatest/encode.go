package opcuatest

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
)

// Moment is when the values of Notification come to be, one second after the
// source had them.
func Moment() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// Notification is a notification with a value for each of the first handles.
func Notification(values ...any) *ua.DataChangeNotification {
	d := &ua.DataChangeNotification{}
	for i, v := range values {
		d.MonitoredItems = append(d.MonitoredItems, &ua.MonitoredItemNotification{ClientHandle: uint32(i), Value: &ua.DataValue{
			EncodingMask: ua.DataValueValue | ua.DataValueStatusCode | ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp |
				ua.DataValueSourcePicoseconds | ua.DataValueServerPicoseconds,
			Value: ua.MustVariant(v), Status: ua.StatusUncertainLastUsableValue, SourceTimestamp: Moment().Add(-time.Second), ServerTimestamp: Moment(),
		}})
	}
	return d
}

// Encode encodes what gopcua can, and ends the test of what it cannot.
func Encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := ua.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// EveryType returns a value of each type that a server may send.
func EveryType() []any {
	return []any{
		true, false, int8(-5), uint8(250), int16(-300), uint16(65535), int32(math.MinInt32), uint32(math.MaxUint32), int64(math.MinInt64),
		uint64(math.MaxUint64), float32(0.5), float32(math.NaN()), math.Pi, math.NaN(), math.Inf(-1), "RUN", "", "Störung", Moment(), time.Time{},
		[]byte("E-310"), []byte{0xff}, ua.XMLElement("<a/>"), ua.NewGUID("AAAABBBB-CCDD-EEFF-0101-0123456789AB"), ua.NewStringNodeID(2, "Press"),
		ua.NewStringExpandedNodeID(2, "Press"), ua.StatusBadNoCommunication, &ua.QualifiedName{Name: "Press"}, ua.NewLocalizedText("Störung"),
		[]int32{1, 2}, []string{}, []float64{1.5}, [][]int16{{1, 2}, {3, 4}}, ua.ByteArray{1, 2}, ua.MustVariant("x"), nil,
	}
}

// Words are numbers of 32 bits as they are sent.
func Words(list ...int32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// Carrying is an encoded notification with one value, whose variant is b.
func Carrying(b ...byte) []byte {
	n := binary.LittleEndian.AppendUint32(nil, 1)
	n = append(n, 0, 0, 0, 0, ua.DataValueValue)
	n = append(n, b...)
	return append(n, 0xff, 0xff, 0xff, 0xff) // no diagnostics
}
