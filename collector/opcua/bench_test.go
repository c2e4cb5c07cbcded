package opcua

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
)

// benchValues is what a publish response of the benchmarks holds: the most
// that is asked for.
const benchValues = maxNotifications

// BenchmarkPublishResponse shows what gopcua takes to decode a value; see
// BenchmarkNotificationToSamples for what is done with it here. gopcua decodes
// by reflection, with two names built for each value, while a loop over
// ua.DataValue.Decode takes a sixth or seventh. There is no way to have that:
// its registries refuse another type for an id that they know, and the channel
// that would have the bytes decodes them itself.
func BenchmarkPublishResponse(b *testing.B) {
	wire := publishResponse(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ua.DecodeService(wire); err != nil {
			b.Fatal(err)
		}
	}
	perValue(b)
}

func perValue(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchValues, "ns/value")
}

// publishResponse is a response as a server sends it.
func publishResponse(b *testing.B) []byte {
	change := &ua.DataChangeNotification{}
	for i := range benchValues {
		var v any = float32(i)
		if i%5 == 4 {
			v = int32(i)
		}
		if i%10 == 0 {
			v = fmt.Sprintf("RUN %d", i)
		}
		at := received.Add(-time.Duration(i) * time.Millisecond)
		change.MonitoredItems = append(change.MonitoredItems, &ua.MonitoredItemNotification{ClientHandle: uint32(i), Value: &ua.DataValue{
			EncodingMask: ua.DataValueValue | ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp,
			Value:        ua.MustVariant(v), SourceTimestamp: at, ServerTimestamp: received,
		}})
	}
	resp := &ua.PublishResponse{
		ResponseHeader:           &ua.ResponseHeader{Timestamp: received, ServiceDiagnostics: &ua.DiagnosticInfo{}, AdditionalHeader: ua.NewExtensionObject(nil)},
		SubscriptionID:           1,
		AvailableSequenceNumbers: []uint32{1},
		NotificationMessage:      &ua.NotificationMessage{SequenceNumber: 1, PublishTime: received, NotificationData: []*ua.ExtensionObject{ua.NewExtensionObject(change)}},
	}
	typeID := ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(resp))
	head, err := typeID.Encode()
	if err != nil {
		b.Fatal(err)
	}
	body, err := ua.Encode(resp)
	if err != nil {
		b.Fatal(err)
	}
	return append(head, body...)
}
