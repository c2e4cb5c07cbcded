package opcuatest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gopcua/opcua"
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

// connect uses gopcua's own client, so that the server is checked by code
// that was not written for it.
func connect(t *testing.T, s *opcuatest.Server, opts ...opcua.Option) *opcua.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := opcua.NewClient(s.URL(), append(opts, opcua.AutoReconnect(false))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Connect(ctx); err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func TestAClientBrowsesAndReadsThePlant(t *testing.T) {
	s := opcuatest.Start(t, opcuatest.Options{})
	source := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s.Add("LineA.A1.Status.StateCurrent", int32(6))
	if err := s.Set("LineA.A1.Status.StateCurrent", opcuatest.Value{V: int32(5), Source: source}); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	node := c.Node(ua.NewNumericNodeID(0, id.ObjectsFolder))
	for _, want := range []string{"LineA", "A1", "Status", "StateCurrent"} {
		refs, err := node.ReferencedNodes(t.Context(), id.HierarchicalReferences, ua.BrowseDirectionForward, ua.NodeClassAll, true)
		if err != nil || len(refs) != 1 {
			t.Fatalf("browse to %s: got %d nodes, error %v; want 1 node", want, len(refs), err)
		}
		node = refs[0]
		name, err := node.BrowseName(t.Context())
		if err == nil && name.Name != want {
			t.Fatalf("browse name: got %q, want %q", name.Name, want)
		}
	}
	resp, err := c.Read(t.Context(), &ua.ReadRequest{
		NodesToRead:        []*ua.ReadValueID{{NodeID: node.ID}},
		TimestampsToReturn: ua.TimestampsToReturnBoth,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := resp.Results[0]
	if got.Value.Value() != int32(5) || !got.SourceTimestamp.Equal(source) {
		t.Errorf("value: got %v at %v, want 5 at %v", got.Value.Value(), got.SourceTimestamp, source)
	}
}

func TestASubscriberGetsEveryValueWithItsTimeStamp(t *testing.T) {
	s := opcuatest.Start(t, opcuatest.Options{})
	s.Add("LineA.A1.Energy.kWh", 0.5)
	// Requests of our own: gopcua's subscriptions sometimes begin with no publish
	// request at all.
	c := connect(t, s)
	sub := send[*ua.CreateSubscriptionResponse](t, c, &ua.CreateSubscriptionRequest{
		RequestedPublishingInterval: 10, RequestedLifetimeCount: 3000, RequestedMaxKeepAliveCount: 1000, PublishingEnabled: true,
	})
	item := opcua.NewMonitoredItemCreateRequestWithDefaults(ua.MustParseNodeID("ns=2;s=LineA.A1.Energy.kWh"), ua.AttributeIDValue, 1)
	item.RequestedParameters.QueueSize = 100
	send[*ua.CreateMonitoredItemsResponse](t, c, &ua.CreateMonitoredItemsRequest{
		SubscriptionID: sub.SubscriptionID, TimestampsToReturn: ua.TimestampsToReturnBoth, ItemsToCreate: []*ua.MonitoredItemCreateRequest{item},
	})
	for i := range 20 {
		if err := s.Set("LineA.A1.Energy.kWh", opcuatest.Value{V: float64(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	for want := 0.5; want <= 20; {
		resp := send[*ua.PublishResponse](t, c, &ua.PublishRequest{})
		for _, n := range resp.NotificationMessage.NotificationData {
			for _, m := range n.Value.(*ua.DataChangeNotification).MonitoredItems {
				if got := m.Value.Value.Value(); got != want || m.Value.SourceTimestamp.IsZero() {
					t.Fatalf("value: got %v at %v, want %v with a source time stamp", got, m.Value.SourceTimestamp, want)
				}
				want = float64(int(want)) + 1
			}
		}
	}
}

// send sends a request in the client's session.
func send[T ua.Response](t *testing.T, c *opcua.Client, req ua.Request) (resp T) {
	t.Helper()
	err := c.Send(t.Context(), req, func(r ua.Response) (err error) {
		var ok bool
		if resp, ok = r.(T); !ok {
			err = fmt.Errorf("got %T", r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}
