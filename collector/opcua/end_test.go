package opcua_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// The server has no more of what it sent before it ended the subscription.
func TestValuesThatCameBeforeTheEndOfTheSubscriptionAreKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ slow, missing bool }{
		"at once":               {},
		"while the bus is slow": {slow: true},
		"while the bus is slow and a node is looked for": {slow: true, missing: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endAfterValues(t, c.slow, c.missing)
		})
	}
}

// endAfterValues has a server end the subscription after many values, and looks
// for each. The bus may be slow, and andon be looking for a missing node.
func endAfterValues(t *testing.T, slow, missing bool) {
	t.Helper()
	const values = 900
	r := newRig(t, opcuatest.Options{})
	var tags []*plant.Tag
	for i := range 3 {
		tags = append(tags, r.add(fmt.Sprintf("Total%d", i), plant.KindInt, int64(0)))
	}
	if missing {
		r.addTag("Missing", plant.KindInt, "ns=2;s=LineA.A1.Missing")
	}
	x := r.run()
	for _, tag := range tags {
		r.sink.WaitValue(t, tag, plant.Int(0))
	}
	if slow {
		r.sink.Block()
	}
	for i := range int64(values) {
		for _, tag := range tags {
			r.set(tag, i+1, 0)
		}
	}
	r.server.EndSubscriptions(ua.StatusBadTimeout)
	if slow {
		r.wait("the end of the subscription", func() bool { return r.server.Counts().Subscriptions == 0 })
		if missing {
			r.wait("a refusal to look for the node", func() bool {
				n, _ := r.counter("andon_opcua_faults_total", "CreateMonitoredItems")
				return n > 0
			})
		}
		r.sink.Unblock()
	}
	if err := x.fails(); !errors.Is(err, ua.StatusBadTimeout) {
		t.Errorf("Run: got error %v, want the server's %v", err, ua.StatusBadTimeout)
	}
	for _, tag := range tags {
		if got := len(r.samples(tag)); got != values+1 {
			t.Errorf("%s: got %d samples, want all %d", tag.Name, got, values+1)
		}
	}
}
