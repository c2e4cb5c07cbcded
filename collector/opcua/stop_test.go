package opcua_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// Servers admit few sessions: one that nobody closes is missing until its time
// is over, a minute later.
func TestASessionThatIsBeingMadeWhenAndonStopsIsClosed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		again bool // the session is that of a connection that was lost
		at    func(ua.Request) bool
	}{
		"as the user logs in":       {at: is[*ua.ActivateSessionRequest]},
		"as the server is asked":    {at: is[*ua.ReadRequest]},
		"as the session goes on":    {again: true, at: is[*ua.ActivateSessionRequest]},
		"after the session went on": {again: true, at: is[*ua.ReadRequest]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, opcuatest.Options{})
			tag := r.add("Total", plant.KindInt, int64(1))
			src := r.source()
			rigid := fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported)
			r.server.Intercept(rigid)
			if c.again {
				ended := make(chan error, 1)
				go func() { ended <- src.Run(t.Context(), r.sink, &collector.Status{}) }()
				r.sink.WaitValue(t, tag, plant.Int(1))
				r.server.Cut()
				if err := <-ended; err == nil {
					t.Fatal("Run: got nil after the connection was cut, want an error")
				}
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var reached atomic.Bool
			r.server.Intercept(func(req ua.Request) ua.StatusCode {
				if c.at(req) {
					reached.Store(true)
					stop()
				}
				return rigid(req)
			})
			if err := src.Run(ctx, r.sink, &collector.Status{}); err != nil {
				t.Errorf("Run: got error %v after the stop, want nil", err)
			}
			if !reached.Load() {
				t.Error("andon stopped before it should")
			}
			r.wait("no session left", func() bool { return r.server.Counts().SessionsActive == 0 })
		})
	}
}

func is[T ua.Request](req ua.Request) bool {
	_, ok := req.(T)
	return ok
}
