package opcua_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/opcua"
	"andon/plant"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // the library reports its address space there
	os.Exit(m.Run())
}

// shared returns the server of all tests that do not cut or configure it:
// building its address space takes a second.
var shared = sync.OnceValues(func() (*opcua.Server, error) {
	o := opcua.Options{Listen: "127.0.0.1:0", Plant: northfield.Plant()}
	return opcua.Start(context.Background(), o, zeros(o.Plant)) // ends with the process
})

// signal returns a signal of the plant by equipment and name.
func signal(t *testing.T, equipment, name string) *northfield.Signal {
	t.Helper()
	for _, eq := range northfield.Plant() {
		if eq.Name == equipment {
			s, err := eq.Signal(name)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatalf("no equipment %s", equipment)
	return nil
}

// zeros are values for all nodes, each the zero of its type.
func zeros(equipment []*northfield.Equipment) []opcua.Value {
	var values []opcua.Value
	for _, eq := range equipment {
		for i := range eq.Signals {
			if s := &eq.Signals[i]; s.Node != "" {
				values = append(values, opcua.Value{Signal: s, Value: plant.Int(0), Time: start})
			}
		}
	}
	return values
}

// serve starts a server for one test.
func serve(t *testing.T, o opcua.Options) *opcua.Server {
	t.Helper()
	o.Listen, o.Plant = "127.0.0.1:0", northfield.Plant()
	s, err := opcua.Start(t.Context(), o, zeros(o.Plant))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// running returns the shared server, all its nodes at zero.
func running(t *testing.T) *opcua.Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	s.Write(zeros(northfield.Plant()))
	return s
}

func connect(t *testing.T, s *opcua.Server, opts ...gopcua.Option) *gopcua.Client {
	t.Helper()
	c, err := gopcua.NewClient(s.URL(), append(opts, gopcua.AutoReconnect(false))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Connect(t.Context()); err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) }) // some tests cut it
	return c
}

// A subscription is how a client watches one node.
type subscription struct {
	node     string
	interval time.Duration
	queue    uint32
}

// monitor subscribes to one node and returns what arrives.
func monitor(t *testing.T, c *gopcua.Client, o subscription) <-chan *ua.DataValue {
	t.Helper()
	notes := make(chan *gopcua.PublishNotificationData, 100)
	sub, err := c.Subscribe(t.Context(), &gopcua.SubscriptionParameters{Interval: o.interval}, notes)
	if err != nil {
		t.Fatal(err)
	}
	req := gopcua.NewMonitoredItemCreateRequestWithDefaults(ua.NewStringNodeID(2, o.node), ua.AttributeIDValue, 7)
	req.RequestedParameters.QueueSize = o.queue
	res, err := sub.Monitor(t.Context(), ua.TimestampsToReturnBoth, req)
	if err != nil || res.Results[0].StatusCode != ua.StatusOK {
		t.Fatalf("monitor %s: %v %v", o.node, err, res)
	}
	out := make(chan *ua.DataValue, 1000)
	go func() {
		for {
			select {
			case <-t.Context().Done():
				return
			case n := <-notes:
				dc, ok := n.Value.(*ua.DataChangeNotification)
				if !ok {
					continue
				}
				for _, it := range dc.MonitoredItems {
					out <- it.Value
				}
			}
		}
	}()
	return out
}

func next(t *testing.T, values <-chan *ua.DataValue) *ua.DataValue {
	t.Helper()
	select {
	case v := <-values:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("no value within 10 s")
		return nil
	}
}

// A client that publishes every 250 ms sees each of the changes made 50 ms
// apart, in order and with the plant's time stamp.
func TestSlowClientSeesEveryChange(t *testing.T) {
	s := running(t)
	values := monitor(t, connect(t, s), subscription{"LineA.A1.Admin.ProdProcessedCount", 250 * time.Millisecond, 100})
	next(t, values) // initial value
	total := signal(t, "A1", "total")
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	const changes = 20
	for i := 1; i <= changes; i++ {
		<-tick.C
		s.Write([]opcua.Value{{Signal: total, Value: plant.Uint(uint64(i)), Time: start.Add(time.Duration(i) * time.Second)}})
	}
	for i := 1; i <= changes; i++ {
		v := next(t, values)
		if got, want := v.Value.Value(), uint32(i); got != want {
			t.Fatalf("value %d: got %v, want %v", i, got, want)
		}
		if got, want := v.SourceTimestamp, start.Add(time.Duration(i)*time.Second); !got.Equal(want) {
			t.Errorf("time of %d: got %s, want %s", i, got, want)
		}
	}
}

func TestQueueOfOneKeepsTheLastValue(t *testing.T) {
	s := running(t)
	values := monitor(t, connect(t, s), subscription{"LineB.B1.Shots", 500 * time.Millisecond, 1})
	next(t, values)
	shots := signal(t, "B1", "shots")
	var all []opcua.Value
	for i := 1; i <= 5; i++ {
		all = append(all, opcua.Value{Signal: shots, Value: plant.Uint(uint64(i)), Time: start.Add(time.Duration(i) * time.Second)})
	}
	s.Write(all)
	if got, want := next(t, values).Value.Value(), uint32(5); got != want {
		t.Errorf("got %v, want the last value %v", got, want)
	}
}

func TestOverflowIsTold(t *testing.T) {
	s := running(t)
	values := monitor(t, connect(t, s), subscription{"LineB.B1.Shots", 500 * time.Millisecond, 3})
	next(t, values)
	shots := signal(t, "B1", "shots")
	var all []opcua.Value
	for i := 1; i <= 5; i++ {
		all = append(all, opcua.Value{Signal: shots, Value: plant.Uint(uint64(i)), Time: start.Add(time.Duration(i) * time.Second)})
	}
	s.Write(all)
	for i, want := range []string{"3 0x480", "4 0x0", "5 0x0"} {
		v := next(t, values)
		if got := fmt.Sprintf("%v 0x%X", v.Value.Value(), uint32(v.Status)); got != want {
			t.Errorf("value %d: got %s, want %s", i, got, want)
		}
	}
}

func TestBadStatusComesWithoutAValue(t *testing.T) {
	s := running(t)
	values := monitor(t, connect(t, s), subscription{"LineA.A1.Energy.kWh", 100 * time.Millisecond, 10})
	next(t, values)
	s.Write([]opcua.Value{{Signal: signal(t, "A1", "energy"), Status: plant.BadNoCommunication, Time: start.Add(time.Second)}})
	v := next(t, values)
	if v.Status != ua.StatusBadNoCommunication || v.Value.Value() != nil || !v.SourceTimestamp.Equal(start.Add(time.Second)) {
		t.Errorf("got %v %v at %s, want Bad_NoCommunication without value", v.Status, v.Value, v.SourceTimestamp)
	}
}
