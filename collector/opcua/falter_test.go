package opcua_test

import (
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

func TestAServerWhoseSessionsNeverLastIsLeftForAnother(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	w.second.SetServiceLevel(150)
	w.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.CreateSubscriptionRequest); ok {
			return ua.StatusBadOutOfMemory
		}
		return ua.StatusOK
	})
	status := w.supervised()
	w.waitVia(status, w.second)
	w.both(1)
	w.sink.WaitValue(t, w.tag, plant.Int(1))
	w.wait("trouble that the first one is of no use", func() bool {
		return strings.Contains(status.Health("").Troubles["redundancy"], w.server.URL()+" does not keep its sessions")
	})
	if got := status.Health("").Via; got != w.second.URL() {
		t.Errorf("via: got %s, want still the second server, %s", got, w.second.URL())
	}
}
