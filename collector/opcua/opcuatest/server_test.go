package opcuatest_test

import (
	"context"
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
	c := connect(t, s)
	notes := make(chan *opcua.PublishNotificationData, 10)
	sub, err := c.Subscribe(t.Context(), &opcua.SubscriptionParameters{Interval: 10 * time.Millisecond}, notes)
	if err != nil {
		t.Fatal(err)
	}
	item := opcua.NewMonitoredItemCreateRequestWithDefaults(ua.MustParseNodeID("ns=2;s=LineA.A1.Energy.kWh"), ua.AttributeIDValue, 1)
	item.RequestedParameters.QueueSize = 100
	if _, err := sub.Monitor(t.Context(), ua.TimestampsToReturnBoth, item); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := s.Set("LineA.A1.Energy.kWh", opcuatest.Value{V: float64(i + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	want := 0.5
	for limit := time.After(10 * time.Second); want <= 20; {
		select {
		case n := <-notes:
			data, ok := n.Value.(*ua.DataChangeNotification)
			if !ok {
				continue
			}
			for _, m := range data.MonitoredItems {
				if got := m.Value.Value.Value(); got != want {
					t.Fatalf("value: got %v, want %v", got, want)
				}
				if m.Value.SourceTimestamp.IsZero() {
					t.Fatalf("value %v has no source time stamp", want)
				}
				want = float64(int(want)) + 1
			}
		case <-limit:
			t.Fatalf("value %v did not come", want)
		}
	}
}
