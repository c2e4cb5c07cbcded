package limits

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
)

// OPCUA is a gopcua subscription that only counts values.
type OPCUA struct {
	URL   string // opc.tcp://host:port
	Nodes int
}

// itemsPerCall keeps a request small.
const itemsPerCall = 1000

// Run subscribes to the nodes of the load server and counts until in ends.
func (o OPCUA) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	client, err := opcua.NewClient(o.URL, opcua.SecurityMode(ua.MessageSecurityModeNone), opcua.AutoReconnect(false))
	if err != nil {
		return fmt.Errorf("make a client for %s: %w", o.URL, err)
	}
	if err := client.Connect(ctx); err != nil {
		return fmt.Errorf("connect to %s: %w", o.URL, err)
	}
	defer client.Close(ctx)
	notifications := make(chan *opcua.PublishNotificationData, 64) // the client waits when it is full
	sub, err := client.Subscribe(ctx, &opcua.SubscriptionParameters{Interval: 100 * time.Millisecond}, notifications)
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	counting, stop := context.WithCancel(ctx)
	var n atomic.Int64
	counted := make(chan struct{})
	go func() {
		defer close(counted)
		count(counting, notifications, &n)
	}()
	defer func() { stop(); <-counted }()
	if err := o.monitor(ctx, sub); err != nil {
		return err
	}
	return serve(in, out, n.Load)
}

func (o OPCUA) monitor(ctx context.Context, sub *opcua.Subscription) error {
	for from := 0; from < o.Nodes; from += itemsPerCall {
		var items []*ua.MonitoredItemCreateRequest
		for i := from; i < min(from+itemsPerCall, o.Nodes); i++ {
			items = append(items, opcua.NewMonitoredItemCreateRequestWithDefaults(ua.NewStringNodeID(1, fmt.Sprintf("n%05d", i)), ua.AttributeIDValue, uint32(i)))
		}
		resp, err := sub.Monitor(ctx, ua.TimestampsToReturnBoth, items...)
		if err != nil {
			return fmt.Errorf("monitor items from %d: %w", from, err)
		}
		for i, r := range resp.Results {
			if r.StatusCode != ua.StatusOK {
				return fmt.Errorf("monitor item %d: %w", from+i, r.StatusCode)
			}
		}
	}
	return nil
}

func count(ctx context.Context, notifications <-chan *opcua.PublishNotificationData, n *atomic.Int64) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-notifications:
			if change, ok := p.Value.(*ua.DataChangeNotification); ok {
				n.Add(int64(len(change.MonitoredItems)))
			}
		}
	}
}

// decodeItems is how many values the message of Decode holds.
const decodeItems = 1000

// Decode decodes one publish response of 1,000 floats over and over until in
// ends.
func Decode(in io.Reader, out io.Writer) error {
	message, err := publishResponse()
	if err != nil {
		return err
	}
	var n atomic.Int64
	var failure error
	var stop atomic.Bool
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for !stop.Load() && failure == nil {
			_, _, failure = ua.DecodeService(message)
			n.Add(decodeItems)
		}
	}()
	err = serve(in, out, n.Load)
	stop.Store(true)
	<-stopped
	return errors.Join(err, failure)
}

func publishResponse() ([]byte, error) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	change := &ua.DataChangeNotification{}
	for i := range decodeItems {
		change.MonitoredItems = append(change.MonitoredItems, &ua.MonitoredItemNotification{ClientHandle: uint32(i), Value: &ua.DataValue{
			EncodingMask: ua.DataValueValue | ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp,
			Value:        ua.MustVariant(float32(40 + i)), SourceTimestamp: at, ServerTimestamp: at,
		}})
	}
	body, err := ua.Encode(&ua.PublishResponse{
		ResponseHeader: &ua.ResponseHeader{Timestamp: at, ServiceDiagnostics: &ua.DiagnosticInfo{}, AdditionalHeader: ua.NewExtensionObject(nil)},
		NotificationMessage: &ua.NotificationMessage{
			SequenceNumber: 1, PublishTime: at, NotificationData: []*ua.ExtensionObject{ua.NewExtensionObject(change)},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("encode a publish response: %w", err)
	}
	id, err := ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(&ua.PublishResponse{})).Encode()
	if err != nil {
		return nil, fmt.Errorf("encode the type of a publish response: %w", err)
	}
	return append(id, body...), nil
}
