package opcua_test

import (
	"fmt"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/opcua"
	"andon/plant"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
)

// A collector that lost its connection can take its subscription over with a
// new session and finds every change of the meantime.
func TestSubscriptionOutlivesItsConnection(t *testing.T) {
	s := serve(t, opcua.Options{})
	first := connect(t, s)
	notes := make(chan *gopcua.PublishNotificationData, 10)
	sub, err := first.Subscribe(t.Context(), &gopcua.SubscriptionParameters{Interval: 50 * time.Millisecond}, notes)
	if err != nil {
		t.Fatal(err)
	}
	req := gopcua.NewMonitoredItemCreateRequestWithDefaults(ua.NewStringNodeID(2, "LineB.B1.Shots"), ua.AttributeIDValue, 7)
	req.RequestedParameters.QueueSize = 100
	if _, err := sub.Monitor(t.Context(), ua.TimestampsToReturnBoth, req); err != nil {
		t.Fatal(err)
	}
	s.Cut(t.Context())
	shots := signal(t, "B1", "shots")
	for i := 1; i <= 3; i++ {
		s.Write([]opcua.Value{{Signal: shots, Value: plant.Uint(uint64(i)), Time: start.Add(time.Duration(i) * time.Second)}})
	}
	if err := s.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := transferred(t, connect(t, s), sub.SubscriptionID)
	if want := "[1 2 3]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// transferred takes a subscription over and publishes until it has told 3.
func transferred(t *testing.T, c *gopcua.Client, sub uint32) []any {
	t.Helper()
	err := c.Send(t.Context(), &ua.TransferSubscriptionsRequest{SubscriptionIDs: []uint32{sub}}, func(r ua.Response) error {
		if res := r.(*ua.TransferSubscriptionsResponse); res.Results[0].StatusCode != ua.StatusOK {
			return res.Results[0].StatusCode
		}
		return nil
	})
	if err != nil {
		t.Fatalf("transfer: %v", err)
	}
	var got []any
	for len(got) < 3 {
		err := c.Send(t.Context(), &ua.PublishRequest{SubscriptionAcknowledgements: []*ua.SubscriptionAcknowledgement{}}, func(r ua.Response) error {
			for _, d := range r.(*ua.PublishResponse).NotificationMessage.NotificationData {
				for _, it := range d.Value.(*ua.DataChangeNotification).MonitoredItems {
					if n := it.Value.Value.Value(); n != uint32(0) {
						got = append(got, n)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("publish: %v", err)
		}
	}
	return got
}

func TestCutRefusesConnectionsUntilRestored(t *testing.T) {
	s := serve(t, opcua.Options{})
	c := connect(t, s)
	s.Cut(t.Context())
	if _, err := c.Node(ua.NewStringNodeID(2, "LineB.B1.Shots")).Value(t.Context()); err == nil {
		t.Error("got a value over a cut connection, want an error")
	}
	again, err := gopcua.NewClient(s.URL(), gopcua.AutoReconnect(false))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Connect(t.Context()); err == nil {
		t.Error("connected while cut, want an error")
	}
	if err := s.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := connect(t, s).Node(ua.NewStringNodeID(2, "LineB.B1.Shots")).Value(t.Context())
	if err != nil || v.Value() != uint32(0) {
		t.Errorf("after restore: got %v %v, want 0", v, err)
	}
}
