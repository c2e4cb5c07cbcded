package opcua_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A server that sends all it has in one message may send one that nobody takes.
func TestAMessageIsAskedToHaveAThousandNotificationsAtMost(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	var mu sync.Mutex
	var most []uint32
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if c, ok := req.(*ua.CreateSubscriptionRequest); ok {
			mu.Lock()
			defer mu.Unlock()
			most = append(most, c.MaxNotificationsPerPublish)
		}
		return ua.StatusOK
	})
	r.start()
	r.countBoth(fast, slow, 1, 10)
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(most, []uint32{1000, 1000}) {
		t.Errorf("most notifications in a message: got %v, want 1000 for both subscriptions", most)
	}
}

func TestEachItemIsSampledAsItsGroupSays(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	fast, slow := 50*time.Millisecond, 2500*time.Microsecond
	r.config.SamplingInterval = time.Second
	r.config.Groups = []opcua.Group{
		{Tags: "northfield/packing/lineA/A1/Vibration", SamplingInterval: &fast, QueueSize: 7, Discard: opcua.DiscardNewest},
		{Tags: "northfield/packing/lineA/A1/Torque", SamplingInterval: &slow},
		{Tags: "northfield/packing/lineA/A1/State", SamplingInterval: new(time.Duration)},
	}
	for _, name := range []string{"Vibration", "Torque", "State", "Total"} {
		r.add(name, plant.KindInt, int64(1))
	}
	var mu sync.Mutex
	got := map[string]string{}
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if c, ok := req.(*ua.CreateMonitoredItemsRequest); ok {
			mu.Lock()
			defer mu.Unlock()
			for _, x := range c.ItemsToCreate {
				p := x.RequestedParameters
				got[x.ItemToMonitor.NodeID.StringID()] = fmt.Sprint(p.SamplingInterval, p.QueueSize, p.DiscardOldest)
			}
		}
		return ua.StatusOK
	})
	r.start()
	r.waitAll(r.tags)
	mu.Lock()
	defer mu.Unlock()
	for name, want := range map[string]string{
		"Vibration": "50 7 false",
		"Torque":    "2.5 1000 true",
		"State":     "-1 1000 true", // as often as it publishes
		"Total":     "1000 1000 true",
	} {
		if got := got["LineA.A1."+name]; got != want {
			t.Errorf("%s: got sampling interval, queue and discard %s, want %s", name, got, want)
		}
	}
}

func TestADeadbandInPercentIsThatOfTheServersRange(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.Deadband = opcua.Deadband{Percent: 10, Absolute: 1}
	ranged, plain := r.add("Ranged", plant.KindFloat, 0.0), r.add("Plain", plant.KindFloat, 0.0)
	r.server.SetSpan("LineA.A1.Ranged", 50) // so that 5 is the deadband
	r.start()
	r.waitAll(r.tags)
	for _, v := range []float64{0.5, 4, 6, 10, 12} {
		r.set(ranged, v, 0)
		r.set(plain, v, 0)
	}
	for tag, want := range map[*plant.Tag][]plant.Value{
		ranged: {plant.Float(0), plant.Float(6), plant.Float(12)},
		plain:  {plant.Float(0), plant.Float(4), plant.Float(6), plant.Float(10), plant.Float(12)}, // by the absolute one
	} {
		r.sink.WaitValue(t, tag, plant.Float(12))
		var got []plant.Value
		for _, s := range r.samples(tag) {
			got = append(got, s.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", tag.Name, got, want)
		}
	}
}

// Some servers do not say that a request is too large; they hang up.
func TestAServerThatHangsUpOnManyItemsIsAskedForFewer(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	const bears = 60
	for i := range 400 {
		r.add(fmt.Sprint("Total", i), plant.KindInt, int64(i))
	}
	var mu sync.Mutex
	var sizes []int // of the calls on which it hung up
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		c, ok := req.(*ua.CreateMonitoredItemsRequest)
		if !ok || len(c.ItemsToCreate) <= bears {
			return ua.StatusOK
		}
		mu.Lock()
		defer mu.Unlock()
		sizes = append(sizes, len(c.ItemsToCreate))
		r.server.Cut()
		return ua.StatusBadConnectionClosed // which nobody hears
	})
	r.supervise()
	r.waitAll(r.tags)
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(sizes, []int{400, 400, 200, 200, 100, 100}) { // a link may fail once
		t.Errorf("calls on which it hung up: got %v items, want 400, 200, 100, twice each", sizes)
	}
	if got := r.server.Counts(); got.MonitoredItems != 400 || got.LargestCreate > bears {
		t.Errorf("got %d items in calls of up to %d, want 400 in such of up to %d", got.MonitoredItems, got.LargestCreate, bears)
	}
}

// A request that the server finds one too many is not sent again and again.
func TestAServerIsNotPesteredWithPublishRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{Limits: opcuatest.Limits{Publish: 1}})
	r.config.KeepAlive = 400 * time.Millisecond
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.wait("the refusal of all but one", func() bool { return r.server.Counts().Faults >= 2 })
	before := r.event("keep_alive")
	r.wait("five keep-alives", func() bool { return r.event("keep_alive") >= before+5 })
	if got := r.server.Counts(); got.Faults != 2 || got.PublishWaiting > 1 {
		t.Errorf("got %d refusals and %d requests that wait, want 2, one for each too many, and 1", got.Faults, got.PublishWaiting)
	}
}
