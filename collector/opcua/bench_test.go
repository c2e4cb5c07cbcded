package opcua

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/wire"
)

// benchValues is what a publish response of the benchmarks holds: the most
// that is asked for.
const benchValues = maxNotifications

// BenchmarkPublishResponse is the whole way of a publish response, from its
// bytes to the samples that the Sink gets: as it is taken, and with gopcua's
// own decoding, which works by reflection and builds two names for each value.
func BenchmarkPublishResponse(b *testing.B) {
	sent := publishResponse(b)
	b.Run("ours", func(b *testing.B) {
		wire.Register()
		sub := benchSubscription(benchValues)
		b.ReportAllocs()
		for b.Loop() {
			_, resp, err := ua.DecodeService(sent)
			if err != nil {
				b.Fatal(err)
			}
			toSamples(b, sub, resp.(*ua.PublishResponse).NotificationMessage.NotificationData)
		}
		perValue(b)
	})
	b.Run("gopcuas", func(b *testing.B) {
		change := opcuatest.Encode(b, notification())
		sub := benchSubscription(benchValues)
		b.ReportAllocs()
		for b.Loop() {
			var d ua.DataChangeNotification
			if _, err := ua.Decode(change, &d); err != nil {
				b.Fatal(err)
			}
			toSamples(b, sub, []*ua.ExtensionObject{{Value: &d}})
		}
		perValue(b)
	})
}

func toSamples(b *testing.B, sub *subscription, data []*ua.ExtensionObject) {
	samples, _, err := sub.samples([]message{{seq: 1, data: data}}, received)
	if err != nil || len(samples) != benchValues {
		b.Fatalf("got %d samples, error %v", len(samples), err)
	}
}

func perValue(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchValues, "ns/value")
}

// notification has values such as a plant's: numbers, and a text now and then.
func notification() *ua.DataChangeNotification {
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
	return change
}

// publishResponse is a response as a server sends it.
func publishResponse(b *testing.B) []byte {
	resp := &ua.PublishResponse{
		ResponseHeader:           &ua.ResponseHeader{Timestamp: received, ServiceDiagnostics: &ua.DiagnosticInfo{}, AdditionalHeader: ua.NewExtensionObject(nil)},
		SubscriptionID:           1,
		AvailableSequenceNumbers: []uint32{1},
		NotificationMessage:      &ua.NotificationMessage{SequenceNumber: 1, PublishTime: received, NotificationData: []*ua.ExtensionObject{ua.NewExtensionObject(notification())}},
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
