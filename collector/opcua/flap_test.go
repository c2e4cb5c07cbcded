package opcua_test

import (
	"sync/atomic"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A link that flaps has the server asked for small messages. That must not stay
// so, or what changes at once no longer fits into its queues.
func TestAServerBehindALinkThatFlappedIsAskedForLargeMessagesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	var flapping atomic.Bool
	var publishes, size atomic.Int64 // requests while it flaps, and what messages may have
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		switch q := req.(type) {
		case *ua.ModifySubscriptionRequest:
			size.Store(int64(q.MaxNotificationsPerPublish))
		case *ua.PublishRequest:
			if flapping.Load() {
				publishes.Add(1)
				return ua.StatusBadTooManyOperations
			}
		}
		return ua.StatusOK
	})
	r.supervise()
	r.sink.WaitValue(t, tag, plant.Int(0))
	flapping.Store(true)
	for cuts := 0; size.Load() == 0; cuts++ {
		if cuts == 20 {
			t.Fatal("after 20 cuts: got no wish for smaller messages")
		}
		before := publishes.Load()
		r.wait("a session that waits for messages", func() bool { return publishes.Load() > before })
		r.server.Cut()
	}
	flapping.Store(false)
	var changes []opcuatest.Change
	const last = 900
	for v := range int64(last) {
		changes = append(changes, opcuatest.Change{Node: "LineA.A1.Total", Value: opcuatest.Value{V: v + 1}})
	}
	if err := r.server.SetAll(changes); err != nil {
		t.Fatal(err)
	}
	r.sink.WaitValue(t, tag, plant.Int(last))
	small := size.Load()
	r.server.Cut()
	r.wait("a wish for larger messages", func() bool { return size.Load() > small })
	if got := r.event("lost"); got != 0 {
		t.Errorf("lost notifications: got %v, want none", got)
	}
}
